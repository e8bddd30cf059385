import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { QueryWorker } from '../../../src/core/client/queryWorker.ts';
import { imageStep } from '../../../src/contracts/imageSteps.ts';
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
  const preview = async (name: string, content: string | Buffer): ReturnType<typeof previewFile> => previewFile(await put(name, content), folder, { queries, markdown: (text) => Promise.resolve(text.replace(/!\[\]\((.*?)\)/g, '<img src="$1" alt="">')) });

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
    assert.deepEqual(await preview('a.json', '{"a":1}'), { kind: 'json', text: '{"a":1}' });
    assert.deepEqual(await preview('broken.json', '{"a":'), { kind: 'text', text: '{"a":', from: 0, to: 5, size: 5 });
    assert.deepEqual(await preview('a.wav', 'RIFF'), { kind: 'media', mime: 'audio/wav', data: Buffer.from('RIFF').toString('base64') });
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

  it('are named, not opened, where they are no texts', async () => {
    const reason = async (name: string, bytes: Buffer): Promise<string> => {
      const shown = await preview(name, bytes);
      return shown.kind === 'none' ? shown.reason : shown.kind;
    };
    assert.match(await reason('a.pkl', Buffer.from('text that pickles can be too')), /^Opening a pickle runs what is in it, so it is not opened here\./);
    assert.equal(await reason('a.bin', Buffer.from([0, 1])), 'This is no text, so there is nothing to show here.');
    const array = Buffer.from(`\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (100, 4), }\n`, 'latin1');
    assert.equal(await reason('a.npy', array), 'An array of NumPy: 100 × 4, float64. In Python: numpy.load.');
    assert.match(await reason('a.pdf', Buffer.from('%PDF-1.7')), /^A PDF\./);
    assert.equal(await reason('a.tar', Buffer.from('just a note')), 'text');
  });

  it('are read in parts where they are long, whole lines and characters at a time', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `${index} ü\n`).join('');
    const file = await put('a.log', lines);
    const size = Buffer.byteLength(lines);
    const part = async (from: number): Promise<{ text: string; from: number; to: number; size: number }> => {
      const shown = await previewFile(file, folder, { queries, markdown: (text) => Promise.resolve(text) }, from);
      assert.ok(shown.kind === 'text');
      return shown;
    };
    let [text, at] = ['', 0];
    while (at < size) {
      const next = await part(at);
      assert.ok(next.text.endsWith('\n') && next.from === at && next.size === size);
      text += next.text;
      at = next.to;
    }
    assert.equal(text, lines);
    const end = await part(-1000);
    assert.ok(end.text.endsWith('39999 ü\n') && /^\d+ ü\n/.test(end.text) && end.to === size);
    const long = await preview('b.log', 'ü'.repeat(150_000));
    assert.ok(long.kind === 'text' && long.to === 200_000 && !long.text.includes('\uFFFD'));
  });

  it('show Markdown and notebooks as pages, with pictures of their own folder only', async () => {
    await put('plots/b.png', 'picture');
    await writeFile(path.join(root, 'outside.png'), 'secret picture');
    const shown = await preview('plots/report.md', '![](b.png) ![](../../outside.png) ![](https://elsewhere/x.png)');
    assert.ok(shown.kind === 'document');
    assert.equal(shown.html, `<img src="data:image/png;base64,${Buffer.from('picture').toString('base64')}" alt=""> <img src="../../outside.png" alt=""> <img src="https://elsewhere/x.png" alt="">`);
    const cells = [
      { cell_type: 'markdown', source: ['# Title'] },
      { cell_type: 'code', execution_count: 2, source: 'a < b', outputs: [{ output_type: 'stream', text: ['one\n', '<b>'] }, { output_type: 'display_data', data: { 'image/png': 'AAAA', 'text/plain': 'a plot' } }, { output_type: 'error', ename: 'ValueError', evalue: 'no' }] },
    ];
    const notebook = await preview('a.ipynb', JSON.stringify({ cells }));
    assert.ok(notebook.kind === 'document');
    assert.match(notebook.html, /# Title\n<div class="cell"><span class="count">\[2\]<\/span><pre class="source">a &lt; b<\/pre><\/div><pre class="output">one\n&lt;b><\/pre><img alt="a plot" src="data:image\/png;base64,AAAA"><pre class="output error">ValueError: no<\/pre>/);
    assert.equal((await preview('b.ipynb', 'no notebook')).kind, 'text');
  });

  it('tell a series of pictures by its files’ names, the smaller copies left out', async () => {
    await put('plots/loss~map+step+10+timestamp+1700000000000+3c0f.png', '');
    await put('plots/loss~map+step+10+timestamp+1700000000000+3c0f+compressed.webp', '');
    assert.deepEqual((await artifactEntries(folder, 'plots')).entries.map(({ name }) => name), ['a.png', 'loss~map+step+10+timestamp+1700000000000+3c0f.png']);
    assert.deepEqual(imageStep('loss~map+step+10+timestamp+1700000000000+3c0f.png'), { key: 'loss/map', step: 10, timestamp: 1_700_000_000_000, compressed: false });
    assert.deepEqual(imageStep('dogs%step%3%timestamp%5%ab-cd%compressed.webp'), { key: 'dogs', step: 3, timestamp: 5, compressed: true });
    assert.equal(imageStep('step.png'), null);
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
