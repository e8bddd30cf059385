// A real MLflow client against the packaged server, and what it must survive.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/run.mjs';
import { jobTag } from '../../src/contracts/runs.ts';
import type { ServerEvent } from '../../src/contracts/server.ts';
import { connectRunning } from '../../src/core/client/api.ts';
import { trackingVariables } from '../../src/core/jobs/api.ts';
import { projectAt } from '../../src/core/project/api.ts';
import { token, TrackingServer, type Answer } from './trackingServer.ts';

interface Run {
  info: { run_id: string; artifact_uri: string; status: string };
  data: { metrics?: { key: string; value: unknown; step: number; timestamp: number }[]; params?: { key: string; value: string }[] };
}

/** Waits for a condition, doing `meanwhile` again and again. */
async function until(holds: () => boolean, meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  while (!holds()) {
    await meanwhile();
    await pause(20);
  }
}

describe('the tracking server', function () {
  this.timeout(240_000);
  const server = new TrackingServer();
  let python = '';
  let missing: string | null = null;
  before(async () => {
    await server.start();
    python = await pythonOf('mlflow-skinny-3').catch((error: Error) => {
      missing = error.message;
      return '';
    });
  });
  after(() => server.dispose());

  const withClient = (title: string, check: () => Promise<void>): void => {
    it(title, async function () {
      if (missing !== null) {
        this.runnable().title += ` (${missing})`;
        this.skip();
      }
      await check();
    });
  };
  const newRun = async (): Promise<Run> => ((await server.ask('POST', 'runs/create', { experiment_id: '0', start_time: 1 })).body as { run: Run }).run;
  const read = async (run_id: string): Promise<Run> => ((await server.ask('GET', `runs/get?run_id=${run_id}`)).body as { run: Run }).run;
  const refused = ({ status, body }: Answer, expected: number, code: string, message: RegExp): void => {
    assert.deepEqual([status, body['error_code']], [expected, code], JSON.stringify(body));
    assert.match(String(body['message']), message);
  };

  /** What the script light.py says that its client got back. */
  function isLight(told: Record<string, unknown>): void {
    assert.deepEqual(told['status'], ['FINISHED', 'first', true]);
    assert.deepEqual(told['params'], { lr: '0.1', model: 'tree', empty: '' });
    assert.deepEqual(told['metrics'], { inf: 'inf', loss: '0.3333333333333333', nan: 'nan', ninf: '-inf' });
    assert.deepEqual(told['tags'], { team: 'a b', kind: 'light', 'mlflow.runName': 'first', 'mlflow.source.type': 'LOCAL' });
    assert.deepEqual(told['history'], [[0, 1], [1, 0.5], [2, 1 / 3]]);
    assert.deepEqual(told['files'], [['d.json', false, 12], ['empty.txt', false, 0], ['notes', true, null]]);
    assert.deepEqual([told['text'], told['long']], ['hello', 2500]);
    assert.deepEqual(Object.values(told['search'] as Record<string, string[]>), [['child'], ['first'], ['child'], ['first'], ['first'], ['first', 'child']]);
    assert.deepEqual([told['pages'], told['deleted'], told['restored'], told['killed']], [['child', 'first'], [['first'], ['child']], 2, 'KILLED']);
    assert.deepEqual(told['registry'], { alias: '2', model: ['for a test', { owner: 'ada' }, { champion: '2' }], tags: { v: '1', checked: 'yes' }, found: ['2', '1'], models: ['reg'], text: 'hello' });
    assert.deepEqual(told['refused'], {
      run: ['RESOURCE_DOES_NOT_EXIST', 'Run with id=nope not found'],
      param: ['INVALID_PARAMETER_VALUE', (told['refused'] as Record<string, string[]>)['param']?.[1]],
      alias: ['INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.'],
      model: ['RESOURCE_ALREADY_EXISTS', 'Registered Model (name=reg) already exists.'],
      filter: ['INVALID_PARAMETER_VALUE', (told['refused'] as Record<string, string[]>)['filter']?.[1]],
    });
    assert.match((told['refused'] as Record<string, string[]>)['param']?.[1] ?? '', /^Changing param values is not allowed/);
  }

  withClient('keeps what an MLflow 3 client logs, and gives it back', async () => isLight(await server.client(python, 'light.py')));

  it('keeps what an MLflow 2 client logs, and gives it back', async function () {
    // It makes the same names, so it has a project of its own.
    const other = new TrackingServer();
    try {
      const older = await pythonOf('mlflow-skinny-2').catch((error: Error) => {
        this.runnable().title += ` (${error.message})`;
        return this.skip();
      });
      await other.start();
      isLight(await other.client(older, 'light.py'));
    } finally {
      await other.dispose();
    }
  });

  withClient('shows a client’s runs on the command line, and exports them', async () => {
    const cli = (...args: string[]): Promise<string> => run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'runs', ...args, '--json'], { cwd: server.folder });
    const { runs } = JSON.parse(await cli('list')) as { runs: { run_id: string; name: string; kind: string; experiment: string }[] };
    const first = runs.find(({ name }) => name === 'first');
    assert.deepEqual([first?.kind, first?.experiment], ['external', 'light']);
    const detail = JSON.parse(await cli('show', first?.run_id ?? '')) as { artifacts: { path: string }[]; artifact_folder: string };
    assert.deepEqual(detail.artifacts.map((artifact) => artifact.path).sort(), ['d.json', 'empty.txt', 'notes/hello.txt']);
    assert.ok(existsSync(path.join(detail.artifact_folder, 'notes', 'hello.txt')));
    const out = path.join(server.folder, 'runs.csv');
    await cli('export', '--out', out);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    assert.match(lines[0] ?? '', /^run_id,name,experiment,.*metrics\.loss/);
    assert.equal(lines.length, runs.length + 1);
  });

  withClient('makes a script’s first run the run of its job', async () => {
    const { run_id } = await server.job(python, 'job.py', ['--lr', '1e-3']);
    const { info, data } = await read(run_id);
    assert.equal(info.status, 'FINISHED');
    assert.deepEqual(data.params, [{ key: 'lr', value: '0.001' }]);
    const history = (await server.ask('GET', `metrics/get-history?run_id=${run_id}&metric_key=loss`)).body as { metrics: { step: number }[] };
    assert.deepEqual(history.metrics.map(({ step }) => step), [0, 1, 2]);
    const { files } = (await server.ask('GET', `artifacts/list?run_id=${run_id}`)).body as { files: { path: string }[] };
    assert.deepEqual(['notes', 'packages.txt', 'source'].filter((name) => !files.some((file) => file.path === name)), []);
    const { experiments } = (await server.ask('GET', `experiments/search?max_results=100&filter=${encodeURIComponent("name = 'named by the script'")}`)).body as { experiments: { name: string }[] };
    assert.equal(experiments.length, 1);
  });

  withClient('keeps the runs of a script that names no experiment together, where its client finds them', async () => {
    const { run_id } = await server.job(python, 'unnamed.py');
    const runs = (await server.runs()).filter(({ tags }) => tags[jobTag] === run_id);
    assert.deepEqual(runs.map(({ name, experiment, kind }) => [name, experiment, kind]).sort(), [['inner', 'unnamed.py', 'external'], ['outer', 'unnamed.py', 'script'], ['second', 'unnamed.py', 'external']]);
    // The same from outside of a job goes to Default, as everywhere.
    await run(python, ['-c', 'import mlflow; mlflow.start_run(run_name="alone")'], { cwd: server.folder, env: { ...process.env, ...trackingVariables({ uri: server.uri, token }) } });
    assert.equal((await server.runs()).find(({ name }) => name === 'alone')?.experiment, 'Default');
  });

  withClient('goes on with the run of a job that MLFLOW_RUN_ID names', async () => {
    const { run_id } = await server.job(python, 'job.py', ['--lr', '1e-3']);
    const before = (await server.runs()).length;
    assert.deepEqual(await server.client(python, 'later.py', [], { MLFLOW_RUN_ID: run_id }), { run_id });
    const runs = await server.runs();
    assert.equal(runs.length, before);
    const { kind, status, metrics } = runs.find((each) => each.run_id === run_id)!;
    assert.deepEqual([kind, status, metrics['loss'], metrics['later']], ['script', 'finished', 1 / 3, 0.5]);
  });

  withClient('counts once what a script logs with MLflow, writes for TensorBoard and prints', async () => {
    const before = (await server.runs()).length;
    const { run_id } = await server.job(python, 'board.py', [path.join(root, 'test', 'unit', 'tracking', 'fixtures', 'tensorboardx.tfevents')]);
    assert.equal((await server.runs()).length, before + 1);
    const { points } = await server.history(run_id);
    assert.deepEqual(points.filter(({ key }) => key === 'loss/train').map(({ step, value }) => [step, value]), [0, 1, 2, 3, 4].map((step) => [step, 1 / (step + 1)]));
    // What came another way stands beside it, what the script cost the machine too.
    const others = [...new Set(points.map(({ key }) => key))].filter((key) => key !== 'loss/train');
    assert.ok(others.includes('only/mlflow') && (process.platform === 'win32' || others.includes('system/memory_mb')), others.join(', '));
  });

  withClient('loses nothing that it acknowledged when it is killed, and a client finds it back', async () => {
    const [end, progress] = [path.join(server.folder, 'end'), path.join(server.folder, 'progress')];
    const logged = (): number => Number(existsSync(progress) ? readFileSync(progress, 'utf8') : 0);
    const client = server.client(python, 'batches.py', [end, progress], { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '7', MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '1' });
    let settled = false;
    const outcome = client.finally(() => {
      settled = true;
    });
    outcome.catch(() => undefined);
    for (let kills = 0; kills < 3 && !settled; kills += 1) {
      const before = logged();
      while (logged() < before + 2000 && !settled) {
        await pause(5);
      }
      await server.end('SIGKILL');
      await server.start();
    }
    writeFileSync(end, '');
    const { logged: sent, read: found } = (await outcome) as { logged: number; read: number };
    assert.ok(sent >= 6000);
    assert.equal(found, sent);
  });

  it('lets in who knows the token, as a bearer or as a password, and answers others as clients expect', async () => {
    const with_ = (headers: Record<string, string>): Promise<Answer> => server.ask('GET', 'experiments/get?experiment_id=0', undefined, headers);
    for (const authorization of ['', 'Bearer wrong', 'Bearer wrong/JOB', `Bearer JOB/${token}`, `Basic ${Buffer.from('ada:wrong').toString('base64')}`, 'Basic', 'Bearer']) {
      refused(await with_({ authorization }), 401, 'UNAUTHENTICATED', /token is missing or wrong/);
    }
    assert.equal((await with_({ authorization: `Basic ${Buffer.from(`ada:${token}`).toString('base64')}` })).status, 200);
    refused(await with_({ origin: 'http://evil.example' }), 403, 'PERMISSION_DENIED', /web pages/);
    const foreign = await new Promise<number | undefined>((resolve, reject) => {
      http.get({ port: server.port, host: '127.0.0.1', path: '/api/2.0/mlflow/experiments/get?experiment_id=0', headers: { host: 'evil.example', authorization: `Bearer ${token}` } }, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    assert.equal(foreign, 403);
    assert.match(await (await fetch(`${server.uri}/`)).text(), /Experiments view/);
    assert.equal(await (await fetch(`${server.uri}/health`)).text(), 'OK');
    assert.match(await (await fetch(`${server.uri}/version`)).text(), /^3\.[0-3]\.\d+$/);
  });

  it('says what is wrong, never with 5xx', async () => {
    const { info } = await newRun();
    const { run_id } = info;
    const metric = { key: 'm', value: 1, timestamp: 1, step: 0 };
    refused(await server.ask('POST', 'runs/log-batch', { run_id, metrics: Array.from({ length: 1001 }, () => metric) }), 400, 'INVALID_PARAMETER_VALUE', /at most 1000 metrics\. Got 1001/);
    refused(await server.ask('POST', 'runs/log-batch', { run_id, metrics: [{ ...metric, timestamp: 'x' }] }), 400, 'INVALID_PARAMETER_VALUE', /^Invalid value "x" for parameter 'metrics\[0\]\.timestamp' supplied/);
    refused(await server.ask('POST', 'runs/log-metric', { run_id, key: 'm', timestamp: 1 }), 400, 'INVALID_PARAMETER_VALUE', /^Missing value for required parameter 'value'\./);
    refused(await server.ask('POST', 'runs/log-metric', { run_id, ...metric, key: '../x' }), 400, 'INVALID_PARAMETER_VALUE', /must not resolve to other names/);
    refused(await server.ask('POST', 'runs/log-metric', { run_id, ...metric, key: 'k'.repeat(251) }), 400, 'INVALID_PARAMETER_VALUE', /maximum length of 250/);
    refused(await server.ask('POST', 'runs/log-metric', { run_id, ...metric, timestamp: -1 }), 400, 'INVALID_PARAMETER_VALUE', /at least 0/);
    refused(await server.ask('POST', 'runs/log-metric', '{"run_id":'), 400, 'INVALID_PARAMETER_VALUE', /not valid JSON/);
    refused(await server.ask('POST', 'runs/log-metric', [1]), 400, 'INVALID_PARAMETER_VALUE', /^Missing value/);
    refused(await server.ask('POST', 'runs/search', { experiment_ids: ['0'], page_token: 'rubbish' }), 400, 'INVALID_PARAMETER_VALUE', /page token/);
    refused(await server.ask('POST', 'runs/search', { experiment_ids: ['0'], max_results: 50_001 }), 400, 'INVALID_PARAMETER_VALUE', /max_results/);
    refused(await server.ask('POST', 'experiments/create', { name: 'elsewhere', artifact_location: 'mlflow-artifacts:/../..' }), 400, 'INVALID_PARAMETER_VALUE', /Invalid artifact location/);
    refused(await server.ask('GET', 'runs/get?run_id=nope'), 404, 'RESOURCE_DOES_NOT_EXIST', /^Run with id=nope not found$/);
    refused(await server.ask('GET', 'experiments/get?experiment_id=777'), 404, 'RESOURCE_DOES_NOT_EXIST', /^No Experiment with id=777 exists$/);
    refused(await server.ask('GET', 'experiments/get-by-name?experiment_name=nope'), 404, 'RESOURCE_DOES_NOT_EXIST', /nope/);
    refused(await server.ask('GET', 'logged-models/m-nope'), 404, 'RESOURCE_DOES_NOT_EXIST', /not found/);
    refused(await server.ask('GET', 'registered-models/get?name=nope'), 404, 'RESOURCE_DOES_NOT_EXIST', /^Registered Model with name=nope not found$/);
    refused(await server.ask('POST', 'traces/search', {}), 404, 'ENDPOINT_NOT_FOUND', /./);
    refused(await server.ask('POST', 'model-versions/create', { name: 'x', source: '/etc/passwd' }), 400, 'INVALID_PARAMETER_VALUE', /Invalid model version source/);
    // Too long a parameter is cut, as MLflow cuts it; the same again is no change.
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await server.ask('POST', 'runs/log-parameter', { run_id, key: 'long', value: 'x'.repeat(6001) })).status, 200);
    }
    assert.equal((await read(run_id)).data.params?.[0]?.value.length, 6000);
    // Numbers that JSON does not have travel as text; whole numbers are taken as text too, and given as numbers.
    assert.deepEqual((await server.ask('POST', 'runs/log-batch', { run_id, metrics: ['NaN', 'Infinity', '-Infinity'].map((value) => ({ key: value.toLowerCase(), value, timestamp: '5', step: '3' })) })).body, {});
    assert.deepEqual((await read(run_id)).data.metrics, [
      { key: '-infinity', value: '-Infinity', timestamp: 5, step: 3 },
      { key: 'infinity', value: 'Infinity', timestamp: 5, step: 3 },
      { key: 'nan', value: 'NaN', timestamp: 5, step: 3 },
    ]);
  });

  it('tells windows at once what clients write', async () => {
    const client = await connectRunning(projectAt(server.folder));
    assert.ok(client !== null);
    const events: ServerEvent[] = [];
    client.onEvent((event) => events.push(event));
    try {
      await client.status();
      const { info } = await newRun();
      const seen = (holds: (event: ServerEvent) => boolean): Promise<void> => until(() => events.some(holds), () => server.ask('POST', 'runs/log-metric', { run_id: info.run_id, key: 'm', value: 1, timestamp: 1 }));
      await seen((event) => event.type === 'run' && event.run.run_id === info.run_id && event.run.kind === 'external' && event.run.metrics['m'] === 1);
      await server.ask('POST', 'runs/delete', { run_id: info.run_id });
      await until(() => events.some((event) => event.type === 'run' && event.run.archived && event.run.run_id === info.run_id));
      assert.ok(!(await client.runs()).some(({ run_id }) => run_id === info.run_id));
    } finally {
      client.close();
    }
  });

  it('speaks under every prefix, and reads a body with DELETE', async () => {
    for (const prefix of ['api/2.0', 'ajax-api/2.0']) {
      const response = await fetch(`${server.uri}/${prefix}/mlflow/experiments/search`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{"max_results": "1"}' });
      assert.equal(response.status, 200);
    }
    const info = await fetch(`${server.uri}/api/3.0/mlflow/server-info`, { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual(await info.json(), { store_type: 'SqlStore', workspaces_enabled: false });
    await server.ask('POST', 'registered-models/create', { name: 'gone' });
    assert.equal((await server.ask('DELETE', 'registered-models/delete', { name: 'gone' })).status, 200);
    assert.equal((await server.ask('GET', 'registered-models/get?name=gone')).status, 404);
  });

  describe('with artifacts', () => {
    const artifact = (method: string, name: string, body?: string | ReadableStream): Promise<Response> =>
      fetch(`${server.uri}/api/2.0/mlflow-artifacts/artifacts/${name}`, { method, headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body, duplex: 'half' }) } as RequestInit);
    /** As it is written: fetch would tidy the path first. */
    const raw = (method: string, target: string, body: string): Promise<{ status: number | undefined; text: string }> =>
      new Promise((resolve, reject) => {
        const request = http.request({ port: server.port, host: '127.0.0.1', method, path: target, headers: { authorization: `Bearer ${token}` } }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve({ status: response.statusCode, text }));
        });
        request.on('error', reject).end(body);
      });

    it('reaches nothing outside, however a path is written', async () => {
      const { info } = await newRun();
      const base = info.artifact_uri.replace('mlflow-artifacts:/', '');
      mkdirSync(path.join(server.folder, '.ml', 'artifacts', base), { recursive: true });
      symlinkSync(server.folder, path.join(server.folder, '.ml', 'artifacts', base, 'out'));
      for (const name of ['../../../evil', '..%2f..%2fevil', '%2e%2e/%2e%2e/evil', '%252e%252e/evil', '%2fetc/evil', 'a%00b', 'a%5c..%5cevil', `${base}/out/evil`, 'jobs/x/journal.ndjson']) {
        const { status, text } = await raw('PUT', `/api/2.0/mlflow-artifacts/artifacts/${name}`, 'evil');
        assert.equal(status, 400, `${name}: ${text}`);
        assert.match(text, /INVALID_PARAMETER_VALUE.*Invalid path/);
        assert.equal((await raw('GET', `/api/2.0/mlflow-artifacts/artifacts/${name}`, '')).status, 400, name);
      }
      assert.ok(!readdirSync(server.folder).includes('evil'));
      assert.equal((await raw('GET', `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent('../..')}`, '')).status, 400);
    });

    it('keeps nothing of an upload that breaks off', async () => {
      const { info } = await newRun();
      const base = info.artifact_uri.replace('mlflow-artifacts:/', '');
      await new Promise<void>((resolve) => {
        const request = http.request({ port: server.port, host: '127.0.0.1', method: 'PUT', path: `/api/2.0/mlflow-artifacts/artifacts/${base}/half`, headers: { authorization: `Bearer ${token}`, 'content-length': 1000 } });
        request.on('error', () => resolve());
        request.write('half', () => request.destroy());
      });
      const waiting = path.join(server.folder, '.ml', 'artifacts', '.incoming');
      while (existsSync(waiting) && readdirSync(waiting).length > 0) {
        await pause(20);
      }
      assert.equal((await artifact('GET', `${base}/half`)).status, 404);
    });

    it('refuses parts in the words that clients look for', async () => {
      const response = await fetch(`${server.uri}/api/2.0/mlflow-artifacts/mpu/create/0/x`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{}' });
      const body = (await response.json()) as { error_code: string; message: string };
      assert.deepEqual([response.status, body.error_code], [501, 'NOT_IMPLEMENTED']);
      assert.match(body.message, /^Multipart upload is not supported for the current artifact repository/);
    });
  });
});
