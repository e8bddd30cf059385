import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TrainRequest } from '../../../src/contracts/training.ts';
import { readTable, writeTable, type Table } from '../../../src/core/data/api.ts';
import { train, type TrainingHost, type TrainingOutcome } from '../../../src/core/training/api.ts';
import { holds, rowHashes } from '../../../src/core/training/fittedRows.ts';
import { problemOf } from '../../../src/core/training/problem.ts';
import { random } from '../../../src/core/training/random.ts';

const day = 86_400_000;

describe('what a training records', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'records-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const host: TrainingHost = { signal: new AbortController().signal, param: () => undefined, metric: () => undefined, tag: () => undefined, progress: () => undefined, log: () => undefined, holdoutLooks: 0 };
  const request = (change: Partial<TrainRequest>): TrainRequest => ({ file: 'x.csv', target: 'y', exclude: [], trainers: ['linear'], folds: 2, seed: 0, ...change });
  const series = (rows: number): Table => {
    const next = random(2);
    const numbers = (name: string, value: (row: number) => number, type: 'number' | 'date' = 'number'): Table['columns'][number] => ({ name, type, values: Float64Array.from({ length: rows }, (_, row) => value(row)) });
    return { rows, columns: [numbers('day', (row) => row * day, 'date'), numbers('lag', () => next()), numbers('weather', () => next()), numbers('games', (row) => row % 7), numbers('y', () => next())], sha256: 's', dropped: 0 };
  };
  const timed = (change: Partial<TrainRequest> = {}): TrainRequest => request({ split: 'time', time: 'day', ...change });
  const refused = (change: Partial<TrainRequest>, message: RegExp, field: string): void =>
    assert.throws(() => problemOf(timed(change), series(300)), (error: Error & { place?: { field?: string } }) => error.name === 'UserError' && message.test(error.message) && error.place?.field === field);

  it('leaves out what is observed only with the row, where there is a horizon', () => {
    const problem = problemOf(timed({ horizon: 14, observed: ['weather'], known: ['lag'] }), series(300));
    assert.deepEqual(problem.features.map(({ name }) => name), ['day', 'lag', 'games']);
    assert.deepEqual(problem.excluded, [{ column: 'weather', reason: 'it is `observed`: 14 rows ahead it is not known yet' }]);
    assert.deepEqual(problem.undeclared, ['games']);
    const without = problemOf(timed({ observed: ['weather'], known: ['lag'] }), series(300));
    assert.deepEqual([without.features.length, without.undeclared], [4, []]);
  });

  it('refuses roles that contradict each other or name no column', () => {
    refused({ horizon: 14, observed: ['weather'], known: ['weather'] }, /`weather` is declared both/, 'observed');
    refused({ horizon: 14, observed: ['Weather'] }, /no column `Weather`.*Did you mean `weather`/, 'observed');
    refused({ known: ['nothing'] }, /no column `nothing`, which is declared as known in time/, 'known');
  });

  it('sets aside as many of the newest rows as were asked for', () => {
    const { sides } = problemOf(timed({ aside_rows: 30 }), series(300));
    assert.deepEqual([...sides.aside], Array.from({ length: 30 }, (_, index) => 270 + index));
    assert.equal(sides.rest.length, 270);
    refused({ aside_rows: 260 }, /fewer than 50 are left/, 'aside_rows');
  });

  async function trained(name: string, lines: string[], header: string, change: Partial<TrainRequest>): Promise<TrainingOutcome & { table: Table }> {
    const file = path.join(folder, name);
    await writeFile(file, `${header}\n${lines.join('\n')}\n`);
    return { ...(await train(request({ file, ...change }), host)), table: await readTable(file) };
  }
  const classes = (rows: number, seed = 7): string[] => {
    const next = random(seed);
    return Array.from({ length: rows }, (_, row) => `${row},${next().toFixed(6)},${next() < 0.5 ? 'red' : ''},${next() < 0.4 ? 'good' : 'bad'}`);
  };

  it('is which rows were fitted and which set aside, by their content or their key', async () => {
    for (const key of [undefined, ['id']]) {
      const { fitted, table, reference, report } = await trained('classes.csv', classes(1200), 'id,x,colour,y', key === undefined ? {} : { key });
      const { header } = fitted;
      assert.deepEqual(header.identity.map(({ name }) => name), key ?? ['colour', 'id', 'x', 'y']);
      assert.equal(header.data, table.sha256);
      assert.deepEqual([header.fitted.rows, header.aside.rows], [report.rows.fitted, report.rows.evaluated]);
      const hashes = rowHashes(table, header.identity.map(({ name }) => name));
      const aside = reference.at(-1)!.values as Float64Array;
      assert.ok(hashes.every((value, row) => holds(fitted.aside, value) === (aside[row] === 1) && holds(fitted.fitted, value) === (aside[row] === 0)));
    }
  });

  it('is a reference of inputs, predictions and truth that a Parquet file gives back', async () => {
    const { reference, model, table } = await trained('few.csv', classes(300), 'id,x,colour,y', {});
    assert.deepEqual(reference.map(({ name }) => name), ['x', 'colour', '__prediction', '__score', '__truth', '__aside']);
    assert.deepEqual(model.signature.inputs.map(({ name }) => name), ['x', 'colour']);
    const file = path.join(folder, 'some/reference.parquet');
    await writeTable(file, reference);
    const back = await readTable(file);
    assert.deepEqual(back.columns, reference);
    assert.deepEqual(back.columns[4]!.values, table.columns.find(({ name }) => name === 'y')!.values);
    const scores = back.columns[3]!.values as Float64Array;
    assert.ok(scores.every((score) => score > 0 && score < 1));
    assert.ok((back.columns[5]!.values as Float64Array).every((value) => value === 0), 'nothing is set aside where the evaluation is nested');
  });

  it('writes dates, truth values, missing ones and odd names as they are', async () => {
    const file = path.join(folder, 'odd.parquet');
    const columns: Table['columns'] = [
      { name: 'a "b" c', type: 'date', values: Float64Array.of(0, 20_000 * day, Number.NaN) },
      { name: 'at', type: 'datetime', values: Float64Array.of(1.7e12 + 1, -1000, Number.NaN) },
      { name: 'flag', type: 'boolean', values: Float64Array.of(1, 0, Number.NaN) },
      { name: 'text', type: 'text', values: ["it's", null, 'ü\n'] },
      { name: 'n', type: 'number', values: Float64Array.of(-0.1, 1e300, Number.NaN) },
    ];
    await writeTable(file, columns);
    assert.deepEqual((await readTable(file)).columns, columns);
    await assert.rejects(writeTable(path.join(folder, 'x.csv'), columns), /must end in \.parquet/);
  });
});
