import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LineLog, type LineLogOptions } from '../../../src/core/serving/api.ts';

describe('the log of predictions', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'log-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const log = (options: Partial<LineLogOptions> = {}) => new LineLog({ folder, flush: 20, durable: false, onError: () => undefined, ...options });
  const content = async (): Promise<string> => (await Promise.all((await readdir(folder)).map((file) => readFile(path.join(folder, file), 'utf8')))).join('');
  const lines = async (): Promise<string[]> => (await content()).split('\n').filter(Boolean);

  it('writes within the flush interval, in order, into a file of its own', async () => {
    const own = log();
    await own.append(['1', '2']);
    await own.append(['3']);
    assert.deepEqual(await readdir(folder), []);
    while ((await content()) !== '1\n2\n3\n') {
      await pause(5);
    }
    const other = log({ folder });
    await pause(2);
    await other.append(['4']);
    await Promise.all([own.close(), other.close()]);
    assert.match((await readdir(folder))[0] ?? '', /^\d{4}-\d\d-\d\d-\d+-[a-z0-9]+\.ndjson$/);
    assert.deepEqual((await lines()).sort(), ['1', '2', '3', '4']);
  });

  it('has on disk what a durable append answered', async () => {
    const own = log({ durable: true, flush: 60_000 });
    await Promise.all(Array.from({ length: 200 }, (_, index) => own.append([String(index)])));
    assert.deepEqual(await lines(), Array.from({ length: 200 }, (_, index) => String(index)));
    await own.close();
  });

  it('keeps what a full disk refuses, and writes it once there is room, each line once', async () => {
    let full = true;
    const errors: Error[] = [];
    const file = path.join(folder, 'it.ndjson');
    const own = log({
      onError: (error) => errors.push(error),
      open: async () => {
        const handle = await open(file, 'a');
        // A disk that takes half a write, then nothing.
        handle.write = (async (buffer: Uint8Array) => {
          if (full && errors.length > 0) {
            throw new Error('ENOSPC');
          }
          const part = full ? buffer.subarray(0, Math.ceil(buffer.length / 2)) : buffer;
          await appendFile(file, part);
          if (full) {
            errors.push(new Error('half'));
          }
          return { bytesWritten: part.length, buffer };
        }) as typeof handle.write;
        return handle;
      },
    });
    await own.append(['first line', 'second line']);
    await assert.rejects(own.flush(), /could not be written/);
    await own.append(['third line']);
    assert.ok(errors.length > 1);
    full = false;
    await own.close();
    assert.deepEqual(await lines(), ['first line', 'second line', 'third line']);
  });

  it('refuses a durable append that the disk does not take', async function () {
    if (process.platform !== 'linux') {
      this.skip();
    }
    const errors: Error[] = [];
    const own = log({ durable: true, onError: (error) => errors.push(error), open: () => open('/dev/full', 'a') });
    await assert.rejects(own.append(['x']), /could not be written|no space/i);
    assert.match(errors[0]?.message ?? '', /ENOSPC/);
    await own.close();
  });

  it('loses at most the flush interval when the process is killed', async () => {
    const source = `
      import { LineLog } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../../src/core/serving/lineLog.ts'))};
      const log = new LineLog({ folder: ${JSON.stringify(folder)}, flush: 50, durable: false, onError: () => undefined });
      setInterval(() => { const at = Date.now(); void log.append([JSON.stringify({ at })]); process.stdout.write(at + '\\n'); }, 2);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    while (said.split('\n').length < 400) {
      await pause(10);
    }
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const appended = said.split('\n').filter(Boolean).map(Number);
    const kept = (await lines()).map((line) => (JSON.parse(line) as { at: number }).at);
    assert.deepEqual(kept, appended.slice(0, kept.length));
    const lost = (appended.at(-1) ?? 0) - (kept.at(-1) ?? 0);
    // Writing takes its time too, on a machine that is busy.
    assert.ok(lost < 50 + 250, `${lost} ms were lost`);
  });
});
