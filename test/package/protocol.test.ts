// What a tracking client gets for odd requests, as MLflow's own server answers them (test/clients/conformance.test.ts asks both).
import assert from 'node:assert/strict';
import { token, TrackingServer, type Answer } from './trackingServer.ts';

interface Run {
  info: { run_id: string; artifact_uri: string };
  data: { params?: { key: string; value: string }[]; tags?: { key: string; value: string }[] };
}

describe('the protocol of tracking clients', function () {
  this.timeout(120_000);
  const server = new TrackingServer();
  before(() => server.start());
  after(() => server.dispose());

  const newRun = async (): Promise<Run> => ((await server.ask('POST', 'runs/create', { run_name: 'one', start_time: 1, tags: [{ key: 'any name!', value: 'x' }] })).body as { run: Run }).run;
  const refused = ({ status, body }: Answer, expected: number, code: string, message: RegExp): void => {
    assert.deepEqual([status, body['error_code']], [expected, code], JSON.stringify(body));
    assert.match(String(body['message']), message);
  };
  const page = (target: string): Promise<Response> => fetch(`${server.uri}/${target}`, { headers: { authorization: `Bearer ${token}` } });

  it('adds nothing to the tags that a client gave', async () => {
    const { data } = await newRun();
    assert.deepEqual(data.tags, [{ key: 'any name!', value: 'x' }, { key: 'mlflow.runName', value: 'one' }]);
  });

  it('takes an empty text for missing, and a text for a list only in an address', async () => {
    refused(await server.ask('POST', 'experiments/create', { name: '' }), 400, 'INVALID_PARAMETER_VALUE', /^Missing value for required parameter 'name'\./);
    refused(await server.ask('POST', 'experiments/search', { max_results: 5, order_by: 'name' }), 400, 'INVALID_PARAMETER_VALUE', /^Invalid value "name" for parameter 'order_by' supplied/);
    assert.equal((await server.ask('GET', 'experiments/search?max_results=5&order_by=name')).status, 200);
    assert.equal((await server.ask('GET', 'experiments/get?experiment_id=0&experiment_id=99')).status, 200);
    refused(await server.ask('GET', 'model-versions/get?name=a&version=x'), 400, 'INVALID_PARAMETER_VALUE', /^Parameter 'version' must be an integer, got 'x'\.$/);
  });

  it('cuts long values between characters', async () => {
    const { info } = await newRun();
    await server.ask('POST', 'runs/log-parameter', { run_id: info.run_id, key: 'p', value: `a${'😀'.repeat(6000)}` });
    const { run } = (await server.ask('GET', `runs/get?run_id=${info.run_id}`)).body as { run: Run };
    assert.equal(run.data.params?.[0]?.value, `a${'😀'.repeat(5999)}`);
  });

  it('deletes and restores twice without harm, and knows no experiment that is deleted', async () => {
    const { info } = await newRun();
    for (const verb of ['delete', 'delete', 'restore', 'restore']) {
      assert.equal((await server.ask('POST', `runs/${verb}`, { run_id: info.run_id })).status, 200);
    }
    const { body } = await server.ask('POST', 'experiments/create', { name: 'gone' });
    assert.equal((await server.ask('POST', 'experiments/delete', body)).status, 200);
    refused(await server.ask('POST', 'experiments/delete', body), 404, 'RESOURCE_DOES_NOT_EXIST', /^No Experiment with id=\d+ exists$/);
    refused(await server.ask('GET', 'experiments/get?experiment_id=abc'), 400, 'INVALID_PARAMETER_VALUE', /^Invalid experiment ID 'abc'/);
  });

  it('refuses a batch that says a parameter twice, and half a data set', async () => {
    const { info: { run_id } } = await newRun();
    refused(await server.ask('POST', 'runs/log-batch', { run_id, params: [{ key: 'a', value: '1' }, { key: 'a', value: '1' }] }), 400, 'INVALID_PARAMETER_VALUE', /^Duplicate parameter keys/);
    refused(await server.ask('POST', 'runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1, dataset_name: 'd' }), 400, 'INVALID_PARAMETER_VALUE', /^Both dataset_name and dataset_digest/);
  });

  it('gives and takes files by the addresses of MLflow’s pages', async () => {
    const { info: { run_id } } = await newRun();
    const upload = (file: string, body?: string): Promise<Response> =>
      fetch(`${server.uri}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${run_id}&path=${encodeURIComponent(file)}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([(await upload('f/a.txt', 'hello')).status, (await upload('../a.txt', 'hello')).status, (await upload('b.txt')).status], [200, 400, 400]);
    assert.equal(await (await page(`get-artifact?run_uuid=${run_id}&path=f/a.txt`)).text(), 'hello');
    for (const file of ['../x', '/etc/passwd', '%252e%252e/x', 'f']) {
      const response = await page(`get-artifact?run_id=${run_id}&path=${file}`);
      assert.deepEqual([response.status, ((await response.json()) as { error_code: string }).error_code], [400, 'INVALID_PARAMETER_VALUE'], file);
    }
    assert.equal((await fetch(`${server.uri}/get-artifact?run_id=${run_id}&path=f/a.txt`)).status, 401);
  });

  it('refuses a source that leads elsewhere, and knows what a copied version came from', async () => {
    const { info: { run_id, artifact_uri } } = await newRun();
    await server.ask('POST', 'registered-models/create', { name: 'copied' });
    for (const source of ['mlflow-artifacts:/a/../b', 's3://a/%252e%252e/b', 'http://a/..%2fb', 's3://a/b%00']) {
      refused(await server.ask('POST', 'model-versions/create', { name: 'copied', source }), 400, 'INVALID_PARAMETER_VALUE', /If supplying a source as an http/);
    }
    await server.ask('POST', 'model-versions/create', { name: 'copied', source: `${artifact_uri}/model`, run_id });
    const { body } = await server.ask('POST', 'model-versions/create', { name: 'copied', source: 'models:/copied/1' });
    assert.equal((body['model_version'] as { run_id: string }).run_id, run_id);
    refused(await server.ask('POST', 'model-versions/create', { name: 'copied', source: 'models:/copied/9' }), 404, 'RESOURCE_DOES_NOT_EXIST', /not found/);
  });
});
