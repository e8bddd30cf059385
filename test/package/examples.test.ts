// The training scripts beside the example data, run as experiments with a Python of their own.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cache, hashOf, root, run, textOf } from '../../scripts/lib/run.mjs';

const environment = path.join(cache, 'python-examples');
const windows = process.platform === 'win32';
const python = path.join(environment, windows ? 'Scripts/python.exe' : 'bin/python');

/** A virtual environment with what the examples ask for; made once and kept until they ask for something else. */
async function makeEnvironment(): Promise<void> {
  const requirements = path.join(root, 'examples', 'loans', 'requirements.txt');
  const stamp = path.join(environment, 'complete');
  if (textOf(stamp) === hashOf(requirements)) {
    return;
  }
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(path.dirname(environment), { recursive: true });
  await run(windows ? 'python' : 'python3', ['-m', 'venv', environment]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, hashOf(requirements));
}

interface Outcome {
  status: string;
  params: Record<string, string>;
  metrics: Record<string, number>;
}

describe('the examples’ own scripts', function () {
  this.timeout(240_000);
  let missing: string | null = null;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'examples-'));
    await makeEnvironment().catch((error: Error) => {
      missing = error.message.split('\n').filter(Boolean).at(-1) ?? error.message;
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

  const experiment = async (example: string, args: string[]): Promise<Outcome> => {
    const project = path.join(folder, example);
    cpSync(path.join(root, 'examples', example), project, { recursive: true, filter: (file) => !/[/\\](\.ml|models)$/.test(file) });
    const printed = await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'run', '--json', '--interpreter', python, 'train.py', '--', ...args], { cwd: project });
    await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'server', '--stop'], { cwd: project });
    return JSON.parse(printed.slice(printed.indexOf('{'))) as Outcome;
  };
  const scripted = (title: string, example: string, args: string[], check: (outcome: Outcome) => void): void => {
    it(title, async function () {
      if (missing !== null) {
        this.runnable().title += ` (scikit-learn could not be installed: ${missing})`;
        this.skip();
      }
      check(await experiment(example, args));
    });
  };

  it('are there', () => assert.ok(existsSync(path.join(root, 'examples', 'loans', 'train.py')) && existsSync(path.join(root, 'examples', 'ridership', 'train.py'))));

  scripted('on loans: its parameters, one score for each fold, and the last ones', 'loans', ['--C', '0.5'], ({ status, params, metrics }) => {
    assert.equal(status, 'finished');
    assert.deepEqual([params['C'], params['folds']], ['0.5', '5']);
    assert.ok(metrics['roc_auc']! > 0.7 && metrics['average_precision']! > 0.1 && metrics['fold_roc_auc']! > 0.5, JSON.stringify(metrics));
  });

  scripted('on ridership: a curve and its last error', 'ridership', ['--rounds', '40'], ({ status, params, metrics }) => {
    assert.equal(status, 'finished');
    assert.equal(params['rounds'], '40');
    assert.ok(metrics['test_mae']! < 4 && Math.abs(metrics['mae']! - metrics['test_mae']!) < 1e-9, JSON.stringify(metrics));
  });
});
