import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { AnswerTo, RunColumn, RunTableQuery, RunTableQuestion } from '../../../src/contracts/runTable.ts';
import { readTable, toParquet } from '../../../src/core/data/api.ts';
import { openReader, type Database } from '../../../src/core/store/api.ts';
import { CompareViews, exportRuns, RunTable } from '../../../src/core/tracking/api.ts';
import { clientRun, openStores, type Stores } from './support.ts';

const all: RunTableQuery = { scope: {}, filter: '', sort: [] };
const metric = (key: string, aggregate?: RunColumn['aggregate']): RunColumn => ({ group: 'metric', key, ...(aggregate === undefined ? {} : { aggregate }) });
const param = (key: string): RunColumn => ({ group: 'param', key });

describe('the table of runs', () => {
  let folder: string;
  let stores: Stores;
  let reader: Database;
  let table: RunTable;
  let ids: string[];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'run-table-'));
    stores = openStores(path.join(folder, 'ml.db'));
    ids = [];
    reader = openReader(path.join(folder, 'ml.db'));
    table = new RunTable(reader);
  });
  afterEach(async () => {
    reader.close();
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A run as a tracking client logs it; the histories of its metrics by step. */
  function log(name: string, content: { metrics?: Record<string, number[]>; params?: Record<string, string>; tags?: Record<string, string>; experiment?: string } = {}): string {
    const run_id = stores.tracked.create(clientRun({ name, started: 1000 + ids.length, ...(content.experiment === undefined ? {} : { experiment_id: content.experiment }) }));
    const metrics = Object.entries(content.metrics ?? {}).flatMap(([key, values]) => values.map((value, step) => ({ key, value, step, timestamp: step })));
    stores.tracked.log(run_id, { metrics, params: Object.entries(content.params ?? {}), tags: Object.entries(content.tags ?? {}) });
    ids.push(run_id);
    return run_id;
  }
  const ask = <Q extends RunTableQuestion>(question: Q): AnswerTo<Q['type']> => table.answer(question) as AnswerTo<Q['type']>;
  const rows = (query: Partial<RunTableQuery>, columns: RunColumn[] = [], offset = 0, limit = 100) => ask({ type: 'rows', query: { ...all, ...query }, offset, limit, columns });
  const names = (query: Partial<RunTableQuery>): string[] => rows(query).runs.map(({ name }) => name);
  const columns = (query: Partial<RunTableQuery> = {}): AnswerTo<'columns'> => {
    for (;;) {
      const answer = ask({ type: 'columns', query: { ...all, ...query } });
      if (answer.looked === answer.of) {
        return answer;
      }
    }
  };

  it('gives a page of rows with the columns that are asked for', () => {
    for (let index = 0; index < 25; index += 1) {
      log(`run ${index}`, { metrics: { loss: [index] }, params: { lr: String(index) } });
    }
    const page = rows({}, [param('lr'), metric('loss'), metric('none')], 10, 5);
    assert.deepEqual([page.found, page.of], [25, 25]);
    // Newest first.
    assert.deepEqual(page.runs.map(({ name }) => name), ['run 14', 'run 13', 'run 12', 'run 11', 'run 10']);
    assert.deepEqual(page.cells, [['14', '13', '12', '11', '10'], [14, 13, 12, 11, 10], [null, null, null, null, null]]);
    assert.deepEqual(page.ranges, [null, [0, 24], null]);
    assert.deepEqual(rows({}, [], 24, 50).runs.map(({ name }) => name), ['run 0']);
  });

  it('sorts by any column, with runs that lack the value last in either direction', () => {
    log('two', { metrics: { auc: [0.2] }, params: { lr: '0.002' } });
    log('none');
    log('ten', { metrics: { auc: [0.1] }, params: { lr: '10' } });
    log('nan', { metrics: { auc: [NaN] }, params: { lr: 'auto' } });
    const by = (column: RunColumn, descending: boolean): string[] => names({ sort: [{ column, descending }] });
    assert.deepEqual(by(metric('auc'), false), ['ten', 'two', 'nan', 'none']);
    assert.deepEqual(by(metric('auc'), true), ['two', 'ten', 'nan', 'none']);
    // As numbers, not as texts; a word after them.
    assert.deepEqual(by(param('lr'), false), ['two', 'ten', 'nan', 'none']);
    assert.deepEqual(by(param('lr'), true), ['ten', 'two', 'nan', 'none']);
    assert.deepEqual(by({ group: 'attribute', key: 'name' }, false), ['nan', 'none', 'ten', 'two']);
  });

  it('sorts by a second column where the first is equal', () => {
    log('a', { params: { x: '1', y: '2' } });
    log('b', { params: { x: '1', y: '1' } });
    log('c', { params: { x: '0', y: '3' } });
    assert.deepEqual(names({ sort: [{ column: param('x'), descending: true }, { column: param('y'), descending: false }] }), ['b', 'a', 'c']);
  });

  it('shows the last, best, lowest or highest value of a metric, and sorts by it', () => {
    log('a', { metrics: { loss: [3, 1, 2], auc: [0.9, 0.5, 0.7] } });
    log('b', { metrics: { loss: [5, 4, 1.5], auc: [0.6, 0.95, 0.8] } });
    const cell = (column: RunColumn): unknown[] => rows({ scope: { run_ids: ids } }, [column]).cells[0] ?? [];
    assert.deepEqual([cell(metric('loss')), cell(metric('loss', 'best')), cell(metric('loss', 'max'))], [[2, 1.5], [1, 1.5], [3, 5]]);
    assert.deepEqual([cell(metric('auc', 'best')), cell(metric('auc', 'min'))], [[0.9, 0.95], [0.5, 0.6]]);
    assert.deepEqual(names({ sort: [{ column: metric('auc', 'best'), descending: true }] }), ['b', 'a']);
    assert.deepEqual(names({ sort: [{ column: metric('auc', 'min'), descending: false }] }), ['a', 'b']);
    assert.deepEqual(rows({}, [metric('loss', 'best')]).ranges, [[1, 1.5]]);
  });

  it('filters by the search language and says where it cannot be read', () => {
    log('good', { metrics: { auc: [0.9] }, params: { model: 'tree' } });
    log('bad', { metrics: { auc: [0.4] }, params: { model: 'tree' } });
    const found = rows({ filter: "metrics.auc > 0.5 AND params.model = 'tree'" });
    assert.deepEqual([found.runs.map(({ name }) => name), found.found, found.of], [['good'], 1, 2]);
    assert.throws(() => rows({ filter: 'metrics.auc >> 1' }), /"> 1" at position 14 cannot be read/);
    assert.throws(() => rows({ filter: 'metric.auc > 0.5 OR' }), /position 18/);
  });

  it('is about chosen runs in their order, an experiment, or all that are not archived', () => {
    const other = stores.experiments.ensure('other');
    const [a, b, c] = [log('a'), log('b', { experiment: other }), log('c')];
    stores.runs.edit(a, { archived: true });
    assert.deepEqual(names({}), ['c', 'b']);
    assert.deepEqual(names({ scope: { experiment: 'other' } }), ['b']);
    assert.deepEqual(names({ scope: { experiment: 'nowhere' } }), []);
    assert.deepEqual(names({ scope: { run_ids: [c, a, 'gone', b] } }), ['c', 'a', 'b']);
    assert.deepEqual(names({ scope: { run_ids: [c, a] }, filter: "attributes.run_name = 'a'" }), ['a']);
  });

  it('knows the columns, in which runs differ, and which hold numbers', () => {
    for (let index = 0; index < 120; index += 1) {
      log(`run ${index}`, { metrics: { same: [1], loss: [index] }, params: { seed: '7', lr: index === 119 ? '1e-3' : '0.001', model: 'tree', ...(index === 60 ? { rare: '1' } : {}) }, tags: { team: 'a' } });
    }
    const { columns: found, looked } = columns();
    const about = (group: string, key: string): unknown => {
      const column = found.find((each) => each.group === group && each.key === key);
      return column && [column.runs, column.differs, column.numbers];
    };
    assert.equal(looked, 120);
    assert.deepEqual([about('metric', 'same'), about('metric', 'loss')], [[120, false, true], [120, true, true]]);
    assert.deepEqual([about('param', 'seed'), about('param', 'lr'), about('param', 'model'), about('param', 'rare')], [[120, false, true], [120, true, true], [120, false, false], [1, true, true]]);
    assert.deepEqual([about('tag', 'team'), about('attribute', 'status'), about('attribute', 'run_id')], [[120, false, false], [120, false, false], [120, true, false]]);
    // Among fewer runs other columns differ.
    const few = columns({ scope: { run_ids: ids.slice(0, 3) } }).columns;
    assert.deepEqual(few.filter(({ differs, group }) => differs && group !== 'attribute').map(({ key }) => key), ['loss']);
  });

  it('counts what is no number as a difference', () => {
    log('a', { metrics: { loss: [NaN] } });
    log('b', { metrics: { loss: [1] } });
    assert.equal(columns().columns.find(({ key }) => key === 'loss')?.differs, true);
    assert.deepEqual(rows({}, [metric('loss')]).cells, [[1, 'NaN']]);
  });

  it('sees what is written meanwhile', () => {
    log('a', { metrics: { auc: [0.5] } });
    assert.deepEqual([names({}), columns().columns.filter(({ group }) => group === 'metric').length], [['a'], 1]);
    log('b', { metrics: { auc: [0.6], loss: [1] } });
    assert.deepEqual([names({}), columns().columns.filter(({ group }) => group === 'metric').length], [['b', 'a'], 2]);
  });

  it('puts the baseline of the experiment before the first row', () => {
    const [a] = [log('a', { metrics: { auc: [0.5] } }), log('b', { metrics: { auc: [0.6] } })];
    stores.runs.edit(a, { baseline: true });
    const { runs, baseline, found } = rows({ filter: "attributes.run_name = 'b'" }, [metric('auc')]);
    assert.deepEqual([runs.map(({ name }) => name), found, baseline?.run.name, baseline?.cells], [['b'], 1, 'a', [0.5]]);
    assert.deepEqual(rows({}).runs.map(({ name }) => name), ['b']);
    log('c', { experiment: stores.experiments.ensure('other') });
    assert.equal(rows({}).baseline, null, 'runs of two experiments have no common baseline');
  });

  it('warns of what makes a comparison unfair', () => {
    log('a', { tags: { data_sha256: 'x' } });
    log('b', { tags: { data_sha256: 'y' } });
    assert.match(columns().warnings.join(), /different data/);
    assert.doesNotMatch(columns({ scope: { run_ids: ids.slice(0, 1) } }).warnings.join(), /different data/);
  });

  it('thins a history without losing a spike', () => {
    const values = Array.from({ length: 20_000 }, (_, step) => Math.sin(step / 100));
    values[12_345] = 50;
    values[777] = -50;
    values[3000] = NaN;
    log('a', { metrics: { loss: values } });
    const { curves } = ask({ type: 'curves', run_ids: ids, key: 'loss', buckets: 100 });
    const points = curves[0]?.points ?? [];
    assert.ok(points.length <= 210, `${points.length} points`);
    assert.ok(points.some(([step, value]) => step === 12_345 && value === 50));
    assert.ok(points.some(([step, value]) => step === 777 && value === -50));
    assert.deepEqual([points[0]?.[0], points.at(-1)?.[0]], [0, 19_999]);
    assert.deepEqual(points.map(([step]) => step), points.map(([step]) => step).sort((a, b) => a - b));
    log('short', { metrics: { loss: [3, 1, 2] } });
    assert.deepEqual(ask({ type: 'curves', run_ids: ids.slice(1), key: 'loss', buckets: 100 }).curves[0]?.points, [[0, 3], [1, 1], [2, 2]]);
  });

  it('gives whole columns for a picture, of so many runs at most', () => {
    log('a', { metrics: { auc: [1] } });
    log('b', { metrics: { auc: [2] } });
    const { found, runs, cells } = ask({ type: 'values', query: all, columns: [metric('auc')], max: 1 });
    assert.deepEqual([found, runs.map(({ name }) => name), cells], [2, ['b'], [[2]]]);
  });

  describe('written to a file', () => {
    const odd = 'one, "two"\nthree';

    beforeEach(() => {
      log('a', { metrics: { auc: [0.25, 0.125], loss: [NaN] }, params: { text: odd, empty: '', Text: 'other case' } });
      log(' b ', { metrics: { auc: [0.5] } });
    });

    it('is read back as it was: order, texts, what is missing', async () => {
      const file = path.join(folder, 'runs.csv');
      const query: RunTableQuery = { ...all, sort: [{ column: metric('auc'), descending: true }] };
      const wanted: RunColumn[] = [{ group: 'attribute', key: 'name' }, metric('auc'), metric('auc', 'max'), param('text'), param('empty')];
      const { runs, columns: written } = await exportRuns(reader, table, { query, columns: wanted, file }, ',');
      assert.deepEqual([runs, written.map(({ name }) => name)], [2, ['name', 'metrics.auc', 'metrics.auc (max)', 'params.text', 'params.empty']]);
      assert.equal(await readFile(file, 'utf8'), 'name,metrics.auc,metrics.auc (max),params.text,params.empty\n" b ",0.5,0.5,,\na,0.125,0.25,"one, ""two""\nthree",""\n');
      const parquet = path.join(folder, 'runs.parquet');
      await toParquet({ from: file, to: parquet, columns: written });
      const { columns: back } = await readTable(parquet);
      assert.deepEqual(back.map(({ name, type, values }) => [name, type, [...values]]), [
        ['name', 'text', [' b ', 'a']],
        ['metrics.auc', 'number', [0.5, 0.125]],
        ['metrics.auc (max)', 'number', [0.5, 0.25]],
        ['params.text', 'text', [null, odd]],
        ['params.empty', 'text', [null, '']],
      ]);
    });

    it('has every column that a run has where none is named, whatever the case of its name', async () => {
      const file = path.join(folder, 'all.csv');
      const { columns: written } = await exportRuns(reader, table, { query: all, columns: null, file }, ',');
      assert.deepEqual(written.map(({ name }) => name).filter((name) => name.includes('.')), ['metrics.auc', 'metrics.loss', 'params.Text', 'params.empty', 'params.text']);
      await toParquet({ from: file, to: path.join(folder, 'all.parquet'), columns: written });
      assert.equal((await readTable(path.join(folder, 'all.parquet'))).columns.length, written.length);
    });

    it('leaves nothing behind where it cannot be written', async () => {
      await assert.rejects(exportRuns(reader, table, { query: { ...all, filter: 'nonsense' }, columns: null, file: path.join(folder, 'x.csv') }, ','));
      await assert.rejects(exportRuns(reader, table, { query: all, columns: [{ group: 'attribute', key: 'nonsense' }], file: path.join(folder, 'x.csv') }, ','), /no attribute 'nonsense'/);
      await assert.rejects(exportRuns(reader, table, { query: all, columns: [], file: path.join(folder, 'no', 'x.csv') }, ','), /cannot be written/);
      assert.deepEqual((await readdir(folder)).filter((name) => name.includes('x.csv')), []);
    });
  });
});

