// How an interpreter is shown. Light: the editor needs it from its start.
import type { InterpreterSource } from './environments.ts';

export interface Interpreter {
  /** Absolute path of the program. */
  path: string;
  /** `3.11.4`. */
  version: string;
  /** The environment's name, for people; empty for a Python of the system. */
  environment: string;
  source: InterpreterSource;
}

/** "Python 3.11.4 (.venv)". */
export function interpreterLabel(interpreter: Interpreter): string {
  const name = interpreter.version === '' ? 'Python' : `Python ${interpreter.version}`;
  return interpreter.environment === '' ? name : `${name} (${interpreter.environment})`;
}

const reasons: Record<InterpreterSource, string> = {
  argument: 'named on the command line',
  setting: 'from the setting mlLifecycle.python',
  'python-extension': 'chosen in the Python extension',
  workspace: 'the environment beside the script or above it',
  poetry: 'the environment that Poetry keeps for this project',
  conda: 'the Conda environment that environment.yml names',
  active: 'the environment that is active in this session',
  pyenv: 'the version that .python-version names',
  path: 'the first one on the PATH',
};

/** Why an interpreter was chosen, as part of a sentence. */
export function reasonFor(interpreter: Interpreter): string {
  return reasons[interpreter.source];
}
