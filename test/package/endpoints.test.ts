// Endpoints from outside, by the processes that ship: protocols, keys, traffic, and what a kill costs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import autocannon from 'autocannon';
import type { Deployed, Endpoint, LoggedPrediction } from '../../src/contracts/endpoints.ts';
import { processStart } from '../../src/core/discovery/api.ts';
import { ask, row, runtime, TestProject } from './support/deployed.ts';

const linux = process.platform === 'linux';

async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    await pause(20);
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(/\s+/).map(Number);
}

async function logged(endpoint: Endpoint): Promise<LoggedPrediction[]> {
  const folder = path.join(endpoint.folder, 'predictions');
  const files = await readdir(folder).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter(Boolean)).map((line) => JSON.parse(line) as LoggedPrediction);
}

describe('an endpoint', function () {
  this.timeout(60_000);
  let test: TestProject;
  let deployed: Deployed;
  let url: string;
  let key: string;

  before(async () => {
    test = await TestProject.create();
    deployed = await (await test.client()).deploy({ model: 'churn/1', log: { flush: 50 } });
    ({ url } = deployed.endpoint);
    key = deployed.key ?? '';
  });
  after(() => test.end());

  const invoke = (body: unknown, headers: Record<string, string> = {}) => ask(`${url}/invocations`, { key, body, headers });
  const predictions = async (body: unknown, headers: Record<string, string> = {}): Promise<unknown> => {
    const answer = await invoke(body, headers);
    assert.equal(answer.status, 200, answer.text);
    return answer.json['predictions'];
  };

  it('predicts by every form of MLflow’s protocol', async () => {
    const columns = Object.keys(row);
    const young = { ...row, age: 20 };
    assert.deepEqual(await predictions({ dataframe_records: [row, young] }), ['yes', 'no']);
    assert.deepEqual(await predictions({ dataframe_split: { columns, index: [7, 8], data: [Object.values(row), Object.values(young)] } }), ['yes', 'no']);
    assert.deepEqual(await predictions({ instances: [row] }), ['yes']);
    assert.deepEqual(await predictions({ instances: [Object.values(row)] }), ['yes']);
    assert.deepEqual(await predictions({ inputs: { age: [50, 20], city: ['paris', 'oslo'], member: [true, false] } }), ['yes', 'no']);
    assert.deepEqual(await predictions({ inputs: [young], params: {} }), ['no']);
    assert.deepEqual(await predictions('age,city,member\r\n50,"paris, texas",true\n20,rome,0\n', { 'content-type': 'text/csv; charset=utf-8' }), ['yes', 'no']);
    const answer = await invoke({ dataframe_records: [row], params: { ids: ['order 7'] } });
    assert.deepEqual([answer.json['ids'], answer.json['version'], answer.headers['x-model-version']], [['order 7'], 1, '1']);
    assert.deepEqual(Object.keys((answer.json['probabilities'] as object[])[0] ?? {}), ['no', 'yes']);
    assert.equal((await invoke({ dataframe_records: [row] }, { 'x-request-id': 'mine' })).headers['x-request-id'], 'mine');
    for (const open of ['/ping', '/health', '/openapi.json', '/metrics', '/v2/health/live', '/v2/health/ready']) {
      assert.equal((await ask(url + open)).status, 200, open);
    }
    assert.equal((await ask(`${url}/version`, { key })).status, 200);
  });

  it('predicts by the Open Inference Protocol', async () => {
    const inputs = [
      { name: 'age', shape: [2], datatype: 'INT64', data: [50, 20] },
      { name: 'city', shape: [2, 1], datatype: 'BYTES', data: [['paris'], ['rome']] },
      { name: 'member', shape: [2, 1], datatype: 'BOOL', data: [true, false] },
      { name: 'since', shape: [2], datatype: 'BYTES', data: ['2024-01-03', null] },
    ];
    for (const model of ['churn', 'churn/versions/1']) {
      const { status, json } = await ask(`${url}/v2/models/${model}/infer`, { key, body: { id: 'q 1', inputs } });
      assert.equal(status, 200);
      assert.deepEqual([json['model_name'], json['model_version'], json['id']], ['churn', '1', 'q 1']);
      const [prediction, probabilities] = json['outputs'] as { shape: number[]; datatype: string; data: unknown[]; parameters?: unknown }[];
      assert.deepEqual([prediction?.datatype, prediction?.shape, prediction?.data], ['BYTES', [2], ['yes', 'no']]);
      assert.deepEqual([probabilities?.datatype, probabilities?.shape, probabilities?.data.length, probabilities?.parameters], ['FP64', [2, 2], 4, { classes: '["no","yes"]' }]);
    }
    const some = await ask(`${url}/v2/models/churn/infer`, { key, body: { inputs, outputs: [{ name: 'prediction' }] } });
    assert.equal((some.json['outputs'] as unknown[]).length, 1);
    assert.deepEqual((await ask(`${url}/v2/health/ready`)).json, { ready: true });
    assert.deepEqual((await ask(`${url}/v2/models/churn/ready`, { key })).json, { name: 'churn', ready: true });
    const metadata = await ask(`${url}/v2/models/churn`, { key });
    assert.deepEqual((metadata.json['inputs'] as { datatype: string }[]).map(({ datatype }) => datatype), ['FP64', 'BYTES', 'BOOL', 'BYTES']);
    assert.equal((await ask(`${url}/v2`, { key })).status, 200);
    for (const [target, body, status, words] of [
      ['other/infer', { inputs }, 404, /no model "other"/],
      ['churn/versions/9/infer', { inputs }, 404, /no version "9"/],
      ['churn/infer', { inputs: [{ ...inputs[0], data: [1] }] }, 400, /shape \[2\], but 1 values/],
      ['churn/infer', { inputs: [{ ...inputs[0], datatype: 'BOOL' }] }, 400, /`age` must be of type FP64/],
      ['churn/infer', { inputs: inputs.slice(0, 1) }, 400, /`city` is missing/],
      ['churn/infer', { inputs, outputs: [{ name: 'logits' }] }, 400, /no output `logits`/],
    ] as [string, object, number, RegExp][]) {
      const answer = await ask(`${url}/v2/models/${target}`, { key, body });
      assert.equal(answer.status, status, answer.text);
      assert.match(String(answer.json['error']), words);
    }
  });

  it('refuses what it cannot read, in words that name the field', async () => {
    for (const [body, words, headers] of [
      [{ dataframe_records: [{ ...row, age: 'old' }] }, /`age` must be a number, got the text "old"/],
      [{ dataframe_records: [row, { ...row, member: 1 }] }, /`member` must be true or false, got the number 1 \(in row 2\)/],
      [{ dataframe_records: [{ age: 3, member: true }] }, /`city` is missing/],
      [{ dataframe_records: [{ ...row, agee: 3 }] }, /`agee` is not a field/],
      [{ dataframe_records: [{ ...row, age: { a: 1 } }] }, /`age` in row 1 must be one value, got an object/],
      [{ dataframe_records: [], instances: [] }, /exactly one of/],
      [{ rows: [] }, /"rows" is not one of them/],
      [{ dataframe_records: [] }, /holds no rows/],
      [[1], /must be a JSON object/],
      ['{"dataframe_records": [{"age": NaN}]}', /NaN stands at character 32/],
      ['{"dataframe_records": [{"age": -Infinity}]}', /-Infinity stands/],
      ['{"dataframe_records": [{"age": 1e999, "city": "x", "member": true}]}', /`age` must be a number, got the number Infinity/],
      ['{"dataframe_records"', /not JSON/],
      [`{"instances": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /must be a list of 4 values, got 1/],
      [`{"inputs": {"age": ${'['.repeat(10_000)}${']'.repeat(10_000)}}}`, /`age` in row 1 must be one value, got a list/],
      [`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /"a" is not one of them/],
      ['['.repeat(10_000), /not JSON/],
      ['age,city\n1', /Row 1 has 1 fields/, { 'content-type': 'text/csv' }],
      ['age,city\n1,"x', /quote/, { 'content-type': 'text/csv' }],
    ] as [unknown, RegExp, Record<string, string>?][]) {
      const answer = await invoke(body, headers);
      assert.equal(answer.status, 400, answer.text);
      assert.match(String(answer.json['message']), words);
      assert.equal(answer.json['error_code'], 'BAD_REQUEST');
    }
    assert.equal((await invoke('x', { 'content-type': 'application/xml' })).status, 415);
    assert.equal((await invoke('{}', { 'content-type': 'application/json; charset=latin1' })).status, 415);
    assert.equal((await invoke({ dataframe_records: Array.from({ length: 100_001 }, () => ({})) })).status, 400);
    const large = await invoke(Buffer.alloc(100_000_000, 32)).catch((error: NodeJS.ErrnoException) => error);
    // Where the client still writes when the server has closed, some systems lose the answer with the connection.
    assert.ok(large instanceof Error ? ['EPIPE', 'ECONNRESET'].includes(large.code ?? '') : large.status === 413 && /larger than 50 MB/.test(large.text));
    assert.deepEqual(await predictions({ dataframe_records: [{ ...row, city: 'oslo' }] }), ['yes']);
    assert.match((await ask(`${url}/metrics`)).text, /mlserve_feature_unseen_total\{model="churn",version="1",role="live",feature="city"\} [1-9]/);
  });

  it('opens to its key only, and to no web page', async () => {
    const body = { dataframe_records: [row] };
    assert.equal((await ask(`${url}/invocations`, { body })).status, 401);
    assert.match(String((await ask(`${url}/invocations`, { body, key: 'wrong' })).json['message']), /Authorization: Bearer <key>/);
    assert.equal((await ask(`${url}/invocations`, { body, headers: { 'x-api-key': key } })).status, 200);
    assert.equal((await ask(`${url}/v2/models/churn`)).status, 401);
    assert.equal((await ask(`${url}/-/stats`, { key })).status, 401);
    assert.equal((await ask(`${url}/-/stop`, { key, method: 'POST' })).status, 401);
    assert.equal((await ask(`${url}/invocations`, { body, key, headers: { host: 'evil.example' } })).status, 403);
    assert.equal((await ask(`${url}/invocations`, { body, key, headers: { origin: 'http://evil.example' } })).status, 403);
    assert.equal((await ask(`${url}/invocations`, { body, key, headers: { origin: url } })).status, 200);
    const config = await readFile(path.join(deployed.endpoint.folder, 'endpoint.json'), 'utf8');
    assert.ok(!config.includes(key));
    const client = await test.client();
    const next = await client.newEndpointKey('churn');
    assert.equal((await ask(`${url}/invocations`, { body, key })).status, 401);
    key = next.key ?? '';
    assert.equal((await ask(`${url}/invocations`, { body, key })).status, 200);
  });

  it('describes itself', async () => {
    const { json } = await ask(`${url}/openapi.json`);
    assert.equal(json['openapi'], '3.1.0');
    const { Row } = (json['components'] as { schemas: Record<string, { required: string[]; properties: Record<string, { type: unknown }> }> }).schemas;
    assert.deepEqual(Row?.required, ['city', 'member']);
    assert.deepEqual(Row?.properties['age']?.type, ['number', 'null']);
    const references = [...JSON.stringify(json).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    assert.deepEqual(references.filter((name) => !(name in (json['components'] as { schemas: object }).schemas)), []);
  });

  it('logs every prediction, and keeps labels', async () => {
    const client = await test.client();
    await invoke({ dataframe_records: [row, { city: 'rome', member: false }], params: { ids: ['l1', 'l2'] } });
    const lines = await until(async () => {
      const found = (await logged(deployed.endpoint)).filter(({ id }) => id === 'l1' || id === 'l2');
      return found.length === 2 && found;
    });
    assert.deepEqual(lines.map(({ inputs, prediction, version, shadow }) => ({ inputs, prediction, version, shadow }))[1], { inputs: { age: null, city: 'rome', member: false, since: null }, prediction: 'yes', version: 1, shadow: false });
    assert.ok((lines[0]?.latency ?? 0) > 0 && lines[0]?.request === lines[1]?.request);
    const direct = await ask(`${url}/labels`, { key, body: { labels: [{ id: 'l1', value: 'yes' }] } });
    assert.deepEqual([direct.status, direct.json], [202, { accepted: 1 }]);
    assert.deepEqual(await client.addLabels('churn', { labels: [{ id: 'l1', value: 'no' }, { id: 'l2', value: true }, { id: 'nobody', value: 'no' }] }), { accepted: 3, unknown: 1, unknown_ids: ['nobody'], repeated: 1 });
    assert.match((await ask(`${url}/labels`, { key, body: { labels: [{ id: 'l1' }] } })).text, /labels\.0\.value/);
    assert.match((await ask(`${url}/labels`, { key, body: { labels: [{ id: '', value: 'no' }] } })).text, /labels\.0\.id/);
  });

  it('shares traffic by weight, keeps a routing key at its version, shadows, and rolls back', async () => {
    const client = await test.client();
    const beside = await client.deploy({ model: 'churn/2', weight: 20 });
    assert.equal(beside.key, null);
    assert.deepEqual(beside.endpoint.versions.map(({ version, weight }) => [version, weight]), [[1, 80], [2, 20]]);
    const seen = { 1: 0, 2: 0 };
    for (let count = 0; count < 300; count += 1) {
      const version = Number((await invoke({ dataframe_records: [row] })).headers['x-model-version']) as 1 | 2;
      seen[version] += 1;
    }
    assert.ok(seen[2] > 25 && seen[2] < 105, `${seen[2]} of 300`);
    const sticky = new Set<unknown>();
    for (let count = 0; count < 20; count += 1) {
      sticky.add((await invoke({ dataframe_records: [row] }, { 'x-routing-key': 'customer 7' })).headers['x-model-version']);
    }
    assert.equal(sticky.size, 1);
    await assert.rejects(client.setTraffic('churn', { versions: [{ version: '1', weight: 50 }] }), /add up to 100, not 50/);
    await client.setTraffic('churn', { versions: [{ version: '1', weight: 100 }, { version: '2', weight: 0, shadow: true }] });
    const { json } = await invoke({ dataframe_records: [{ ...row, age: 31.5 }], params: { ids: ['shadowed'] } });
    assert.deepEqual([json['version'], json['predictions']], [1, ['yes']]);
    const copy = await until(async () => (await logged(deployed.endpoint)).find(({ id, shadow }) => id === 'shadowed' && shadow));
    assert.deepEqual([copy.version, copy.prediction], [2, 'no']);
    const stats = (await client.endpoint('churn')).stats?.versions ?? [];
    assert.deepEqual(stats.filter(({ shadow }) => shadow).map(({ version, rows }) => [version, rows]), [[2, 1]]);
    assert.ok((stats[0]?.requests ?? 0) > 100 && (stats[0]?.p50 ?? 1000) <= (stats[0]?.p99 ?? 0));
    await client.deploy({ model: 'churn/2' });
    assert.deepEqual((await invoke({ dataframe_records: [{ ...row, age: 31.5 }] })).json['version'], 2);
    const back = await client.rollBack('churn');
    assert.deepEqual(back.versions.map(({ version, weight, shadow }) => [version, weight, shadow]), [[1, 100, false], [2, 0, true]]);
    assert.match(back.history[0]?.reason ?? '', /rolled back/);
    assert.equal((await invoke({ dataframe_records: [row] })).json['version'], 1);
    assert.deepEqual((await client.predictAt('churn', [row])).predictions, ['yes']);
    await assert.rejects(client.predictAt('churn', [{ ...row, age: 'x' }]), /`age` must be a number/);
  });
});

describe('versions that read different fields', function () {
  this.timeout(60_000);
  let test: TestProject;
  before(async () => {
    test = await TestProject.create(2, true);
  });
  after(() => test.end());

  it('answer the same requests: what only another one reads is left out', async () => {
    const client = await test.client();
    const { endpoint, key } = await client.deploy({ model: 'churn/1' });
    await client.deploy({ model: 'churn/2', weight: 50 });
    const seen = new Set<unknown>();
    for (let count = 0; count < 40; count += 1) {
      const { status, headers, text } = await ask(`${endpoint.url}/invocations`, { key: key ?? '', body: { dataframe_records: [row] } });
      assert.equal(status, 200, text);
      seen.add(headers['x-model-version']);
    }
    assert.deepEqual([...seen].sort(), ['1', '2']);
    const refused = await ask(`${endpoint.url}/invocations`, { key: key ?? '', body: { dataframe_records: [{ ...row, colour: 'red' }] } });
    assert.match(refused.text, /`colour` is not a field/);
  });
});

describe('deploying', function () {
  this.timeout(60_000);
  let test: TestProject;
  beforeEach(async () => {
    test = await TestProject.create();
  });
  afterEach(() => test.end());

  it('names a port that is taken, and takes a free one', async () => {
    const client = await test.client();
    const stranger = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', () => resolve()));
    const { port } = stranger.address() as { port: number };
    await assert.rejects(client.deploy({ model: 'churn', port }), new RegExp(`Port ${port} is taken by another program`));
    assert.deepEqual(await client.endpoints(), []);
    stranger.close();
    const first = await client.deploy({ model: 'churn', port });
    assert.equal(first.endpoint.port, port);
    await assert.rejects(client.deploy({ model: 'churn', name: 'second', port }), /is taken by the endpoint churn/);
    await client.removeEndpoint('churn');
    assert.equal(await ask(`${first.endpoint.url}/health`).catch(() => null), null);
  });

  it('does two deploys to one name one after the other', async () => {
    const client = await test.client();
    const [one, two] = await Promise.all([client.deploy({ model: 'churn/1' }), client.deploy({ model: 'churn/2' })]);
    assert.equal([one.key, two.key].filter((key) => key !== null).length, 1);
    const [endpoint] = await client.endpoints();
    assert.equal(endpoint?.history.length, 2);
    assert.equal(endpoint?.versions.length, 1);
  });

  it('follows ml.yaml where the request says nothing', async () => {
    await writeFile(test.project.file, 'project: churn\ndeployments:\n  open:\n    model: churn\n    key: false\n    workers: 1\n    durable: true\n');
    const { endpoint, key } = await (await test.client()).deploy({ model: 'churn', name: 'open' });
    assert.deepEqual([key, endpoint.needs_key, endpoint.workers, endpoint.log.durable], [null, false, 1, true]);
    assert.equal((await ask(`${endpoint.url}/invocations`, { body: { dataframe_records: [row] } })).status, 200);
    assert.equal((await logged(endpoint)).length, 1);
  });

  it('refuses a model file that is damaged or missing, before and after', async () => {
    const client = await test.client();
    const deployed = await client.deploy({ model: 'churn/1' });
    const file = test.modelFile(deployed);
    await client.stopEndpoint('churn');
    const content = await readFile(file);
    await chmod(file, 0o644);
    await writeFile(file, 'damaged');
    await assert.rejects(client.startEndpoint('churn'), /model file of churn version 1 is damaged/);
    assert.equal((await client.endpoint('churn')).endpoint.state, 'failed');
    await assert.rejects(client.deploy({ model: 'churn/1' }), /is damaged/);
    await rm(file);
    await assert.rejects(client.startEndpoint('churn'), /model file of churn version 1 is missing/);
    await writeFile(file, content);
    assert.equal((await client.startEndpoint('churn')).state, 'ready');
    await rm(file);
    await client.deploy({ model: 'churn/2' });
    await assert.rejects(client.rollBack('churn'), /is missing/);
    assert.deepEqual((await client.endpoint('churn')).endpoint.versions.map(({ version }) => version), [2]);
  });

  it('loses no more than the requests in flight when a worker is killed under load', async function () {
    if (!linux) {
      this.skip();
    }
    const { endpoint, key } = await (await test.client()).deploy({ model: 'churn' });
    const connections = 10;
    const load = autocannon({ url: `${endpoint.url}/invocations`, method: 'POST', headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json' }, body: JSON.stringify({ dataframe_records: [row] }), connections, duration: 4 });
    await pause(1500);
    const [worker] = await childrenOf(endpoint.pid ?? 0);
    process.kill(worker ?? 0, 'SIGKILL');
    const result = await load;
    assert.ok(result.errors + result.non2xx <= connections, `${result.errors} errors, ${result.non2xx} other answers of ${result.requests.total}`);
    assert.ok(result.requests.total > 100);
    assert.equal((await childrenOf(endpoint.pid ?? 0)).length, 2);
    const before = await ask(`${endpoint.url}/metrics`);
    assert.match(before.text, /mlserve_worker_deaths 1/);
    console.log(`      worker killed: ${result.errors + result.non2xx} of ${result.requests.total} requests failed`);
  });

  it('is back when the whole server is killed, and is given up when it dies again and again', async () => {
    const client = await test.client();
    const { endpoint, key } = await client.deploy({ model: 'churn' });
    const began = performance.now();
    process.kill(endpoint.pid ?? 0, 'SIGKILL');
    await until(async () => (await ask(`${endpoint.url}/invocations`, { key, body: { dataframe_records: [row] } }).catch(() => null))?.status === 200);
    console.log(`      back after ${(performance.now() - began).toFixed(0)} ms`);
    const state = async (): Promise<Endpoint> => (await client.endpoint('churn')).endpoint;
    await until(async () => (await state()).state === 'ready');
    assert.equal((await state()).restarts, 1);
    for (let deaths = 1; deaths < 5; deaths += 1) {
      const { pid } = await until(async () => {
        const now = await state();
        return now.state === 'ready' && now;
      });
      process.kill(pid ?? 0, 'SIGKILL');
      await until(async () => (await state()).pid !== pid);
    }
    const failed = await state();
    assert.deepEqual([failed.state, failed.pid], ['failed', null]);
    assert.match(failed.error ?? '', /ended 5 times within a minute/);
    assert.equal((await client.startEndpoint('churn')).state, 'ready');
  });

  it('goes on when the project server is killed, is taken up by the next one, and is watched by it', async () => {
    const client = await test.client();
    const { endpoint, key } = await client.deploy({ model: 'churn' });
    const predict = () => ask(`${endpoint.url}/invocations`, { key, body: { dataframe_records: [row] } });
    const server = await test.serverPid();
    process.kill(server, 'SIGKILL');
    while ((await processStart(server)) !== null) {
      await pause(10);
    }
    assert.equal((await predict()).status, 200);
    const found = await until(async () => {
      const [now] = await client.endpoints();
      return now?.state === 'ready' && now;
    });
    assert.equal(found.pid, endpoint.pid);
    await client.newEndpointKey('churn');
    assert.equal((await predict()).status, 401);
    process.kill(endpoint.pid ?? 0, 'SIGKILL');
    const again = await until(async () => {
      const [now] = await client.endpoints();
      return now?.state === 'ready' && now.pid !== endpoint.pid && now;
    });
    assert.equal(again.port, endpoint.port);
    // A server that is asked to stop leaves endpoints alone; the next one starts what is missing.
    await client.stop();
    assert.equal((await predict()).status, 401);
  });

  it('loses no prediction that was answered when its log is durable', async () => {
    const { endpoint, key } = await (await test.client()).deploy({ model: 'churn', log: { durable: true, flush: 60_000 } });
    const answered = new Set<string>();
    let killed = false;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let count = 0; !killed; count += 1) {
        const id = `${client}-${count}`;
        const answer = await ask(`${endpoint.url}/invocations`, { key, headers: { 'x-request-id': id }, body: { dataframe_records: [row] } }).catch(() => null);
        if (answer?.status === 200) {
          answered.add(id);
        }
      }
    });
    await until(async () => answered.size > 100);
    const workers = linux ? await childrenOf(endpoint.pid ?? 0) : [];
    [...workers, endpoint.pid ?? 0].forEach((pid) => process.kill(pid, 'SIGKILL'));
    killed = true;
    await Promise.all(clients);
    const ids = new Set((await logged(endpoint)).map(({ id }) => id));
    assert.deepEqual([...answered].filter((id) => !ids.has(id)), []);
  });

  it('goes on answering when the log cannot be written, unless that is durable', async () => {
    const client = await test.client();
    const blocked = async (name: string, durable: boolean) => {
      const { endpoint, key } = await client.deploy({ model: 'churn', name, log: { durable, flush: 10 } });
      // A file where the folder should be: nothing can be written, as on a disk that is full.
      await writeFile(path.join(endpoint.folder, 'predictions'), '');
      const predict = () => ask(`${endpoint.url}/invocations`, { key, body: { dataframe_records: [row] } });
      const answer = await predict();
      await until(async () => /mlserve_log_errors_total [1-9]/.test((await ask(`${endpoint.url}/metrics`)).text));
      return { endpoint, answer, predict };
    };
    const usual = await blocked('usual', false);
    assert.equal(usual.answer.status, 200);
    await rm(path.join(usual.endpoint.folder, 'predictions'));
    await until(async () => (await logged(usual.endpoint)).length === 1);
    const durable = await blocked('durable', true);
    assert.deepEqual([durable.answer.status, durable.answer.json['error_code']], [503, 'TEMPORARILY_UNAVAILABLE']);
    assert.match(String(durable.answer.json['message']), /answers only what is logged/);
    await rm(path.join(durable.endpoint.folder, 'predictions'));
    assert.equal((await durable.predict()).status, 200);
    assert.equal((await client.endpoint('durable')).stats?.versions[0]?.errors, 1);
  });

  it('finishes what is in flight when it is stopped, and flushes its log', async () => {
    const client = await test.client();
    const { endpoint, key } = await client.deploy({ model: 'churn', log: { flush: 60_000 } });
    const many = { dataframe_records: Array.from({ length: 20_000 }, () => row) };
    const flight = ask(`${endpoint.url}/invocations`, { key, body: many });
    await pause(100);
    const stopped = await client.stopEndpoint('churn');
    assert.deepEqual([stopped.state, stopped.pid], ['stopped', null]);
    assert.equal((await flight).status, 200);
    assert.equal((await logged(endpoint)).length, 20_000);
    await assert.rejects(ask(`${endpoint.url}/health`), /ECONNREFUSED/);
    await assert.rejects(client.predictAt('churn', [row]), /is stopped/);
  });

  it('works from the command line', async () => {
    const cli = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [path.join(runtime.folder, 'cli.js'), ...args], { cwd: test.project.root });
        const said = { out: '', err: '' };
        child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
        child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, ...said }));
      });
    const done = async (...args: string[]): Promise<Record<string, unknown>> => {
      const { code, out, err } = await cli(...args, '--json');
      assert.equal(code, 0, err);
      return JSON.parse(out) as Record<string, unknown>;
    };
    const { endpoint, url, version, key } = await done('deploy', 'churn/1', '--name', 'live', '--workers', '1');
    assert.deepEqual([endpoint, version, typeof key], ['live', 1, 'string']);
    assert.equal((await ask(`${String(url)}/invocations`, { key: String(key), body: { dataframe_records: [row] } })).status, 200);
    await writeFile(path.join(test.project.root, 'rows.csv'), 'age,city,member,since,extra\n50,rome,true,2024-01-01,a\n20,oslo,false,,b\n');
    const scored = await done('predict', 'live', 'rows.csv', '--out', 'scored.csv');
    assert.deepEqual(scored['predictions'], ['yes', 'no']);
    assert.match(await readFile(path.join(test.project.root, 'scored.csv'), 'utf8'), /extra,prediction,probability_no,probability_yes/);
    await done('deploy', 'churn/2', '--name', 'live', '--shadow');
    await done('endpoints', 'traffic', 'live', 'v1=90', 'v2=10');
    assert.deepEqual(((await done('endpoints', 'rollback', 'live'))['versions'] as { shadow: boolean }[]).map(({ shadow }) => shadow), [false, true]);
    assert.equal(((await done('endpoints', 'list'))['endpoints'] as Endpoint[])[0]?.state, 'ready');
    await done('endpoints', 'stop', 'live');
    for (const [args, words] of [
      [['endpoints', 'show', 'nobody'], /no endpoint "nobody"\. There are live/],
      [['endpoints', 'traffic', 'live', 'v1=50'], /add up to 100/],
      [['deploy', 'churn/9'], /no version 9/],
      [['deploy'], /<model>/],
      [['predict', 'live', 'rows.csv'], /is stopped/],
    ] as [string[], RegExp][]) {
      const { code, err } = await cli(...args);
      assert.equal(code, 2, err);
      assert.match(err, words);
    }
    await done('endpoints', 'remove', 'live');
  });
});
