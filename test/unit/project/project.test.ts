import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { addDataset, findProject, initialiseProject, parseProjectFile, projectAt, readProjectFile, saveEntry, saveModelEntry } from '../../../src/core/project/api.ts';
import { completionsAt, hoverAt } from '../../../src/core/project/language.ts';

const good = `project: loans # mine
datasets:
  # the loans
  loans:
    path: loans.csv
models:
  default:
    dataset: loans
`;

describe('ml.yaml', () => {
  const cases: [string, string, RegExp, [number, number, number, number]][] = [
    ['an unknown key', 'project: x\ndatasts: {}\n', /`datasts` is not a key here. Did you mean `datasets`\?/, [2, 1, 2, 8]],
    ['a wrong type', 'project: x\ndatasets:\n  a:\n    path: 3\n', /`path` must be a text/, [4, 11, 4, 12]],
    ['a value that is none of the choices', 'project: x\ndatasets: {a: {path: a}}\nmodels:\n  m:\n    dataset: a\n    task: clasification\n', /Did you mean `classification`\?/, [6, 11, 6, 24]],
    ['a data set that does not exist', 'project: x\nmodels:\n  m:\n    dataset: a\n', /There is no data set `a`/, [4, 14, 4, 15]],
    ['a column with two roles', 'project: x\ndatasets:\n  a: {path: a, lagged: [b, c], observed: [c]}\n', /`c` is both `observed` and `lagged`/, [3, 28, 3, 29]],
    ['a retraining of no model', 'project: x\nretraining:\n  r:\n    model: m\n', /There is no model `m` under `models`/, [4, 12, 4, 13]],
    ['alarms of no endpoint', 'project: x\ndatasets: {a: {path: a}}\nmodels: {m: {dataset: a}}\nretraining:\n  r: {model: m, on_drift: true}\n', /`on_drift` needs `deployment`/, [5, 27, 5, 31]],
    ['a number out of range', 'project: x\ndatasets: {a: {path: a}}\nmodels:\n  m:\n    dataset: a\n    folds: 1\n', /`folds` must be at least 2/, [6, 12, 6, 13]],
    ['a key twice', 'project: x\nproject: y\n', /there twice/, [2, 1, 2, 2]],
    ['a missing key', 'project: x\ndatasets:\n  a:\n    target: y\n', /`path` is missing in `datasets.a`/, [3, 3, 3, 4]],
    ['a bad name', 'project: x\ndatasets:\n  "a b":\n    path: y\n', /`a b` cannot be a name/, [3, 3, 3, 8]],
    ['an empty list', 'project: x\ndatasets:\n  a:\n    path: y\n    key: []\n', /`key` must not be empty/, [5, 10, 5, 12]],
  ];
  for (const [what, text, message, range] of cases) {
    it(`marks ${what} where it stands`, () => {
      const { value, problems } = parseProjectFile(text);
      assert.equal(value, null);
      const found = problems.find((problem) => message.test(problem.message));
      assert.ok(found, JSON.stringify(problems));
      assert.deepEqual([found.line, found.column, found.endLine, found.endColumn], range.slice(0, 2).concat(what === 'a key twice' ? [found.endLine, found.endColumn] : range.slice(2)));
    });
  }

  it('never throws, and marks within the text', () => {
    const piece = fc.constantFrom('project: x\n', 'datasets:\n', '  a:\n', '    path: b\n', 'models:\n', '  - 1\n', '&a ', '*a', '{', '}', '[', ': ', '\t', '"', '# c\n', '!!x ', '\n', '---\n', '<<: *a\n', 'é');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(piece).map((pieces) => pieces.join(''))), (text) => {
        const lines = text.split('\n').length;
        for (const problem of parseProjectFile(text).problems) {
          assert.ok(problem.line >= 1 && problem.line <= lines && problem.column >= 1, JSON.stringify(problem));
          assert.ok(problem.endLine >= problem.line);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads a good file', () => {
    assert.deepEqual(parseProjectFile(good), { value: { project: 'loans', datasets: { loans: { path: 'loans.csv' } }, models: { default: { dataset: 'loans' } } }, problems: [] });
  });
});

describe('a project', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'project-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('begins with a file that lists the data and reads back without a problem', async () => {
    await writeFile(path.join(folder, 'my data: 2024.csv'), 'a\n1\n');
    await writeFile(path.join(folder, 'notes.txt'), '');
    const project = await initialiseProject(folder);
    assert.deepEqual(Object.values((await readProjectFile(project)).datasets ?? {}), [{ path: 'my data: 2024.csv' }]);
    assert.equal(await readFile(path.join(folder, '.ml/.gitignore'), 'utf8'), '*\n');
  });

  it('begins empty without data', async () => {
    assert.equal((await readProjectFile(await initialiseProject(folder))).datasets, undefined);
  });

  it('keeps an ml.yaml that is there, byte for byte', async () => {
    await writeFile(path.join(folder, 'ml.yaml'), good);
    await initialiseProject(folder);
    assert.equal(await readFile(path.join(folder, 'ml.yaml'), 'utf8'), good);
  });

  it('is found from a file within', async () => {
    await initialiseProject(folder);
    assert.equal((await findProject(path.join(folder, 'a', 'b.csv')))?.root, folder);
  });

  it('keeps comments and order when a click writes into its file', async () => {
    const project = projectAt(folder);
    await writeFile(project.file, good);
    await addDataset(project, 'two', { path: 'two.parquet', key: ['id'] });
    await saveModelEntry(project, 'default', { dataset: 'two', folds: 3 });
    const text = await readFile(project.file, 'utf8');
    assert.match(text, /^project: loans # mine\ndatasets:\n {2}# the loans\n {2}loans:\n {4}path: loans.csv\n {2}two:/);
    assert.deepEqual((await readProjectFile(project)).models, { default: { dataset: 'two', folds: 3 } });
  });

  it('writes what is served and when it is trained again, and keeps what else stands there', async () => {
    const project = projectAt(folder);
    await writeFile(project.file, `${good}deployments:\n  # the product asks it\n  loans: { model: loans/1, workers: 4 } # pinned\n`);
    await saveEntry(project, 'deployments', 'loans', { model: 'loans/2', workers: 4 });
    await saveEntry(project, 'retraining', 'loans', { model: 'default', deployment: 'loans', on_drift: true, promotion: 'manual' });
    const text = await readFile(project.file, 'utf8');
    assert.match(text, /deployments:\n {2}# the product asks it\n {2}loans: \{ ?model: loans\/2, workers: 4 ?\} # pinned\n/);
    assert.deepEqual((await readProjectFile(project)).retraining, { loans: { model: 'default', deployment: 'loans', on_drift: true, promotion: 'manual' } });
  });

  it('writes nothing into a broken file, and says where it is broken', async () => {
    const project = projectAt(folder);
    await writeFile(project.file, 'project: x\ndatasets: [');
    await assert.rejects(addDataset(project, 'a', { path: 'a' }), /ml\.yaml:2:\d+/);
    assert.equal(await readFile(project.file, 'utf8'), 'project: x\ndatasets: [');
  });
});

