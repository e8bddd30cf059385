// The table of runs as a window and the command line reach it: over the server and its thread, into files.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root, run } from '../../scripts/lib/run.mjs';
import type { RunTableQuery } from '../../src/contracts/runTable.ts';
import { connect, type ProjectClient } from '../../src/core/client/api.ts';
import { readTable } from '../../src/core/data/api.ts';
import { initialiseProject, type Project } from '../../src/core/project/api.ts';
import { openDatabase } from '../../src/core/store/api.ts';
import { RunStore } from '../../src/core/tracking/api.ts';

const runtime = { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false };
const query: RunTableQuery = { scope: {}, filter: 'metrics.loss < 350', sort: [{ column: { group: 'metric', key: 'loss' }, descending: true }] };
const runs = 400;

describe('the table of runs of a server', function () {
  this.timeout(60_000);
  let project: Project;
  let client: ProjectClient;

  before(async () => {
    project = await initialiseProject(await mkdtemp(path.join(os.tmpdir(), 'run-table-')));
    const database = openDatabase(project.databaseFile);
    const store = new RunStore(database);
    for (let index = 0; index < runs; index += 1) {
      const run_id = `01J${String(index).padStart(23, '0')}`;
      store.create({ run_id, name: `run ${index}`, experiment: 'sweep', kind: 'script', created: index, source: 'train.py', git: null, command: null, tags: {}, params: { lr: String(index / 10) } });
      store.addMetric(run_id, { key: 'loss', step: 0, timestamp: 1, value: index });
      store.setStatus(run_id, { status: 'finished', started: index, ended: index + 1 });
    }
    database.close();
    client = await connect(project, runtime);
  });
  after(async () => {
    await client.stop();
    client.close();
    await rm(project.root, { recursive: true, force: true, maxRetries: 10 });
  });

  it('answers pages, and refuses a filter in words', async () => {
    const page = await client.runTable({ type: 'rows', query, offset: 100, limit: 2, columns: [{ group: 'param', key: 'lr' }] });
    assert.deepEqual([page.found, page.of, page.runs.map(({ name }) => name), page.cells], [350, runs, ['run 249', 'run 248'], [['24.9', '24.8']]]);
    await assert.rejects(client.runTable({ type: 'columns', query: { ...query, filter: 'loss <' } }), /ends too early/);
    assert.deepEqual((await client.runTable({ type: 'columns', query })).columns.filter(({ group }) => group === 'param').map(({ key }) => key), ['lr']);
  });

  it('writes what is shown, and nothing where it cannot', async () => {
    for (const file of ['shown.csv', 'shown.parquet'].map((name) => path.join(project.root, name))) {
      const columns = [{ group: 'attribute' as const, key: 'name' }, { group: 'metric' as const, key: 'loss' }];
      assert.deepEqual(await client.exportRuns({ query, columns, file }), { runs: 350, columns: 2 });
      const table = await readTable(file);
      assert.deepEqual(table.columns.map(({ name, values }) => [name, values[0], values[349]]), [['name', 'run 349', 'run 0'], ['metrics.loss', 349, 0]]);
    }
    await assert.rejects(client.exportRuns({ query, columns: null, file: path.join(project.root, 'shown.xlsx') }), /must end in \.csv, \.tsv or \.parquet/);
    await assert.rejects(client.exportRuns({ query: { ...query, filter: '(' }, columns: null, file: path.join(project.root, 'wrong.parquet') }), /cannot be read/);
    assert.deepEqual((await readdir(project.root)).filter((name) => /^\.|wrong|xlsx/.test(name) && name !== '.ml' && name !== '.gitignore'), []);
  });

  it('does the same on the command line', async () => {
    const cli = (...args: string[]): Promise<string> => run(process.execPath, [path.join(runtime.folder, 'cli.js'), 'runs', ...args], { cwd: project.root });
    const listed = JSON.parse(await cli('list', '--json', '--filter', 'metrics.loss < 3', '--order-by', 'metrics.loss ASC')) as { runs: { name: string }[] };
    assert.deepEqual(listed.runs.map(({ name }) => name), ['run 0', 'run 1', 'run 2']);
    assert.match(await cli('compare', '--filter', 'metrics.loss < 2'), /run 1 +run 0/);
    await cli('export', '--out', 'few.csv', '--filter', 'metrics.loss < 2', '--order-by', 'params.lr DESC', '--experiment', 'sweep');
    assert.match(await readFile(path.join(project.root, 'few.csv'), 'utf8'), /^run_id,name,experiment,.*\n[^\n]*run 1,sweep[^\n]*\n[^\n]*run 0,sweep[^\n]*\n$/);
    await assert.rejects(cli('compare', '--filter', 'metrics.loss < 0'), /Fewer than two runs/);
  });

  it('keeps views for the whole project', async () => {
    await client.saveCompareView('mine', { name: 'mine', arrangement: { filter: 'x' } });
    assert.deepEqual(await client.saveCompareView('mine', { name: 'yours', arrangement: { filter: 'y' } }), [{ name: 'yours', arrangement: { filter: 'y' } }]);
    assert.deepEqual(await client.deleteCompareView('yours'), []);
    assert.deepEqual(await client.compareViews(), []);
  });
});
