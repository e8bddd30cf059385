// Virtual environments for other people's clients, made once and kept in .cache.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache, run, ScriptError, textOf } from './run.mjs';

const windows = process.platform === 'win32';

/**
 * What the clients' environments hold, pinned. Of torch it is the build for processors that is meant: where pip would
 * take the one for graphics cards (gigabytes), let PIP_EXTRA_INDEX_URL name PyTorch's index of CPU builds.
 */
export const environments = {
  jupyter: ['ipykernel==7.3.0', 'jupyter_client==8.9.1', 'ipython==9.10.1', 'mlflow-skinny==3.17.2'],
  'mlflow-skinny-3': ['mlflow-skinny==3.17.2'],
  'mlflow-skinny-2': ['mlflow-skinny==2.22.5'],
  'mlflow-3': ['mlflow==3.17.2', 'scikit-learn==1.6.1', 'lightgbm==4.6.0', 'pandas==2.3.3', 'psutil==7.2.2'],
  'mlflow-2': ['mlflow==2.22.5', 'scikit-learn==1.6.1', 'pandas==2.3.3', 'sqlalchemy==2.0.44', 'psutil==7.2.2'],
  optuna: ['optuna==4.5.0'],
  torch: ['torch==2.13.0', 'pytorch-lightning==2.6.6', 'tensorboard==2.21.0', 'mlflow-skinny==3.17.2', 'pandas==2.3.3'],
  tensorflow: ['tensorflow-cpu==2.21.0', 'tensorboard==2.21.0', 'mlflow-skinny==3.17.2', 'pandas==2.3.3', 'scipy==1.17.1'],
};

/** Those of other people's tracking clients. @type {(keyof typeof environments)[]} */
export const clientEnvironments = ['mlflow-skinny-3', 'mlflow-skinny-2', 'mlflow-3', 'mlflow-2', 'torch', 'tensorflow'];

/**
 * The Python of an environment, made with the machine's python3 where it is missing or asks for something else.
 * Throws a ScriptError with the reason where it cannot be had.
 * @param {keyof typeof environments} name @returns {Promise<string>}
 */
export async function pythonOf(name) {
  const folder = path.join(cache, name);
  const python = path.join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  const stamp = path.join(folder, 'complete');
  const requirements = environments[name];
  const wanted = createHash('sha256').update(requirements.join('\n')).digest('hex');
  if (textOf(stamp) === wanted) {
    return python;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  try {
    await run(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements]);
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n').filter(Boolean) : [];
    throw new ScriptError(`${requirements.join(', ')} could not be installed: ${lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? String(error)}`);
  }
  writeFileSync(stamp, wanted);
  return python;
}
