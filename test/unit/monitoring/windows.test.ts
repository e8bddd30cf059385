import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../src/contracts/errors.ts';
import type { Alert, MonitorWindow } from '../../../src/contracts/monitoring.ts';
import { addLabels, judgeWindows, type Monitoring } from '../../../src/core/monitoring/api.ts';
import { first, second, served, signature, TestEndpoint } from './support/endpoint.ts';

describe('monitoring an endpoint', function () {
  this.timeout(60_000);
  let endpoint: TestEndpoint;
  beforeEach(async () => {
    endpoint = await TestEndpoint.make();
  });
  afterEach(() => endpoint.remove());

  const dataWindows = (windows: MonitorWindow[]): MonitorWindow[] => windows.filter((window) => window.kind === 'data');
  const told = (monitoring: Monitoring): { alert: Alert; notify: boolean }[] => {
    const list: { alert: Alert; notify: boolean }[] = [];
    monitoring.on('alert', (alert, notify) => list.push({ alert, notify }));
    return list;
  };

  it('judges full windows of each version by itself, and says how many predictions wait', async () => {
    endpoint.versions = [served(first, 1, 90), served(second, 2, 10)];
    await endpoint.predict(700);
    await endpoint.predict(120, { ulid: second });
    await endpoint.predict(500);
    const monitoring = endpoint.monitoring();
    const seen = await monitoring.look('parcels');
    assert.deepEqual(seen.versions.map(({ ulid, predictions, waiting }) => [ulid, predictions, waiting]), [[first, 1200, 200], [second, 120, 120]]);
    assert.equal(seen.windows.length, 2);
    const [window] = seen.windows as [MonitorWindow];
    assert.equal(window.rows, 500);
    assert.equal(window.to - window.from, 499_000);
    assert.deepEqual(window.drift?.columns.map(({ name, role, drift }) => [name, role, drift]), [['x', 'input', false], ['kind', 'input', false], ['flag', 'input', false], ['late', 'prediction', false]]);
    assert.equal(window.drift?.columns.at(-1)?.n_reference, 600, 'predictions are compared with the rows that were set aside');
    assert.deepEqual(window.quality.map(({ missing, outside }) => [missing, outside]), [[0, 0], [0, 0], [0, 0]]);
    assert.equal((await monitoring.look('parcels')).windows.length, 2);
    await endpoint.predict(300);
    assert.equal((await monitoring.look('parcels')).windows.length, 3);
    assert.equal((await monitoring.look('parcels')).versions[0]?.waiting, 0);
    await monitoring.close();
  });

  it('reads the logs of several processes in the order of time, and leaves out damaged lines', async () => {
    for (let part = 0; part < 10; part += 1) {
      await endpoint.predict(60, { file: `2026-01-01-${part % 2}.ndjson`, damage: true });
    }
    await appendFile(path.join(endpoint.folder, 'predictions', '2026-01-01-1.ndjson'), `{"id":"cut","ulid":"${first}","at":`);
    const monitoring = endpoint.monitoring();
    const { versions, windows } = await monitoring.look('parcels');
    assert.deepEqual([versions[0]?.predictions, versions[0]?.waiting, windows.length], [600, 100, 1]);
    assert.equal(windows[0]!.to - windows[0]!.from, 499_000, 'the first 500, although they lie in two files');
    await endpoint.predict(450, { file: '2026-01-02-1.ndjson' });
    const after = await monitoring.look('parcels');
    assert.deepEqual([after.versions[0]?.predictions, after.windows.length], [1050, 2]);
    assert.equal(after.windows[1]!.from, after.windows[0]!.to + 1000, 'nothing is left out between windows');
    await monitoring.close();
  });

  it('opens an alarm once, after two windows in a row, and closes it by one that does not confirm', async () => {
    const monitoring = endpoint.monitoring();
    const alerts = told(monitoring);
    await endpoint.predict(500);
    await endpoint.predict(500, { shift: 0.6 });
    await monitoring.look('parcels');
    assert.equal(alerts.length, 0, 'one window is no alarm');
    await endpoint.predict(500, { shift: 0.6 });
    await monitoring.look('parcels');
    // The output follows its input.
    assert.deepEqual(alerts.map(({ alert, notify }) => [alert.kind, alert.column, alert.windows, notify]), [['drift', 'x', 2, true], ['drift', 'late', 2, true]]);
    assert.match(alerts[0]!.alert.message, /^`x` drifted from the training data: stability index 0\.\d+, above 0\.1 \(500 predictions\)\.$/);
    await endpoint.predict(500, { shift: 0.6 });
    await monitoring.look('parcels');
    assert.deepEqual(alerts.slice(2).map(({ alert, notify }) => [alert.windows, notify, alert.closed]), [[3, false, null], [3, false, null]]);
    assert.equal(monitoring.alerts().length, 2);
    await endpoint.predict(500);
    await monitoring.look('parcels');
    assert.equal(monitoring.alerts().length, 0);
    assert.ok(alerts.slice(4).every(({ alert, notify }) => alert.closed !== null && !notify));
    await monitoring.close();
  });

  it('says nothing of what a person muted, and remembers what a person acknowledged', async () => {
    const monitoring = endpoint.monitoring();
    const alerts = told(monitoring);
    await endpoint.predict(1000, { shift: 0.6 });
    await monitoring.look('parcels');
    const { alert_id } = alerts.find(({ alert }) => alert.column === 'x')!.alert;
    assert.ok(monitoring.editAlert(alert_id, { acknowledged: true }).acknowledged !== null);
    assert.ok(monitoring.editAlert(alert_id, { muted_for: 3_600_000 }).muted_until! > Date.now());
    await endpoint.predict(500);
    await endpoint.predict(1000, { shift: 0.6 });
    alerts.length = 0;
    const { alerts: known } = await monitoring.look('parcels');
    const opened = alerts.filter(({ alert }) => alert.windows === 2 && alert.closed === null);
    assert.deepEqual(opened.map(({ alert, notify }) => [alert.column, notify]), [['x', false], ['late', true]]);
    assert.deepEqual(known.map(({ closed }) => closed === null), [true, true, false, false]);
    assert.equal(monitoring.editAlert(alert_id, { muted_for: 0, acknowledged: false }).muted_until, null);
    assert.throws(() => monitoring.editAlert('nobody', {}), UserError);
    await monitoring.close();
  });

  it('goes on after a crash between windows, and judges nothing twice', async () => {
    await endpoint.predict(1000, { shift: 0.6 });
    let asked = 0;
    const dying = endpoint.monitoring({
      windows: (request) => {
        asked += 1;
        if (asked === 2) {
          throw new Error('killed');
        }
        return judgeWindows(request);
      },
    });
    await assert.rejects(dying.look('parcels'), /killed/);
    await dying.close();
    const monitoring = endpoint.monitoring();
    const alerts = told(monitoring);
    const { windows, versions } = await monitoring.look('parcels');
    assert.deepEqual(windows.map(({ from, rows }) => [(from - windows[0]!.from) / 1000, rows]), [[0, 500], [500, 500]]);
    assert.deepEqual([versions[0]?.predictions, versions[0]?.waiting], [1000, 0]);
    assert.equal(alerts.length, 2, 'the window before the crash counts');
    await monitoring.close();
  });

  it('stores a window, its position and its alerts together or not at all', async () => {
    await endpoint.predict(1000, { shift: 0.6 });
    const monitoring = endpoint.monitoring();
    const { run } = endpoint.database;
    endpoint.database.run = (sql, values) => {
      if (sql.includes('INTO alerts')) {
        throw new Error('disk full');
      }
      return run(sql, values);
    };
    await assert.rejects(monitoring.look('parcels'), /disk full/);
    endpoint.database.run = run;
    const { windows } = await monitoring.look('parcels');
    assert.equal(windows.length, 2);
    assert.equal(monitoring.alerts().length, 2);
    await monitoring.close();
  });

  it('watches shadow versions without alarms, and forgets alarms of versions that no longer answer', async () => {
    endpoint.versions = [served(first, 1, 100), served(second, 2, 0, true)];
    await endpoint.predict(1000, { shift: 0.6 });
    await endpoint.predict(1000, { shift: 0.6, ulid: second, shadow: true });
    const monitoring = endpoint.monitoring();
    const { windows } = await monitoring.look('parcels');
    assert.deepEqual(windows.map((window) => [window.ulid, window.drift?.dataset_drift]), [[first, true], [first, true], [second, true], [second, true]]);
    assert.deepEqual([...new Set(monitoring.alerts().map((alert) => alert.ulid))], [first]);
    endpoint.versions = [served(second, 2, 100)];
    const after = await monitoring.look('parcels');
    assert.equal(monitoring.alerts().length, 0);
    assert.deepEqual(after.versions.map(({ ulid, predictions }) => [ulid, predictions]), [[second, 1000]]);
    await endpoint.predict(1000, { shift: 0.6, ulid: second });
    await monitoring.look('parcels');
    assert.equal(monitoring.alerts().length, 2);
    await monitoring.close();
  });

  it('sees bad data: missing values, values outside of training, unseen categories', async () => {
    await endpoint.predict(500, { inputs: { x: null, kind: 'z' } });
    await endpoint.predict(500, { inputs: { x: 99, kind: 'z' } });
    const monitoring = endpoint.monitoring();
    const { windows, alerts } = await monitoring.look('parcels');
    assert.deepEqual(windows[0]?.quality.slice(0, 2), [
      { name: 'x', missing: 1, reference_missing: 0, outside: 0, unseen: [] },
      { name: 'kind', missing: 0, reference_missing: 0, outside: 1, unseen: ['z'] },
    ]);
    const x = windows[0]?.drift?.columns[0];
    assert.ok(x?.drift && Number.isFinite(x.statistic) && /all values are missing/.test(x.note ?? ''));
    assert.equal(windows[1]?.quality[0]?.outside, 1);
    assert.deepEqual(alerts.filter((alert) => alert.kind === 'quality').map((alert) => alert.message).sort(), [
      '100 % of the values of `kind` are categories that training never saw, such as "z".',
      '100 % of the values of `x` lie outside the range that training saw.',
    ]);
    await monitoring.close();
  });

  it('names what a reference lacks, and watches without one', async () => {
    const lacking = await TestEndpoint.make('kind, __score');
    endpoint.known = { ...endpoint.known, reference: lacking.known.reference };
    await endpoint.predict(500);
    const monitoring = endpoint.monitoring();
    const [window] = (await monitoring.look('parcels')).windows;
    assert.deepEqual(window?.drift?.columns.map((column) => column.name), ['kind', 'late']);
    assert.deepEqual(window?.drift?.problems, ['The column `x` is not in the reference.', 'The column `flag` is not in the reference.']);
    endpoint.known = { ...endpoint.known, reference: null };
    await endpoint.predict(500);
    const seen = await monitoring.look('parcels');
    assert.equal(seen.windows[1]?.drift, null);
    assert.match(seen.windows[1]?.note ?? '', /not on this machine/);
    assert.match(seen.versions[0]?.problem ?? '', /reference is not on this machine/);
    endpoint.known = { reference: null, model: null, metrics: {} };
    await endpoint.predict(600);
    assert.deepEqual((await monitoring.look('parcels')).versions.map(({ predictions, waiting, problem }) => [predictions, waiting, problem !== null]), [[1600, 100, true]]);
    await lacking.remove();
    await monitoring.close();
  });

  it('takes a reference as it was written: flags as 0 and 1, numbers as texts', async () => {
    const other = await TestEndpoint.make('x::VARCHAR AS x, kind, flag::INTEGER::DOUBLE AS flag, __score, __aside::INTEGER AS __aside');
    endpoint.known = { ...endpoint.known, reference: other.known.reference };
    await endpoint.predict(500);
    const monitoring = endpoint.monitoring();
    const [window] = (await monitoring.look('parcels')).windows;
    assert.deepEqual(window?.drift?.columns.map(({ name, type, drift }) => [name, type, drift]), [['x', 'number', false], ['kind', 'category', false], ['flag', 'category', false], ['late', 'number', false]]);
    assert.deepEqual(window.drift.problems, []);
    await other.remove();
    await monitoring.close();
  });

  it('measures labelled predictions, of two labels by the later, and counts labels for nobody', async () => {
    const made = await endpoint.predict(800);
    const monitoring = endpoint.monitoring();
    const at = Date.now();
    await endpoint.label(made.slice(0, 100).map(({ id, truth }) => ({ id, truth: truth === 'yes' ? 'no' : 'yes' })), at);
    await endpoint.label(made.slice(0, 600), at + 1000, '2026-01-01-2.ndjson');
    await endpoint.label([{ id: 'nobody', truth: 'yes' }], at + 2000);
    await appendFile(path.join(endpoint.folder, 'labels', '2026-01-01-2.ndjson'), '{"id":"p00');
    const seen = await monitoring.look('parcels');
    assert.deepEqual([seen.versions[0]?.labelled, seen.versions[0]?.waiting_labelled, seen.unknown_labels, seen.repeated_labels], [600, 100, 1, 100]);
    const [window] = seen.windows.filter((each) => each.kind === 'performance');
    assert.equal(window?.rows, 500);
    const { performance } = window!;
    assert.equal(performance?.metric, 'roc_auc');
    assert.ok(performance.value > 0.8 && performance.low < performance.value && performance.value < performance.high, JSON.stringify(performance));
    assert.ok(Math.abs(performance.limit! - 0.68) < 1e-12 && !performance.worse);
    assert.equal(dataWindows(seen.windows).length, 1);
    await endpoint.label(made.slice(600), at + 3000);
    assert.equal((await monitoring.look('parcels')).versions[0]?.waiting_labelled, 300);
    await monitoring.close();
  });

  it('alarms when a model does worse, and not where that cannot be measured', async () => {
    endpoint.settings.window = 200;
    const monitoring = endpoint.monitoring();
    const alerts = told(monitoring);
    const bad = await endpoint.predict(400, { noise: 0.8 });
    await endpoint.label(bad, 1000);
    await monitoring.look('parcels');
    assert.deepEqual(alerts.map(({ alert, notify }) => [alert.kind, alert.column, notify]), [['performance', null, true]]);
    assert.match(alerts[0]!.alert.message, /^ROC AUC is 0\.\d+ \(0\.\d+ to 0\.\d+\) on 200 labelled predictions; it was 0\.85 in training, and 0\.68 is the limit\.$/);
    const one = (await endpoint.predict(200)).map(({ id }) => ({ id, truth: 'no' }));
    await endpoint.label(one, 2000);
    const { windows } = await monitoring.look('parcels');
    const last = windows.filter((window) => window.kind === 'performance').at(-1);
    assert.equal(last?.performance, null);
    assert.equal(last?.note, 'roc_auc is not defined on this window: all labels are of one class.');
    assert.equal(monitoring.alerts().length, 1, 'what cannot be measured closes nothing');
    await endpoint.label(await endpoint.predict(200), 3000);
    await monitoring.look('parcels');
    assert.equal(monitoring.alerts().length, 0);
    await endpoint.label((await endpoint.predict(200)).map(({ id }, index) => ({ id, truth: index < 150 ? 'purple' : 'no' })), 4000);
    const strange = (await monitoring.look('parcels')).windows.at(-1);
    assert.match(strange?.note ?? '', /150 of 200 labels are no classes of the model and were left out/);
    await monitoring.close();
  });

  it('judges thousands of labels that come at once', async () => {
    endpoint.settings.window = 50;
    const made = await endpoint.predict(2600);
    await endpoint.label(made, 5000);
    const monitoring = endpoint.monitoring();
    const seen = await monitoring.look('parcels');
    const performance = seen.windows.filter((window) => window.kind === 'performance');
    assert.equal(performance.length, 52);
    assert.equal(new Set(performance.map((window) => window.from)).size, 52);
    await monitoring.close();
  });

  it('dates windows by the rows’ own date, and compares numbers that are predicted', async () => {
    endpoint.known = {
      ...endpoint.known,
      reference: null,
      metrics: { mae: 1 },
      model: { signature: { inputs: [{ name: 'day', type: 'date', optional: false, typical: '2020-01-01' }, ...signature.inputs], output: { name: 'riders', task: 'regression' } } },
    };
    endpoint.settings.window = 30;
    const lines = Array.from({ length: 30 }, (_, row) => JSON.stringify({ id: `r${row}`, request: 'r', at: 1e12 + row, ulid: first, version: 1, shadow: false, inputs: { day: `2021-03-${String(row + 1).padStart(2, '0')}`, x: 1, kind: 'a', flag: true }, prediction: 10, latency: 1 }));
    await appendFile(path.join(endpoint.folder, 'predictions', '2026-01-01-1.ndjson'), `${lines.join('\n')}\n`);
    await endpoint.label(Array.from({ length: 30 }, (_, row) => ({ id: `r${row}`, truth: String(15) })), 1000);
    const monitoring = endpoint.monitoring();
    const { windows } = await monitoring.look('parcels');
    for (const window of windows) {
      assert.deepEqual([window.from, window.to], [Date.UTC(2021, 2, 1), Date.UTC(2021, 2, 30)], window.kind);
    }
    assert.deepEqual(windows[1]?.performance, { metric: 'mae', value: 5, low: 5, high: 5, reference: 1, limit: 1.2, worse: true });
    await monitoring.close();
  });

  it('alarms when requests fail inside the server', async () => {
    const monitoring = endpoint.monitoring();
    const alerts = told(monitoring);
    const stats = (requests: number, errors: number): void => {
      endpoint.stats = { endpoint: 'parcels', at: 0, requests_per_second: 1, refused: 0, versions: [{ ulid: first, version: 1, shadow: false, requests, rows: requests, errors, p50: 1, p95: 1, p99: 1 }] };
    };
    for (const [requests, errors] of [[10, 10], [100, 20], [120, 20], [5, 5], [40, 40]] as const) {
      stats(requests, errors);
      await monitoring.look('parcels');
    }
    assert.deepEqual(alerts.map(({ alert, notify }) => [alert.kind, alert.closed === null, notify]), [['errors', true, true], ['errors', false, false], ['errors', true, true]]);
    assert.equal(alerts[0]?.alert.message, '20 of the last 100 requests failed inside the server (20 %).');
    await monitoring.close();
  });

  it('is calm with one request an hour, and before anything was asked', async () => {
    const monitoring = endpoint.monitoring();
    const seen: string[] = [];
    monitoring.on('monitor', (name) => seen.push(name));
    assert.deepEqual((await monitoring.monitor('parcels')).versions.map(({ predictions, waiting, waiting_labelled }) => [predictions, waiting, waiting_labelled]), [[0, 0, 0]]);
    for (let hour = 0; hour < 3; hour += 1) {
      await endpoint.label(await endpoint.predict(1), 1000 + hour);
      const { versions } = await monitoring.look('parcels');
      assert.deepEqual([versions[0]?.waiting, versions[0]?.waiting_labelled], [hour + 1, hour + 1]);
    }
    assert.equal(seen.length, 4);
    await assert.rejects(monitoring.look('nobody'), /There is no endpoint "nobody". There is parcels\./);
    await monitoring.close();
  });

  it('looks by itself when enough has come', async () => {
    const options = endpoint.monitoring();
    await options.close();
    const { Monitoring } = await import('../../../src/core/monitoring/api.ts');
    const monitoring = new Monitoring({ database: endpoint.database, endpoints: { list: () => [endpoint.endpoint], stats: () => null }, referenceOf: () => Promise.resolve(endpoint.known), queries: { windows: judgeWindows }, settingsOf: () => Promise.resolve(endpoint.settings), onFault: assert.ifError, every: 20 });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    monitoring.on('monitor', () => {
      if (endpoint.database.get('SELECT count(*) AS n FROM monitor_windows')?.['n'] === 1) {
        resolve(undefined);
      }
    });
    const alive = setInterval(() => undefined, 1000);
    await endpoint.predict(500);
    await promise;
    clearInterval(alive);
    await monitoring.close();
  });

  it('takes labels from a table, and tells of unknown and repeated ones', async () => {
    const made = await endpoint.predict(20);
    const file = path.join(endpoint.folder, 'truth.csv');
    await writeFile(file, `prediction,outcome\n${[...made, made[0]!, { id: 'nobody', truth: 'yes' }].map(({ id, truth }) => `${id},${truth}`).join('\n')}\nempty,\n`);
    const request = { folder: endpoint.folder, file, id: 'prediction', value: 'outcome' };
    assert.deepEqual(await addLabels(request), { accepted: 21, unknown: 1, unknown_ids: ['nobody'], repeated: 1 });
    assert.deepEqual(await addLabels(request), { accepted: 21, unknown: 1, unknown_ids: ['nobody'], repeated: 21 });
    const monitoring = endpoint.monitoring();
    const seen = await monitoring.look('parcels');
    assert.deepEqual([seen.versions[0]?.labelled, seen.unknown_labels, seen.repeated_labels], [20, 1, 21]);
    await assert.rejects(addLabels({ ...request, value: 'answer' }), /has no column `answer`\. It has `prediction`, `outcome`/);
    await monitoring.close();
  });
});
