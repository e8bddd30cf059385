// Training scripts of the frameworks, unchanged: by autologging, by TensorBoard's files, by what they print.
import assert from 'node:assert/strict';
import path from 'node:path';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/run.mjs';
import type { RunSummary } from '../../src/contracts/runs.ts';
import { trackingVariables } from '../../src/core/jobs/api.ts';
import { token, TrackingServer } from '../package/trackingServer.ts';

type Environment = Parameters<typeof pythonOf>[0];

interface Framework {
  what: string;
  environment: Environment;
  script: string;
  /** The history of one metric: its name, and how many points. */
  points: [string, number];
  params: Record<string, string>;
}

const autologged: Framework[] = [
  { what: 'LightGBM', environment: 'mlflow-3', script: 'boosted.py', points: ['train-multi_logloss', 10], params: { learning_rate: '0.2', num_boost_round: '10' } },
  { what: 'PyTorch Lightning', environment: 'torch', script: 'lightning_line.py', points: ['loss', 3], params: { epochs: '3', optimizer_name: 'SGD' } },
  { what: 'Keras', environment: 'tensorflow', script: 'keras_line.py', points: ['loss', 3], params: { epochs: '3', batch_size: '16', opt_name: 'sgd' } },
];

const boards: Pick<Framework, 'what' | 'environment' | 'script' | 'points'>[] = [
  { what: 'PyTorch', environment: 'torch', script: 'torch_board.py', points: ['loss/train', 5] },
  { what: 'TensorFlow', environment: 'tensorflow', script: 'tensorflow_board.py', points: ['train/epoch_loss', 3] },
];

describe('scripts of frameworks', function () {
  this.timeout(1_800_000);
  const server = new TrackingServer();
  before(() => server.start());
  after(() => server.dispose());

  const python = async (context: Mocha.Context, environment: Environment): Promise<string> => {
    try {
      return await pythonOf(environment);
    } catch (error) {
      context.runnable().title += ` (${error instanceof Error ? error.message : String(error)})`;
      return context.skip();
    }
  };
  const summary = async (run_id: string): Promise<RunSummary> => (await server.runs()).find((each) => each.run_id === run_id) ?? assert.fail(`no run ${run_id}`);
  const points = async (run_id: string, key: string): Promise<number> => (await server.history(run_id)).points.filter((point) => point.key === key).length;
  /** Metrics but those of the machine, so that nothing is read out of a warning. */
  const metrics = (run: RunSummary): string[] => Object.keys(run.metrics).filter((key) => !key.startsWith('system/')).sort();
  /** The states of the models that a run logged. */
  async function models(run_id: string): Promise<unknown[]> {
    const { body } = await server.ask('POST', 'logged-models/search', { experiment_ids: ['0'].concat((await experiments()).map((each) => each.experiment_id)), max_results: 50 });
    return ((body['models'] ?? []) as { info: { source_run_id: string; status: string } }[]).filter(({ info }) => info.source_run_id === run_id).map(({ info }) => info.status);
  }
  async function experiments(): Promise<{ experiment_id: string }[]> {
    return ((await server.ask('POST', 'experiments/search', { max_results: 100 })).body['experiments'] ?? []) as { experiment_id: string }[];
  }

  for (const { what, environment, script, points: [key, count], params } of autologged) {
    it(`autologs ${what} from the command line, and from a terminal that is tracked`, async function () {
      const interpreter = await python(this, environment);
      const before = new Set((await server.runs()).map((each) => each.run_id));
      const job = await server.job(interpreter, script);
      await run(interpreter, [path.join(root, 'test', 'clients', 'scripts', script)], { cwd: server.folder, env: { ...process.env, ...trackingVariables({ uri: server.uri, token }) } });
      const made = (await server.runs()).filter((each) => !before.has(each.run_id));
      assert.deepEqual(made.map(({ kind, status }) => [kind, status]).sort(), [['external', 'finished'], ['script', 'finished']]);
      assert.ok(made.some((each) => each.run_id === job.run_id), 'what the client logs is the run of the job');
      for (const each of made) {
        assert.deepEqual(Object.fromEntries(Object.keys(params).map((name) => [name, each.params[name]])), params);
        assert.equal(await points(each.run_id, key), count, `${each.kind}: ${metrics(each).join()}`);
        assert.deepEqual(await models(each.run_id), ['LOGGED_MODEL_READY'], each.kind);
      }
      const [one, other] = made.map(metrics);
      assert.deepEqual(one, other, 'no figure is read out of what the libraries print');
    });
  }

  for (const { what, environment, script, points: [key, count] } of boards) {
    it(`reads what ${what} writes for TensorBoard`, async function () {
      const { run_id } = await server.job(await python(this, environment), script);
      const ended = await summary(run_id);
      assert.equal(await points(run_id, key), count, metrics(ended).join());
      assert.ok(metrics(ended).every((each) => each.includes('/')), metrics(ended).join());
    });
  }

  it('reads what a plain script prints', async function () {
    const { run_id, params } = await server.job(await python(this, 'mlflow-skinny-3'), 'printed.py', ['--rate', '0.3']);
    assert.deepEqual([metrics(await summary(run_id)), params['rate'], await points(run_id, 'loss')], [['accuracy', 'loss'], '0.3', 3]);
  });
});
