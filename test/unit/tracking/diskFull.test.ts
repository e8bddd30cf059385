import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import Fastify from 'fastify';
import { pino } from 'pino';
import { MirroredRuns } from '../../../src/core/exchange/api.ts';
import { projectAt } from '../../../src/core/project/api.ts';
import { Candidates, Catalogue, Promotions } from '../../../src/core/registry/api.ts';
import { ArtifactStore } from '../../../src/core/tracking/api.ts';
import { mlflowRoutes } from '../../../src/processes/projectServer/mlflow/server.ts';
import { clientRun, openStores } from './support.ts';

describe('tracking on a full disk', () => {
  it('answers what clients do not repeat, keeps nothing of the request, and goes on once there is room', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'full-'));
    const stores = openStores(path.join(folder, 'ml.db'));
    const { database, runs } = stores;
    const project = projectAt(folder);
    const app = Fastify();
    const nothing = (): void => undefined;
    const artifacts = new ArtifactStore(project, () => Promise.resolve(null));
    const catalogue = new Catalogue(project, database);
    const promotions = new Promotions(project, catalogue, new Candidates(project, catalogue, runs, stores.models, artifacts), runs);
    const inTurn = <T>(work: () => Promise<T>) => work();
    const mirrored = new MirroredRuns({ ...stores, metrics: runs.metrics, catalogue, artifacts, inTurn }, () => null, nothing);
    const tracking = { ...stores, mirrored, project, metrics: runs.metrics, catalogue, promotions, asked: (_socket: unknown, answer: () => unknown) => answer(), touched: nothing, removed: nothing, experimentsChanged: nothing, modelsChanged: nothing, inTurn };
    mlflowRoutes(app, tracking, artifacts, pino({ enabled: false }));
    const run_id = stores.tracked.create(clientRun());
    const log = (count: number) =>
      app.inject({ method: 'POST', url: '/api/2.0/mlflow/runs/log-batch', payload: { run_id, metrics: Array.from({ length: count }, (_, step) => ({ key: 'loss', value: step, timestamp: step, step })) } });
    try {
      // SQLite’s own limit fails as a full disk does.
      database.all(`PRAGMA max_page_count = ${Number(database.get('PRAGMA page_count')?.['page_count'])}`);
      const refused = await log(1000);
      assert.deepEqual([refused.statusCode, refused.json<{ error_code: string }>().error_code], [507, 'INSUFFICIENT_STORAGE']);
      assert.equal(runs.history(run_id, 0).points.length, 0);
      database.all('PRAGMA max_page_count = 100000');
      assert.equal((await log(10)).statusCode, 200);
      assert.equal(runs.history(run_id, 0).points.length, 10);
    } finally {
      await app.close();
      database.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