describe('views of comparisons', () => {
  let folder: string;
  let stores: Stores;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'views-'));
    stores = openStores(path.join(folder, 'ml.db'));
  });
  afterEach(async () => {
    stores.database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are kept under a name, replaced, renamed and deleted', () => {
    const views = new CompareViews(stores.database);
    views.save('mine', { name: 'mine', arrangement: { filter: 'metrics.auc > 1', pinned: ['metric:auc'] } });
    views.save('other', { name: 'other', arrangement: {} });
    views.save('mine', { name: 'mine', arrangement: { differences: true } });
    assert.deepEqual(views.list(), [{ name: 'mine', arrangement: { differences: true } }, { name: 'other', arrangement: {} }]);
    assert.throws(() => views.save('mine', { name: 'other', arrangement: {} }), /There is a view "other" already/);
    views.save('mine', { name: 'best', arrangement: { differences: true } });
    assert.deepEqual(views.list().map(({ name }) => name), ['best', 'other']);
    views.remove('best');
    assert.throws(() => views.remove('best'), /There is no view "best"/);
    assert.deepEqual(views.list().map(({ name }) => name), ['other']);
  });

  it('that a later version wrote are shown as they are at first', () => {
    stores.database.run(`INSERT INTO compare_views VALUES ('later', 1, '{"tab":"hologram"}')`);
    assert.deepEqual(new CompareViews(stores.database).list(), [{ name: 'later', arrangement: {} }]);
  });
});
