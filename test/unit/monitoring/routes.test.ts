import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Fastify from 'fastify';
import { toFailure } from '../../../src/contracts/errors.ts';
import { AlertList, Monitor } from '../../../src/contracts/monitoring.ts';
import { addLabels } from '../../../src/core/monitoring/api.ts';
import { projectAt } from '../../../src/core/project/api.ts';
import { objectPath } from '../../../src/core/store/api.ts';
import { monitorRoutes } from '../../../src/processes/projectServer/monitorRoutes.ts';
import { monitoredVersion, monitorSettings } from '../../../src/processes/projectServer/monitorParts.ts';
import { TestEndpoint } from './support/endpoint.ts';

describe('the monitor over HTTP', function () {
  this.timeout(30_000);

  it('looks, lists and edits alerts, and takes labels from a file', async () => {
    const endpoint = await TestEndpoint.make();
    const monitoring = endpoint.monitoring();
    const app = Fastify();
    app.setErrorHandler((error, _request, reply) => reply.status(400).send({ error: toFailure(error) }));
    monitorRoutes(app, { monitoring, endpoints: { list: () => [endpoint.endpoint], stats: () => null }, queries: { labels: addLabels } });
    await endpoint.predict(1000, { shift: 0.6 });
    const looked = Monitor.parse((await app.inject({ method: 'POST', url: '/api/monitors/parcels/look' })).json());
    assert.equal(looked.windows.length, 2);
    assert.equal(Monitor.parse((await app.inject('/api/monitors/parcels')).json()).windows.length, 2);
    const { alerts } = AlertList.parse((await app.inject('/api/alerts')).json());
    assert.equal(alerts.length, 2);
    assert.equal((await app.inject({ method: 'PATCH', url: `/api/alerts/${alerts[0]!.alert_id}`, payload: { acknowledged: true } })).statusCode, 200);
    assert.match((await app.inject({ method: 'PATCH', url: `/api/alerts/${alerts[0]!.alert_id}`, payload: { muted_for: 'long' } })).body, /muted_for/);
    const file = path.join(endpoint.folder, 'labels.csv');
    await writeFile(file, 'id,outcome\np0000000,yes\np0000001,no\n');
    const labelled = await app.inject({ method: 'POST', url: '/api/endpoints/parcels/labels-file', payload: { file, id: 'id', value: 'outcome' } });
    assert.deepEqual(labelled.json(), { accepted: 2, unknown: 0, unknown_ids: [], repeated: 0 });
    for (const [method, url] of [['GET', '/api/monitors/nobody'], ['POST', '/api/monitors/nobody/look'], ['POST', '/api/endpoints/nobody/labels-file']] as const) {
      const answer = await app.inject({ method, url, ...(method === 'POST' ? { payload: { file, id: 'id', value: 'outcome' } } : {}) });
      assert.match(answer.body, /There is no endpoint \\"nobody\\"/);
    }
    await monitoring.close();
    await app.close();
    await endpoint.remove();
  });

  it('finds references of registered versions and of candidates, and the settings of ml.yaml', async () => {
    const endpoint = await TestEndpoint.make();
    const project = projectAt(endpoint.folder);
    const [model, reference] = ['a'.repeat(64), 'b'.repeat(64)];
    const facts = (ulid: string): Record<string, unknown> => ({
      model: 'parcels', ulid, created: '2026-01-01T00:00:00.000Z', run_id: 'r', task: 'classification', target: 'late', trainer: 'linear', artifact: { sha256: model, bytes: 1 },
      reference: { sha256: reference, rows: 3000 }, data: { path: 'parcels.csv', sha256: 'c', rows: 3000 }, git: null, metrics: { roc_auc: 0.9 }, description: '', tags: {},
    });
    endpoint.database.run('INSERT INTO retraining_candidates (ulid, model, created, version) VALUES (:ulid, :model, 1, :version)', { ulid: 'C', model: 'parcels', version: JSON.stringify(facts('C')) });
    await mkdir(path.join(project.modelsFolder, 'parcels', 'versions'), { recursive: true });
    const text = Object.entries({ ...facts('R'), version: 1 }).map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join('\n');
    await writeFile(path.join(project.modelsFolder, 'parcels', 'versions', 'R.yaml'), `${text}\n`);
    for (const ulid of ['C', 'R']) {
      assert.deepEqual(await monitoredVersion(project, endpoint.database, ulid), { reference: null, model: null, metrics: { roc_auc: 0.9 } }, ulid);
    }
    await mkdir(path.dirname(objectPath(project.objectsFolder, reference)), { recursive: true });
    await writeFile(objectPath(project.objectsFolder, reference), 'PAR1');
    assert.equal((await monitoredVersion(project, endpoint.database, 'R')).reference, objectPath(project.objectsFolder, reference));
    assert.deepEqual(await monitoredVersion(project, endpoint.database, 'nobody'), { reference: null, model: null, metrics: {} });
    assert.equal((await monitorSettings(project, 'parcels')).window, 500);
    await writeFile(project.file, 'project: parcels\nmonitors:\n  watch:\n    deployment: parcels\n    window: 60\n    ignore: [x]\n');
    assert.deepEqual(await monitorSettings(project, 'parcels'), { window: 60, consecutive: 2, drift_threshold: 0.1, metric: null, worse_by: 0.2, ignore: ['x'] });
    await endpoint.remove();
  });
});
