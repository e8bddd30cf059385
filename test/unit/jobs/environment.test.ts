import assert from 'node:assert/strict';
import { runnerEnvironment, scriptEnvironment, trackingVariables } from '../../../src/core/jobs/environment.ts';

describe('the environment of a script', () => {
  const address = runnerEnvironment({ uri: 'http://127.0.0.1:5', token: 't' });

  it('has the tracking server and the job, and nothing of the editor', () => {
    const environment = scriptEnvironment({ PATH: '/bin', VSCODE_PID: '1', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--x', ...address }, 'JOB');
    assert.deepEqual(environment, { PATH: '/bin', PYTHONUNBUFFERED: '1', PYTHONIOENCODING: 'utf-8', MPLBACKEND: 'Agg', MLFLOW_TRACKING_URI: 'http://127.0.0.1:5', MLFLOW_TRACKING_TOKEN: 't/JOB', MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true', MLFLOW_RUN_CONTEXT: '{"ml_lifecycle.job":"JOB"}' });
  });

  it('keeps the server that a person named', () => {
    const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_CONTEXT } = scriptEnvironment({ MLFLOW_TRACKING_URI: 'https://company', ...address }, 'JOB');
    assert.deepEqual([MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_CONTEXT], ['https://company', undefined, undefined]);
  });

  it('is that of the job where the server was started from a tracked terminal', () => {
    for (const token of ['t', 't/ANOTHER']) {
      const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_CONTEXT } = scriptEnvironment({ ...trackingVariables({ uri: 'http://127.0.0.1:4', token }), ...address }, 'JOB');
      assert.deepEqual([MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_CONTEXT], ['http://127.0.0.1:5', 't/JOB', '{"ml_lifecycle.job":"JOB"}']);
    }
  });

  it('keeps the tags that a person put on every run', () => {
    const context = (given: string): unknown => JSON.parse(scriptEnvironment({ MLFLOW_RUN_CONTEXT: given, ...address }, 'JOB')['MLFLOW_RUN_CONTEXT'] ?? '');
    assert.deepEqual(context('{"team": "a"}'), { team: 'a', 'ml_lifecycle.job': 'JOB' });
    assert.deepEqual(context('no JSON'), { 'ml_lifecycle.job': 'JOB' });
  });
});
