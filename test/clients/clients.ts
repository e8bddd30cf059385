// Other people's clients: which programs there are, and what must be there after each, however it was started.
import type { environments } from '../../scripts/lib/python.mjs';
import type { MetricHistory, RunDetail, RunLinks, RunSummary } from '../../src/contracts/runs.ts';

export interface Client {
  what: string;
  environment: string & keyof typeof environments;
  /** In test/clients/scripts. */
  script: string;
  /** Run with the switch for autologging: it never calls MLflow. */
  autolog?: true;
  /** Whether MLflow's client is in it: then it is seen from a tracked terminal too. */
  logs: boolean;
  expected: Partial<Expected>;
}

interface Expected {
  params: Record<string, string>;
  /** Every metric that the client logs, and how many points of it. */
  metrics: Record<string, number>;
  /** The same of what is read from TensorBoard's files and the output, which only an experiment has. */
  read: Record<string, number>;
  /** Some of the run's files. */
  files: string[];
  /** The data sets that it read: name and context. */
  datasets: string[];
  /** The models that it logged, and whether their files are all there (MLflow 3). */
  models: string[];
  /** How many child runs it has, in its own experiment. */
  children: number;
}

/** What there is of a run, cut to what its client is asked for. */
export type Found = Omit<Expected, 'read'> & { status: string };

const sklearnMetrics = Object.fromEntries(['accuracy_score', 'f1_score', 'log_loss', 'precision_score', 'recall_score', 'roc_auc', 'score'].map((name) => [`training_${name}`, 1]));

/** Version 2 keeps a model among its run's files. */
function models(major: '3' | '2', ...names: string[]): Partial<Expected> {
  return major === '3' ? { models: names.map((name) => `${name} ready`) } : {};
}

const both = (major: '3' | '2'): Client[] => [
  { what: `MLflow ${major} (skinny)`, environment: `mlflow-skinny-${major}`, script: 'job.py', logs: true, expected: { params: { lr: '0.1' }, metrics: { loss: 3 }, files: ['notes/x.txt'] } },
  {
    what: `scikit-learn, autologged by MLflow ${major}`,
    environment: `mlflow-${major}`,
    script: 'autologged.py',
    logs: true,
    expected: { params: { C: '0.5' }, metrics: { ...sklearnMetrics, checked: 1 }, files: ['estimator.html', 'training_confusion_matrix.png'], datasets: ['dataset train'], ...models(major, 'model') },
  },
  {
    what: `scikit-learn that never calls MLflow ${major}`,
    environment: `mlflow-${major}`,
    script: 'plain.py',
    autolog: true,
    logs: false,
    expected: { params: { C: '0.5' }, metrics: { ...sklearnMetrics, LogisticRegression_score_X: 1 }, read: { accuracy: 1 }, files: ['estimator.html'], datasets: ['dataset train'], ...models(major, 'model') },
  },
  {
    what: `a search of scikit-learn, autologged by MLflow ${major}`,
    environment: `mlflow-${major}`,
    script: 'searched.py',
    logs: true,
    expected: { params: { best_logisticregression__C: '10' }, metrics: { ...sklearnMetrics, best_cv_score: 1 }, files: ['cv_results.csv', 'estimator.html'], datasets: ['dataset train'], children: 3, ...models(major, 'best_estimator', 'model') },
  },
  { what: `a model that is registered and loaded with MLflow ${major}`, environment: `mlflow-${major}`, script: 'registered.py', logs: true, expected: { params: { C: '0.5' }, metrics: { accuracy: 1 }, ...models(major, 'model') } },
  {
    what: `whatever else MLflow ${major} logs`,
    environment: `mlflow-${major}`,
    script: 'everything.py',
    logs: true,
    expected: {
      metrics: { resumed: 1, shared: 160, ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`process/${index}`, 20])) },
      files: ['answers.json', 'black.png', 'folder/deep/er/x y.csv', 'notes.md', 'plots/line.png', 'settings.yaml'],
      datasets: ['iris training', 'matrix validation'],
      children: 1,
    },
  },
];

