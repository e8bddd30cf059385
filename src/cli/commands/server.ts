import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { connectRunning } from '../../core/client/api.ts';
import { existingProject, projectOrNew, type Command } from '../context.ts';

export const server: Command = {
  name: 'server',
  positionals: '',
  summary: 'Serve the project’s runs and models on this machine until it is stopped',
  options: {
    port: { value: 'P', help: 'The port on 127.0.0.1; a free one by default' },
    token: { value: 'T', help: 'The token that clients must send; the project’s own by default' },
    status: { help: 'Say whether a server runs for the project, and where its database lies' },
    stop: { help: 'Stop the server that runs for the project' },
    'cancel-jobs': { help: 'With --stop: cancel the jobs that run, and stop the endpoints, as well' },
  },
  async run(context) {
    if (context.arguments.flag('status')) {
      const client = await connectRunning(await existingProject(context));
      const status = client === null ? null : await client.status();
      context.result(status ?? { running: false }, status === null ? 'No server runs.' : [`The server runs (process ${status.pid}, version ${status.version}), with ${status.running_jobs} running jobs. Its database is ${status.database}.`, status.notice, status.read_only].filter(Boolean).join('\n'));
      return 0;
    }
    if (context.arguments.flag('stop')) {
      const client = await connectRunning(await existingProject(context));
      if (client !== null && context.arguments.flag('cancel-jobs')) {
        const open = (await client.jobs()).filter((job) => job.status === 'running' || job.status === 'queued');
        await Promise.all(open.map((job) => client.cancel(job.job_id)));
        await Promise.all(open.map((job) => client.waitForJob(job.job_id)));
      }
      await client?.stop({ endpoints: context.arguments.flag('cancel-jobs') });
      context.result({ stopped: client !== null }, client === null ? 'No server was running.' : 'The server was stopped.');
      return 0;
    }
    const project = await projectOrNew(context);
    const port = context.arguments.integer('port', 1, 65_535);
    const token = context.arguments.text('token');
    // The token travels in the environment: arguments can be read by every user of the machine.
    const child = spawn(
      context.runtime.execPath,
      [path.join(context.runtime.folder, 'project-server.js'), '--project', project.root, '--foreground', ...(port === undefined ? [] : ['--port', String(port)])],
      { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...(token === undefined ? {} : { ML_LIFECYCLE_TOKEN: token }) } },
    );
    context.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 0;
  },
};
