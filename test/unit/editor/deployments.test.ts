import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ServedVersion } from '../../../src/contracts/endpoints.ts';
import type { Signature } from '../../../src/contracts/model.ts';
import { snippetsFor } from '../../../src/editor/deployments/snippets.ts';
import { readTraffic, writeTraffic } from '../../../src/editor/deployments/traffic.ts';
import { entryFor, placeOfEndpoint, placeOfEntry } from '../../../src/editor/monitoring/places.ts';

const run = promisify(execFile);

const signature: Signature = {
  inputs: [
    { name: 'amount', type: 'number', optional: false, typical: 1200.5 },
    { name: "who's", type: 'text', optional: false, typical: `it's "quoted" \\ $HOME \`x\` é` },
    { name: 'foreign', type: 'boolean', optional: false, typical: true },
    { name: 'note', type: 'text', optional: true, typical: null },
  ],
  output: { name: 'Class', task: 'classification', classes: ['good', 'bad'] },
};
const row = { amount: 1200.5, "who's": `it's "quoted" \\ $HOME \`x\` é`, foreign: true };

/** An endpoint as far as a client sees it: it asks for the key and says what it was sent. */
function listen(key: string | null): Promise<{ server: Server; url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const allowed = key === null ? request.headers.authorization === undefined : request.headers.authorization === `Bearer ${key}`;
      if (!allowed || request.method !== 'POST' || request.url !== '/invocations' || request.headers['content-type'] !== 'application/json') {
        response.writeHead(400).end('{}');
        return;
      }
      bodies.push(JSON.parse(text));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ predictions: ['good'] }));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies }));
  });
}

describe('a client snippet', () => {
  for (const key of ['s3cret-KEY_1', null]) {
    it(`works when pasted, ${key === null ? 'without a key' : 'with its key'}, in curl, Python and TypeScript`, async function () {
      this.timeout(20_000);
      const { server, url, bodies } = await listen(key);
      const folder = await mkdtemp(path.join(os.tmpdir(), 'snippets-'));
      try {
        const [curl, python, typescript] = snippetsFor({ url, needs_key: key !== null }, signature, key ?? '');
        await writeFile(path.join(folder, 'ask.sh'), curl?.text ?? '');
        await writeFile(path.join(folder, 'ask.py'), python?.text ?? '');
        await writeFile(path.join(folder, 'ask.mts'), typescript?.text ?? '');
        for (const [program, file] of [['bash', 'ask.sh'], ['python3', 'ask.py'], [process.execPath, 'ask.mts']] as const) {
          assert.match((await run(program, [path.join(folder, file)])).stdout, /good/, program);
        }
        assert.deepEqual(bodies, Array(3).fill({ dataframe_records: [row] }));
      } finally {
        server.close();
        await rm(folder, { recursive: true });
      }
    });
  }
});

describe('traffic as it is typed', () => {
  const served = (version: number | null, weight: number, shadow = false): ServedVersion => ({ ulid: `U${version}`, model: 'loans', version, sha256: '', weight, shadow });
  const versions = [served(1, 90), served(2, 10), served(null, 0, true)];

  it('is read back as it was written', () => {
    assert.equal(writeTraffic(versions), '1=90 2=10 challenger=shadow');
    assert.deepEqual(readTraffic(writeTraffic(versions), versions), [
      { version: 'U1', weight: 90, shadow: false },
      { version: 'U2', weight: 10, shadow: false },
      { version: 'Unull', weight: 0, shadow: true },
    ]);
  });

  it('takes a v, commas and percent signs, and leaves out what is not named', () => {
    assert.deepEqual(readTraffic('v1=40%, V2=60%', versions), [
      { version: 'U1', weight: 40, shadow: false },
      { version: 'U2', weight: 60, shadow: false },
    ]);
  });

  it('says what is wrong', () => {
    assert.deepEqual(readTraffic('1=90 2=20', versions), { sum: 110 });
    assert.deepEqual(readTraffic('1=shadow', versions), { sum: 0 });
    assert.deepEqual(readTraffic('1=90 3=10', versions), { unknown: '3' });
    assert.deepEqual(readTraffic('1=90 1=10', versions), { unknown: '1' });
    assert.deepEqual(readTraffic('1=-5', versions), { unreadable: '1=-5' });
    assert.deepEqual(readTraffic('', versions), { unreadable: '' });
  });
});

describe('an endpoint’s place in ml.yaml', () => {
  const text = `project: loans
deployments:
  # served
  loans: { model: loans }
  "other": { model: loans@champion }
monitors:
  watch-loans:
    deployment: loans
retraining: {}
`;

  it('is its key', () => {
    assert.deepEqual(placeOfEndpoint(text, 'loans'), { line: 4, column: 3, endColumn: 8 });
    assert.deepEqual(placeOfEntry(text, ['deployments', 'other']), { line: 5, column: 3, endColumn: 10 });
  });

  it('is the first line where it has none, and where the file is broken', () => {
    for (const [content, name] of [[text, 'none'], ['', 'loans'], ['deployments: [', 'loans'], ['{', 'loans'], ['deployments:\n  - loans', 'loans']] as const) {
      assert.deepEqual(placeOfEndpoint(content, name), { line: 1, column: 1, endColumn: 1 });
    }
  });

  it('is found from the entries about it', () => {
    assert.equal(entryFor(text, 'monitors', 'loans'), 'watch-loans');
    assert.equal(entryFor(text, 'monitors', 'other'), null);
    assert.equal(entryFor(text, 'retraining', 'loans'), null);
  });
});