export const clients: readonly Client[] = [
  { what: 'a plain script that prints', environment: 'mlflow-skinny-3', script: 'printed.py', logs: false, expected: { read: { loss: 3, accuracy: 1 } } },
  ...both('3'),
  ...both('2'),
  {
    what: 'LightGBM, autologged',
    environment: 'mlflow-3',
    script: 'boosted.py',
    logs: true,
    expected: {
      params: { learning_rate: '0.2', num_boost_round: '10' },
      metrics: { 'train-multi_error': 8, 'train-multi_logloss': 8, 'valid-multi_error': 8, 'valid-multi_logloss': 8, best_iteration: 1, stopped_iteration: 1 },
      files: ['feature_importance_gain.json', 'feature_importance_gain.png', 'feature_importance_split.png'],
      datasets: ['dataset train', 'train eval', 'valid eval'],
      models: ['model ready'],
    },
  },
  {
    what: 'PyTorch Lightning, autologged',
    environment: 'torch',
    script: 'lightning_line.py',
    logs: true,
    expected: { params: { epochs: '3', optimizer_name: 'SGD' }, metrics: { train_loss: 3, train_loss_epoch: 3, train_loss_step: 3, val_loss: 3 }, read: { epoch: 18 }, files: ['model_summary.txt'], models: ['model ready'] },
  },
  {
    what: 'PyTorch Lightning that never calls MLflow, with workers that load its rows',
    environment: 'torch',
    script: 'lightning_plain.py',
    autolog: true,
    logs: false,
    expected: { params: { epochs: '2', optimizer_name: 'SGD' }, metrics: { train_loss: 2 }, files: ['model_summary.txt'], models: ['model ready'] },
  },
  {
    what: 'Keras, autologged',
    environment: 'tensorflow',
    script: 'keras_line.py',
    logs: true,
    expected: {
      params: { epochs: '3', batch_size: '16', opt_name: 'sgd' },
      metrics: { loss: 3, mae: 3, val_loss: 3, val_mae: 3, validation_loss: 3, validation_mae: 3, stopped_epoch: 1 },
      read: { 'train/epoch_loss': 3, 'train/epoch_mae': 3, 'train/epoch_learning_rate': 3, 'validation/epoch_loss': 3, 'validation/epoch_mae': 3, 'validation/evaluation_loss_vs_iterations': 3, 'validation/evaluation_mae_vs_iterations': 3 },
      files: ['model_summary.txt'],
      datasets: ['dataset train'],
      models: ['model ready'],
    },
  },
  {
    what: 'PyTorch that writes for TensorBoard',
    environment: 'torch',
    script: 'torch_board.py',
    logs: false,
    expected: { read: { 'Loss/train': 5, 'Loss/validation': 5, 'weights_slope/weights': 5, 'weights_offset/weights': 5 } },
  },
  {
    what: 'TensorFlow that writes for TensorBoard',
    environment: 'tensorflow',
    script: 'tensorflow_board.py',
    logs: false,
    expected: { read: { 'train/epoch_loss': 3, 'train/epoch_learning_rate': 3, 'validation/epoch_loss': 3, 'validation/evaluation_loss_vs_iterations': 3 } },
  },
];

/** What must be found. @param experiment false where it ran in a terminal, whose output nobody reads */
export function expectedOf({ expected }: Client, experiment: boolean): Found {
  const { params = {}, metrics = {}, read = {}, files = [], datasets = [], models: logged = [], children = 0 } = expected;
  return { status: 'finished', params, metrics: experiment ? { ...metrics, ...read } : metrics, files, datasets, models: logged, children };
}

/**
 * What there is of a run.
 * @param ask gets what the project's server answers under /api/
 */
export async function findRun({ expected }: Client, run_id: string, ask: <T>(target: string) => Promise<T>): Promise<Found> {
  const [{ run, artifacts }, links, { points }, { runs }] = await Promise.all([ask<RunDetail>(`runs/${run_id}`), ask<RunLinks>(`runs/${run_id}/links`), ask<MetricHistory>(`runs/${run_id}/history`), ask<{ runs: RunSummary[] }>('runs')]);
  const metrics: Record<string, number> = {};
  for (const { key } of points.filter((point) => !point.key.startsWith('system/'))) {
    metrics[key] = (metrics[key] ?? 0) + 1;
  }
  return {
    status: run.error === null ? run.status : `${run.status}: ${run.error}`,
    params: Object.fromEntries(Object.keys(expected.params ?? {}).map((key) => [key, run.params[key] ?? 'none'])),
    metrics,
    files: (expected.files ?? []).filter((file) => artifacts.some(({ path }) => path === file)),
    datasets: links.datasets.map(({ name, context }) => `${name} ${context}`).sort(),
    models: links.models.map(({ name, ready }) => (ready ? `${name} ready` : name)).sort(),
    children: runs.filter(({ tags, experiment }) => tags['mlflow.parentRunId'] === run_id && experiment === run.experiment).length,
  };
}
