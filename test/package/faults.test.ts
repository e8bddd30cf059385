// What a tracking server must survive that no client does on purpose: artifacts of gigabytes, a disk that is really full.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { token, TrackingServer } from './trackingServer.ts';

interface Info {
  run_id: string;
  artifact_uri: string;
}

const newRun = async (server: TrackingServer): Promise<Info> => ((await server.ask('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).body as { run: { info: Info } }).run.info;

function artifact(server: TrackingServer, method: string, { artifact_uri }: Info, name: string, body?: ReadableStream | Buffer): Promise<Response> {
  const request = { method, headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body, duplex: 'half' }) };
  return fetch(`${server.uri}/api/2.0/mlflow-artifacts/artifacts/${artifact_uri.replace('mlflow-artifacts:/', '')}/${name}`, request as RequestInit);
}

describe('an artifact of more than two gigabytes', function () {
  this.timeout(300_000);
  const server = new TrackingServer();
  before(() => server.start());
  after(() => server.dispose());

  it('comes and goes through the server with flat memory', async function () {
    const { bavail, bsize } = statfsSync(server.folder);
    const [piece, pieces] = [Buffer.alloc(1_000_000), 2200];
    if (bavail * bsize < 2 * piece.length * pieces) {
      this.runnable().title += ' (there is too little room on the disk)';
      return this.skip();
    }
    const memory = (): number => (process.platform === 'linux' ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024 : 0);
    const run = await newRun(server);
    const before = memory();
    const sent = await artifact(server, 'PUT', run, 'large.bin', Readable.toWeb(Readable.from(Array.from({ length: pieces }, () => piece))) as ReadableStream);
    assert.equal(sent.status, 200, await sent.text());
    const listed = (await server.ask('GET', `artifacts/list?run_id=${run.run_id}`)).body as { files: { file_size: number }[] };
    assert.deepEqual(listed.files.map(({ file_size }) => file_size), [piece.length * pieces]);
    let received = 0;
    for await (const chunk of (await artifact(server, 'GET', run, 'large.bin')).body as unknown as AsyncIterable<Uint8Array>) {
      received += chunk.length;
    }
    assert.equal(received, piece.length * pieces);
    assert.ok(memory() - before < 150, `its memory grew by ${memory() - before} MB`);
  });
});

describe('a disk that is full', function () {
  this.timeout(120_000);
  let folder: string | null = null;
  afterEach(() => {
    if (folder !== null) {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses what does not fit whole, keeps what it acknowledged, and goes on once there is room', async function () {
    const made = mkdtempSync(path.join(os.tmpdir(), 'full-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', made], { stdio: 'pipe' });
      folder = made;
    } catch {
      rmSync(made, { recursive: true });
      this.runnable().title += ' (a small disk cannot be mounted here: it takes root on Linux)';
      return this.skip();
    }
    const server = new TrackingServer(made);
    try {
      await server.start();
      const run = await newRun(server);
      const filler = path.join(made, 'filler');
      const { bavail, bsize } = statfsSync(made);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 3_000_000)));
      let acknowledged = 0;
      const log = async (): Promise<{ status: number; body: Record<string, unknown> }> => {
        const metrics = Array.from({ length: 1000 }, (_, index) => ({ key: 'loss', value: Math.sin(acknowledged + index), timestamp: 1000 + acknowledged + index, step: acknowledged + index }));
        const answer = await server.ask('POST', 'runs/log-batch', { run_id: run.run_id, metrics });
        acknowledged += answer.status === 200 ? 1000 : 0;
        return answer;
      };
      const points = async (): Promise<number> => (await server.history(run.run_id)).points.length;
      let refused = await log();
      for (let batch = 0; batch < 1000 && refused.status === 200; batch += 1) {
        refused = await log();
      }
      assert.deepEqual([refused.status, refused.body['error_code']], [507, 'INSUFFICIENT_STORAGE'], JSON.stringify(refused.body));
      assert.ok(acknowledged > 0);
      assert.equal(await points(), acknowledged, 'all that was acknowledged, and nothing of what was refused');
      const upload = await artifact(server, 'PUT', run, 'model.bin', Buffer.alloc(8_000_000));
      assert.equal(upload.status, 507, await upload.text());
      assert.equal((await artifact(server, 'GET', run, 'model.bin')).status, 404);
      assert.deepEqual(readdirSync(path.join(made, '.ml', 'artifacts', '.incoming')), []);
      // Killed while the disk is full, and started again with room.
      await server.end('SIGKILL');
      rmSync(filler);
      await server.start();
      assert.equal(await points(), acknowledged);
      assert.equal((await log()).status, 200);
      assert.equal((await artifact(server, 'PUT', run, 'model.bin', Buffer.alloc(1_000_000))).status, 200);
      assert.equal(await points(), acknowledged);
      assert.ok(existsSync(path.join(made, '.ml', 'ml.db')));
    } finally {
      await server.end('SIGTERM');
    }
  });
});
