import assert from 'node:assert/strict';
import { environmentCredentials } from '../../../src/core/exchange/api.ts';

describe('credentials out of the environment', () => {
  const address = 'https://mlflow.example.org/team';

  it('are for the server that the environment names, or for any where it names none and that is enough', () => {
    assert.deepEqual(environmentCredentials({ MLFLOW_TRACKING_TOKEN: 't' }, address, false), { token: 't' });
    assert.equal(environmentCredentials({ MLFLOW_TRACKING_TOKEN: 't' }, address, true), undefined);
    assert.deepEqual(environmentCredentials({ MLFLOW_TRACKING_URI: 'https://mlflow.example.org', MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' }, address, true), { username: 'u', password: 'p' });
  });

  it('are never for another one', () => {
    for (const uri of ['http://127.0.0.1:4000', 'http://mlflow.example.org', 'https://mlflow.example.org:8443', 'sqlite:///x.db', 'databricks']) {
      assert.equal(environmentCredentials({ MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 't' }, address, false), undefined);
    }
  });
});
