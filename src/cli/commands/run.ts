import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { Interpreter } from '../../core/python/api.ts';
import { exists, projectOrNew, withClient, type Command, type Context } from '../context.ts';

export const run: Command = {
  name: 'run',
  positionals: '<script or notebook> [-- arguments…]',
  summary: 'Run your own script as an experiment: metrics, parameters, Git state and output are recorded',
  options: {
    interpreter: { value: 'PROGRAM', help: 'What runs the script; by default the Python that the editor would choose, this Node for .ts and .js' },
    autolog: { help: 'Turn on the autologging of MLflow for the libraries that the script imports' },
    name: { value: 'NAME', help: 'The name of the run' },
  },
  async run(context) {
    const [script, ...scriptArguments] = context.arguments.positionals;
    if (script === undefined) {
      throw new UserError('Missing argument: <script>.', { field: '<script>' });
    }
    const file = path.resolve(context.cwd, script);
    if (!(await exists(file))) {
      throw new UserError(`There is no script ${file}.`, { file });
    }
    const name = context.arguments.text('name');
    const project = await projectOrNew(context);
    const { program: interpreter, before, python } = await programFor(context, file, project.root);
    return withClient(context, project, async (client) => {
      const job = await client.submit({
        kind: 'script',
        interpreter,
        interpreter_arguments: before,
        script: file,
        arguments: scriptArguments,
        cwd: path.dirname(file),
        ...(context.arguments.flag('autolog') ? { autolog: true } : {}),
        ...(name === undefined ? {} : { name }),
      });
      const cancel = () => void client.cancel(job.job_id);
      context.signal.addEventListener('abort', cancel, { once: true });
      const follow = new AbortController();
      for await (const piece of client.output(job.job_id, 0, follow.signal)) {
        process.stderr.write(piece.text);
      }
      const ended = await client.waitForJob(job.job_id);
      const detail = await client.run(job.job_id);
      const metrics = Object.entries(detail.run.metrics).filter(([key]) => !key.startsWith('system/')).map(([key, value]) => `${key} ${String(value)}`);
      context.result(
        { run_id: job.job_id, status: ended.status, exit_code: detail.exit_code, params: detail.run.params, metrics: detail.run.metrics, git: detail.git, python },
        `Run ${job.job_id} ${ended.status}${ended.error ? `: ${ended.error}` : ''}${metrics.length > 0 ? `\n${metrics.join('\n')}` : ''}`,
      );
      return ended.status === 'finished' ? 0 : 1;
    });
  },
};

export interface Program {
  program: string;
  /** What stands before the script. */
  before: string[];
  /** Null where no Python runs it, or a program was named that need not be one. */
  python: { path: string; version: string; why: string; missing: string[] } | null;
}

/** What runs a script. For Python the editor's choice; which one, why, and what it lacks is said. */
export async function programFor(context: Context, script: string, root: string): Promise<Program> {
  const asked = context.arguments.text('interpreter');
  const named = asked === undefined ? undefined : await programNamed(asked, context.cwd);
  if (/\.[cm]?[jt]s$/.test(script)) {
    return { program: named ?? process.execPath, before: [], python: null };
  }
  const notebook = path.extname(script) === '.ipynb';
  const before = notebook ? [path.join(context.runtime.folder, 'assets', 'python', 'run_notebook.py')] : [];
  const { chooseInterpreter, interpreterAt, interpreterLabel, reasonFor } = await import('../../core/python/api.ts');
  const python = named === undefined ? await chooseInterpreter(path.dirname(script), root) : await interpreterAt(named, 'argument');
  if (python === null) {
    if (named !== undefined) {
      return { program: named, before, python: null };
    }
    throw new UserError(`No Python was found for ${script}. Install Python 3, or name one with --interpreter.`, { field: 'interpreter' });
  }
  context.log(`${interpreterLabel(python)}, ${reasonFor(python)}: ${python.path}`);
  const missing = notebook ? [] : await lacking(context, script, python);
  if (missing.length > 0) {
    context.log(`It lacks ${missing.join(', ')}.`);
  }
  return { program: python.path, before, python: { path: python.path, version: python.version, why: reasonFor(python), missing } };
}

/** A program by its path, from the working directory, or by its name on the PATH. @throws UserError where it cannot be run. */
async function programNamed(asked: string, cwd: string): Promise<string> {
  const { findProgram, isExecutable } = await import('../../core/python/api.ts');
  const file = path.resolve(cwd, asked);
  if (await isExecutable(file)) {
    return file;
  }
  const found = path.basename(asked) === asked ? await findProgram(asked) : null;
  if (found === null) {
    throw new UserError(`There is no program ${asked} that can be run. Name one with --interpreter, or leave it out: the project’s Python is then used.`, { field: 'interpreter' });
  }
  return found;
}

/** The packages that the script imports and the interpreter lacks. Only a hint: the script runs all the same. */
async function lacking(context: Context, script: string, python: Interpreter): Promise<string[]> {
  const [{ missingPackages }, { neededModules, Syntax }] = await Promise.all([import('../../core/python/api.ts'), import('../../core/scripts/api.ts')]);
  const needed = await neededModules(new Syntax(path.join(context.runtime.folder, 'assets')), script);
  return missingPackages(python.path, needed).then(
    (missing) => missing.map((each) => each.distribution),
    () => [],
  );
}
