import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { EventFile } from '../../../src/core/tracking/tensorboard/eventFile.ts';
import { scalarsOf } from '../../../src/core/tracking/tensorboard/events.ts';
import { maskedChecksum, readRecords } from '../../../src/core/tracking/tensorboard/records.ts';
import { boardFolders, watchEventFiles, type BoardMetric } from '../../../src/core/tracking/tensorboard/watch.ts';

const fixture = (name: string): Promise<Buffer> => readFile(path.join(import.meta.dirname, 'fixtures', `${name}.tfevents`));

function record(data: Uint8Array): Buffer {
  const [length, sums] = [Buffer.alloc(8), [Buffer.alloc(4), Buffer.alloc(4)] as const];
  length.writeBigUInt64LE(BigInt(data.length));
  sums[0].writeUInt32LE(maskedChecksum(length));
  sums[1].writeUInt32LE(maskedChecksum(data));
  return Buffer.concat([length, sums[0], data, sums[1]]);
}

describe('event files of TensorBoard', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'board-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('give the scalars that tensorboardX wrote, and nothing of histograms and texts', async () => {
    const { records, damaged } = readRecords(await fixture('tensorboardx'));
    const scalars = records.flatMap(scalarsOf);
    assert.equal(damaged, false);
    const loss = scalars.filter((each) => each.tag === 'loss/train');
    assert.deepEqual(loss.map(({ step, at }) => [step, at]), [0, 1, 2, 3, 4].map((step) => [step, 1_700_000_000_000 + step * 1000]));
    assert.ok(loss.every(({ value, step }) => Math.abs(value - 1 / (step + 1)) < 1e-6));
    assert.deepEqual(scalars.filter((each) => each.tag !== 'loss/train').map(({ tag, value }) => [tag, value]), [['bad', Number.NaN]]);
  });

  it('give the scalar tensors that TensorFlow 2 writes, in single and double precision, and no others', async () => {
    const scalars = readRecords(await fixture('tensorflow2')).records.flatMap(scalarsOf);
    assert.deepEqual(scalars.map(({ tag, step, value }) => [tag, step, value]), [['epoch_loss', 0, 1], ['epoch_loss', 1, 0.5], ['epoch_loss', 2, 0.25], ['epoch_double', 7, 0.1]]);
  });

  it('are read the same however they are cut while they grow', async () => {
    const bytes = await fixture('tensorboardx');
    const whole = readRecords(bytes).records.length;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), async (cuts) => {
        const file = path.join(folder, 'growing');
        await writeFile(file, '');
        const reader = new EventFile(file);
        let count = 0;
        const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
        for (let index = 1; index < places.length; index += 1) {
          await appendFile(file, bytes.subarray(places[index - 1], places[index]));
          count += (await reader.readOn()).length;
        }
        assert.equal(count, 6);
        assert.equal(reader.damaged, false);
      }),
      { numRuns: 60 },
    );
    assert.ok(whole > 6);
  });

  it('stop at a wrong checksum, whichever byte is damaged, and never throw', async () => {
    const bytes = await fixture('tensorflow2');
    const intact = readRecords(bytes).records;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const broken = Buffer.from(bytes);
        broken[place] = (broken[place] ?? 0) ^ change;
        const { records, damaged, taken } = readRecords(broken);
        assert.ok(damaged);
        assert.ok(taken <= place);
        assert.deepEqual(records.map((each) => [...each]), intact.slice(0, records.length).map((each) => [...each]));
      }),
    );
  });

  it('hold any bytes in a record without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        const { records } = readRecords(record(data));
        assert.deepEqual([...(records[0] ?? [])], [...data]);
        assert.ok(Array.isArray(scalarsOf(data)));
      }),
    );
  });

  it('are checked with CRC-32C', () => {
    // The check value of CRC-32C, unmasked.
    const masked = maskedChecksum(Buffer.from('123456789'));
    const rotated = (masked - 0xa282ead8) >>> 0;
    assert.equal(((rotated << 15) | (rotated >>> 17)) >>> 0, 0xe3069283);
  });

  it('are found while a script writes them, by the run that they belong to', async () => {
    const [torch, keras] = [await fixture('tensorboardx'), await fixture('tensorflow2')];
    const name = (pid: number): string => `events.out.tfevents.1795516959.some.host.${pid}.0`;
    await mkdir(path.join(folder, 'logs', 'old'), { recursive: true });
    const old = path.join(folder, 'logs', 'old', name(1));
    await writeFile(old, torch);
    await utimes(old, 1000, 1000);
    const since = Date.now();
    const seen: BoardMetric[] = [];
    const damage: string[] = [];
    const ended = new AbortController();
    await pause(10);
    const watching = watchEventFiles({ folders: [folder, path.join(folder, 'logs')], since, isForeign: (pid) => pid === 666, record: (metrics) => seen.push(...metrics), onDamage: (file) => damage.push(file) }, ended.signal);
    for (const side of ['train', 'validation', 'mine', 'theirs', 'node_modules']) {
      await mkdir(path.join(folder, 'logs', side), { recursive: true });
    }
    const first = path.join(folder, 'logs', name(2));
    await writeFile(first, torch.subarray(0, 1000));
    while (seen.length === 0) {
      await pause(20);
    }
    await appendFile(first, torch.subarray(1000));
    await writeFile(path.join(folder, 'logs', 'train', `${name(2)}.v2`), keras);
    await writeFile(path.join(folder, 'logs', 'validation', `${name(2)}.v2`), Buffer.concat([keras, Buffer.alloc(40, 7)]));
    await writeFile(path.join(folder, 'logs', 'mine', name(3)), torch);
    await writeFile(path.join(folder, 'logs', 'theirs', name(666)), torch);
    await writeFile(path.join(folder, 'logs', 'node_modules', name(3)), torch);
    ended.abort();
    await watching;
    const keys = [...new Set(seen.map((each) => each.key))].sort();
    assert.deepEqual(keys, ['bad', 'loss/train', 'mine/bad', 'mine/loss/train', 'train/epoch_double', 'train/epoch_loss', 'validation/epoch_double', 'validation/epoch_loss']);
    assert.deepEqual(seen.filter((each) => each.key === 'loss/train').map((each) => each.step), [0, 1, 2, 3, 4]);
    assert.equal(seen.find((each) => each.key === 'bad')?.value, null);
    assert.deepEqual(damage, [path.join(folder, 'logs', 'validation', `${name(2)}.v2`)]);
  });

  it('lie where arguments say', () => {
    assert.deepEqual(boardFolders(['--log_dir', 'a', '--lr', '0.1', '--logdir=/b/c', '--tensorboard-dir', 'd', '--log-dir'], '/w'), ['/w/a', '/b/c', '/w/d']);
  });
});
