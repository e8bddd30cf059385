import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { exists, projectOrNew, withClient, type Command } from '../context.ts';

export const run: Command = {
  name: 'run',
  positionals: '<script> [-- arguments…]',
  summary: 'Run your own script as an experiment: metrics, parameters, Git state and output are recorded',
  options: {
    interpreter: { value: 'PROGRAM', help: 'What runs the script: python3 for .py, this Node for .ts and .js by default' },
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
    const interpreter = context.arguments.text('interpreter') ?? (/\.[cm]?[jt]s$/.test(file) ? process.execPath : process.platform === 'win32' ? 'python' : 'python3');
    const name = context.arguments.text('name');
    const project = await projectOrNew(context);
    return withClient(context, project, async (client) => {
      const job = await client.submit({
        kind: 'script',
        interpreter,
        interpreter_arguments: [],
        script: file,
        arguments: scriptArguments,
        cwd: path.dirname(file),
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
      const metrics = Object.entries(detail.run.metrics).map(([key, value]) => `${key} ${String(value)}`);
      context.result(
        { run_id: job.job_id, status: ended.status, exit_code: detail.exit_code, params: detail.run.params, metrics: detail.run.metrics, git: detail.git },
        `Run ${job.job_id} ${ended.status}${ended.error ? `: ${ended.error}` : ''}${metrics.length > 0 ? `\n${metrics.join('\n')}` : ''}`,
      );
      return ended.status === 'finished' ? 0 : 1;
    });
  },
};
