import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../../../src/contracts/errors.ts';
import { DeployedEndpoint } from '../../../src/core/deployment/deployedEndpoint.ts';
import { EndpointStore, type StoredEndpoint } from '../../../src/core/deployment/endpointStore.ts';
import { hashKey } from '../../../src/core/serving/api.ts';
import { openDatabase, type Database } from '../../../src/core/store/api.ts';

class FullStore extends EndpointStore {
  override save(): void {
    throw new UserError('The disk is full.');
  }
}

describe('an endpoint on a full disk', () => {
  let folder: string;
  let database: Database;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'endpoint-'));
    database = openDatabase(path.join(folder, 'ml.db'));
  });
  after(async () => {
    database.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is started again when it dies, and says that a stop was not kept', async function () {
    this.timeout(20_000);
    const faults: unknown[] = [];
    const stored: StoredEndpoint = {
      config: { name: 'churn', port: 1, workers: 1, keys: null, server_key: hashKey('key'), versions: [{ ulid: '01M86NACKSTVBX3V56KT73Q7V5', model: 'churn', version: 1, sha256: '0'.repeat(64), weight: 100, shadow: false, file: 'none' }], log: { enabled: false, flush: 1000, durable: false }, revision: 1 },
      wanted: 'running',
      created: 0,
      process: null,
      ready_since: null,
      restarts: 0,
      error: null,
    };
    // There is no such script, so every model server dies at once.
    const endpoint = new DeployedEndpoint(stored, { store: new FullStore(database), folder: path.join(folder, 'churn'), serverKey: 'key', serverFile: path.join(folder, 'none.js'), onFault: (error) => faults.push(error) });
    await assert.rejects(endpoint.start(), /ended 5 times within a minute/);
    assert.ok(faults.length > 0);
    await assert.rejects(endpoint.stop({ wanted: false }), /The disk is full/);
    endpoint.detach();
  });
});
