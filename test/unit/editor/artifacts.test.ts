import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { QueryWorker } from '../../../src/core/client/queryWorker.ts';
import { firstRows } from '../../../src/core/data/api.ts';
import { artifactEntries, artifactFile } from '../../../src/editor/experiments/artifactFiles.ts';
import { previewFile } from '../../../src/editor/experiments/previewFile.ts';

describe('the artifacts of a run in its panel', function () {
  this.timeout(30_000);
  let root: string;
  let folder: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'artifacts-')));
    folder = path.join(root, 'artifacts');
    await mkdir(path.join(folder, 'plots'), { recursive: true });
    await writeFile(path.join(root, 'secret.txt'), 'secret');
    await writeFile(path.join(folder, 'plots', 'a.png'), 'png');
    await mkdir(path.join(root, 'artifacts-of-another'));
    await writeFile(path.join(root, 'artifacts-of-another', 'x.txt'), 'x');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const put = async (name: string, content: string | Buffer): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return file;
  };
  // The worker's own answer, without its process.
  const queries = (): Promise<QueryWorker> => Promise.resolve({ rows: firstRows } as unknown as QueryWorker);
  const preview = async (name: string, content: string | Buffer): ReturnType<typeof previewFile> => previewFile(await put(name, content), queries);

  it('never leave their folder', async () => {
    assert.equal(await artifactFile(folder, 'plots/a.png'), path.join(folder, 'plots', 'a.png'));
    for (const outside of ['../secret.txt', 'plots/../../secret.txt', path.join(root, 'secret.txt'), '../artifacts-of-another/x.txt']) {
      await assert.rejects(artifactFile(folder, outside), /lies outside/, outside);
    }
    await symlink(path.join(root, 'secret.txt'), path.join(folder, 'link.txt'));
    await symlink(root, path.join(folder, 'up'));
    await symlink(path.join(folder, 'plots'), path.join(folder, 'inner'));
    await assert.rejects(artifactFile(folder, 'link.txt'), /leads outside/);
    await assert.rejects(artifactFile(folder, 'up/secret.txt'), /leads outside/);
    await assert.rejects(artifactEntries(folder, 'up'), /leads outside/);
    assert.equal(await artifactFile(folder, 'inner/a.png'), path.join(folder, 'plots', 'a.png'));
    await assert.rejects(artifactFile('', 'etc/passwd'), /lies outside/);
    await assert.rejects(artifactFile(folder, 'gone.txt'), /not there any more/);
  });

  it('are listed a folder at a time, folders first, links left out', async () => {
    await put('b10.txt', '12345');
    await put('b9.txt', '');
    await symlink(root, path.join(folder, 'up'));
    assert.deepEqual(await artifactEntries(folder, ''), {
      entries: [
        { name: 'plots', folder: true, bytes: 0 },
        { name: 'b9.txt', folder: false, bytes: 0 },
        { name: 'b10.txt', folder: false, bytes: 5 },
      ],
      more: false,
    });
    assert.deepEqual(await artifactEntries(path.join(root, 'never made'), ''), { entries: [], more: false });
  });

  it('are looked into by what they are', async () => {
    assert.deepEqual(await preview('a.svg', '<svg/>'), { kind: 'image', mime: 'image/svg+xml', data: Buffer.from('<svg/>').toString('base64') });
    assert.deepEqual(await preview('a.html', '<p>x'), { kind: 'html', html: '<p>x' });
    assert.deepEqual(await preview('a.json', '{"a":1}'), { kind: 'text', text: '{\n  "a": 1\n}', cut: false });
    assert.deepEqual(await preview('a.pkl', Buffer.from([128, 4, 0, 46])), { kind: 'none', reason: 'This is no text, so there is nothing to show here.' });
    const long = await preview('a.log', 'x'.repeat(300_000));
    assert.ok(long.kind === 'text' && long.cut && long.text.length === 200_000);
    assert.deepEqual(await preview('a.csv', 'city,error\nBerlin,0.5\nLagos,\n'), {
      kind: 'table',
      table: { columns: [{ name: 'city', number: false }, { name: 'error', number: true }], rows: [['Berlin', '0.5'], ['Lagos', null]], total: 2, width: 2 },
    });
    assert.deepEqual(await preview('table.json', '{"columns": ["question", "score"], "data": [["why?", 0.5], ["how?", null]]}'), {
      kind: 'table',
      table: { columns: [{ name: 'question', number: false }, { name: 'score', number: true }], rows: [['why?', '0.5'], ['how?', null]], total: 2, width: 2 },
    });
    const lines = await preview('rows.jsonl', '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n');
    assert.deepEqual(lines.kind === 'table' ? lines.table.rows : [], [['1', 'x'], ['2', 'y']]);
  });

  it('tell of a model what its MLmodel says, and nothing else', async () => {
    const content = [
      'flavors:',
      '  python_function:',
      '    loader_module: mlflow.sklearn',
      '    python_version: 3.13.1',
      '  sklearn:',
      '    pickled_model: model.pkl',
      '    sklearn_version: 1.7.0',
      'mlflow_version: 3.18.0',
      'signature:',
      `  inputs: '[{"type": "long", "name": "age", "required": true}, {"type": "array", "items": {"type": "string"}, "name": "tags", "required": false}]'`,
      `  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 10]}}]'`,
      `  params: '[{"name": "temperature", "type": "double", "default": 0.5, "shape": null}]'`,
    ].join('\n');
    assert.deepEqual(await preview('MLmodel', content), {
      kind: 'model',
      model: {
        flavors: [{ name: 'python_function', version: 'python 3.13.1' }, { name: 'sklearn', version: 'sklearn 1.7.0' }],
        signature: {
          inputs: [{ name: 'age', type: 'long', required: true }, { name: 'tags', type: 'list of string', required: false }],
          outputs: [{ name: '(1)', type: 'float32 tensor (-1, 10)', required: true }],
          params: [{ name: 'temperature', type: 'double, default 0.5', required: false }],
        },
        facts: [{ name: 'MLflow', value: '3.18.0' }],
      },
    });
    const bare = await preview('MLmodel', 'flavors:\n  onnx: {}\n');
    assert.equal(bare.kind === 'model' ? bare.model.signature : 0, null);
    await assert.rejects(preview('MLmodel', 'just words'), /cannot be read/);
    await assert.rejects(preview('MLmodel', `a: &a [x]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`), /cannot be read/);
  });
});