describe('help while ml.yaml is written', () => {
  const labels = (text: string): string[] => {
    const lines = text.split('\n');
    return completionsAt(text, lines.length, (lines.at(-1)?.length ?? 0) + 1).map((completion) => completion.label);
  };
  it('offers the keys that are not there yet', () => {
    assert.deepEqual(labels('project: x\n'), ['datasets', 'models', 'deployments', 'monitors', 'retraining', 'tracking', 'registry']);
    assert.deepEqual(labels('datasets:\n  a:\n    path: x\n    ').slice(0, 2), ['description', 'target']);
  });
  it('offers the names of what an entry refers to', () => {
    const text = 'models:\n  m:\n    dataset: a\ndeployments:\n  d: {model: m}\n';
    assert.deepEqual(labels(`${text}monitors:\n  w:\n    deployment: `), ['d']);
    assert.deepEqual(labels(`${text}retraining:\n  r:\n    model: `), ['m']);
    assert.deepEqual(labels(`${text}  e:\n    model: `), ['m']);
  });
  it('offers values, and the names of data sets', () => {
    assert.deepEqual(labels('models:\n  m:\n    task: '), ['classification', 'regression']);
    assert.deepEqual(labels('datasets:\n  a:\n    path: x\n  b: {path: y}\nmodels:\n  m:\n    dataset: '), ['a', 'b']);
    assert.deepEqual(labels('models:\n  m:\n    trainers:\n      - '), ['linear', 'mlp']);
  });
  it('explains keys, not values or comments', () => {
    assert.match(hoverAt('models:\n  m:\n    folds: 3', 3, 6)?.text ?? '', /How many folds/);
    assert.equal(hoverAt('models:\n  m:\n    folds: 3', 3, 12), null);
    assert.equal(hoverAt('# project', 1, 4), null);
  });
  it('never throws, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', '-', '#', '"', 'models', 'datasets', 'task') }), fc.nat(20), fc.nat(40), (text, line, column) => {
        completionsAt(text, line + 1, column + 1);
        hoverAt(text, line + 1, column + 1);
      }),
    );
  });
});
