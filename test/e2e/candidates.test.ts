// A model that a program registered: seen, held back by a gate, and kept, as a person does it in the workbench.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Session } from './harness/session.ts';

const settings = `project: loans
models:
  fraud:
    gates:
      champion:
        - name: good enough
          metric: accuracy
          min: 0.9
`;

const description = `flavors:
  python_function: {loader_module: mlflow.sklearn}
  sklearn: {pickled_model: model.pkl}
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "amount", "required": true}, {"type": "string", "name": "country", "required": false}]'
  outputs: '[{"type": "long", "required": true}]'
`;

describe('a candidate of a program', function () {
  this.timeout(180_000);
  let session: Session;
  let protocol: (method: string, target: string, body?: unknown) => Promise<Record<string, unknown>>;
  let run_id: string;

  before(async () => {
    session = await Session.open('loans', { files: { 'ml.yaml': settings } });
    await session.cli('models', 'list');
    const state = (name: string): string => readFileSync(path.join(session.folder, '.ml', name), 'utf8');
    const headers = { authorization: `Bearer ${state('server.key').trim()}` };
    const api = `http://127.0.0.1:${(JSON.parse(state('server.json')) as { port: number }).port}/api/2.0`;
    protocol = async (method, target, body) => (await fetch(`${api}/mlflow/${target}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).json() as Promise<Record<string, unknown>>;
    const { run } = (await protocol('POST', 'runs/create', { experiment_id: '0', run_name: 'nightly fit' })) as { run: { info: { run_id: string; artifact_uri: string } } };
    run_id = run.info.run_id;
    const artifacts = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
    for (const [name, content] of Object.entries({ MLmodel: description, 'model.pkl': 'what is pickled' })) {
      await fetch(`${api}/mlflow-artifacts/artifacts/${artifacts}/model/${name}`, { method: 'PUT', headers, body: content });
    }
    await protocol('POST', 'runs/log-metric', { run_id, key: 'accuracy', value: 0.85, timestamp: 1 });
    await protocol('POST', 'registered-models/create', { name: 'fraud' });
    await protocol('POST', 'model-versions/create', { name: 'fraud', run_id, source: `${run.info.artifact_uri}/model`, description: 'trained every night' });
  });
  after(() => session.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'candidates');
    }
  });

  it('stands in the Models view with where it comes from, and tells what its files say', async () => {
    const { workbench } = session;
    await workbench.openContainer();
    const row = workbench.row(/Version 1.*candidate · of nightly fit/);
    await row.waitFor();
    await row.click();
    const panel = await workbench.panel('fraud', 'model');
    await panel.getByText('sklearn, python_function').waitFor();
    const text = await panel.locator('.page').innerText();
    assert.match(text, /candidate[^]*A program registered it · trained every night/);
    assert.match(text, /amount\s+double[^]*country\s+string, optional/);
    assert.match(text, /model\.pkl\s+15 bytes/);
    assert.equal(await panel.getByRole('button', { name: 'Predict' }).count(), 0, 'what it holds is not run here');
    await workbench.screenshot('light', 'candidate');
  });

  it('is held back by its gate, which says why and where', async () => {
    const { workbench } = session;
    const panel = await workbench.panel('fraud', 'model');
    await panel.locator('vscode-button', { hasText: 'Promote to champion' }).click();
    const notice = workbench.page.locator('.notification-toast', { hasText: 'fraud version 1 cannot become champion' });
    await notice.getByText('“good enough” wants accuracy of at least 0.9, and it is 0.85').waitFor();
    await panel.locator('.badge.bad', { hasText: 'refused' }).waitFor();
    await workbench.screenshot('light', 'gate-refused');
    await notice.getByRole('button', { name: 'Open ml.yaml' }).click();
    await workbench.page.locator('.tab.active', { hasText: 'ml.yaml' }).waitFor();
    await workbench.page.locator('.notification-toast').waitFor({ state: 'detached' });
  });

  it('becomes a version in a file once it passes', async () => {
    const { workbench } = session;
    await protocol('POST', 'runs/log-metric', { run_id, key: 'accuracy', value: 0.95, timestamp: 2, step: 1 });
    await workbench.row(/Version 1.*candidate/).click();
    const panel = await workbench.panel('fraud', 'model');
    await panel.locator('vscode-button', { hasText: 'Make a version of it' }).click();
    await workbench.row(/Version 1.*champion/).waitFor();
    await panel.getByText(/Version 1 was made of a candidate/).waitFor();
    const [file] = readdirSync(path.join(session.folder, 'models', 'fraud', 'versions'));
    assert.match(readFileSync(path.join(session.folder, 'models', 'fraud', 'versions', file ?? ''), 'utf8'), /format: mlflow[^]*flavors:\n {2}- sklearn/);
    assert.match(readFileSync(path.join(session.folder, 'models', 'fraud', 'aliases.yaml'), 'utf8'), /^champion: /);
    for (const theme of ['light', 'dark', 'contrast'] as const) {
      await session.theme(theme);
      await workbench.visiblePanel().locator(theme === 'light' ? 'body.vscode-light' : theme === 'dark' ? 'body.vscode-dark' : 'body.vscode-high-contrast').waitFor();
      await workbench.screenshot(theme, 'program-version');
    }
    await session.theme('light');
    await workbench.page.setViewportSize({ width: 760, height: 900 });
    await workbench.visiblePanel().locator('.page').waitFor();
    await workbench.screenshot('light', 'program-version-narrow');
  });
});
