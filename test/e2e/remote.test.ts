// A project that follows a remote tracking server: signing in, its runs, and their curves.
import { Session } from './harness/session.ts';
import { token, TrackingServer } from '../package/trackingServer.ts';

describe('the runs of a remote server', function () {
  this.timeout(180_000);
  const server = new TrackingServer();
  let session: Session;
  before(async () => {
    await server.start();
    for (const [index, name] of ['tree of far away', 'network of far away'].entries()) {
      const made = await server.ask('POST', 'runs/create', { experiment_id: '0', run_name: name, start_time: 1_700_000_000_000 + index });
      const { run_id } = (made.body as { run: { info: { run_id: string } } }).run.info;
      const metrics = Array.from({ length: 40 }, (_, step) => ({ key: 'loss', value: (index + 1) / (step + 1), timestamp: 1_700_000_000_000 + step * 1000, step }));
      await server.ask('POST', 'runs/log-batch', { run_id, metrics, params: [{ key: 'depth', value: String(index + 3) }] });
      await server.ask('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 1_700_000_090_000 });
    }
    session = await Session.open('loans', { files: { 'ml.yaml': `project: loans\ntracking:\n  uri: ${server.uri}\n  every: 1s\n` } });
  });
  after(async () => {
    await session.close();
    await server.dispose();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await session.workbench.screenshot('failed', 'remote');
    }
  });

  it('stand in the Experiments view once a person has signed in', async () => {
    const { workbench } = session;
    await workbench.openContainer();
    const asked = workbench.page.locator('.notification-list-item', { hasText: 'refuses access' });
    await asked.waitFor();
    await workbench.screenshot('light', 'remote-refused');
    await asked.getByRole('button', { name: 'Sign in…' }).click();
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'With a token' }).click();
    await workbench.answer('Token. It is kept', token);
    await workbench.page.locator('.part.sidebar .message', { hasText: 'synchronised' }).waitFor();
    await workbench.row('tree of far away').waitFor();
    await workbench.screenshot('light', 'remote-runs');
  });

  it('have their whole curve when one is opened', async () => {
    const { workbench } = session;
    await workbench.row('network of far away').click();
    const run = await workbench.panel('run_id');
    await run.locator('.curves .plot path.line').first().waitFor();
    await workbench.screenshot('light', 'remote-run');
    await session.theme('contrast');
    await workbench.screenshot('contrast', 'remote-runs');
  });
});
