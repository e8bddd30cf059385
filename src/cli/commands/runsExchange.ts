// `runs import` and `runs publish`.
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { Credentials, ExchangeTask } from '../../contracts/exchange.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { environmentCredentials } from '../../core/exchange/environment.ts';
import type { CommandSpec } from '../arguments.ts';
import type { Context } from '../context.ts';

export const exchangeOptions: CommandSpec['options'] = {
  experiment: { value: 'NAME', help: 'With import: only this experiment (for TensorBoard: the one to put runs into); with publish: the runs of this one' },
  to: { value: 'URI', help: 'With publish: the address of an MLflow server. MLFLOW_TRACKING_TOKEN, or _USERNAME and _PASSWORD, sign in there' },
  run: { value: 'RUN,…', help: 'With publish: these runs' },
  filter: { value: 'FILTER', help: `With publish: runs that match, such as "metrics.loss < 0.1 and tags.team = 'red'"` },
  'with-artifacts': { help: 'With publish: their files too' },
  'with-versions': { help: 'With publish: their registered versions too' },
};

/** @param from a folder, a file, or an address. */
export async function importInto(context: Context, client: ProjectClient, from: string): Promise<number> {
  const remote = /^https?:/i.test(from);
  const experiment = context.arguments.text('experiment');
  const task = await client.importRuns({
    from: remote || from.startsWith('sqlite:') || from.startsWith('file:') ? from : path.resolve(context.cwd, from),
    ...(experiment === undefined ? {} : { experiment }),
    ...(remote ? signIn(from) : {}),
  });
  return follow(context, client, task, 'Imported');
}

export async function publish(context: Context, client: ProjectClient): Promise<number> {
  const to = context.arguments.text('to');
  if (to === undefined) {
    throw new UserError('Missing option --to: the address of an MLflow server.', { field: 'to' });
  }
  const run_ids = context.arguments.list('run');
  const [experiment, filter] = [context.arguments.text('experiment'), context.arguments.text('filter')];
  if (run_ids.length === 0 && experiment === undefined && filter === undefined) {
    throw new UserError('Which runs? Name them with --run, --experiment or --filter.', { field: 'run' });
  }
  const task = await client.publishRuns({
    to,
    ...(run_ids.length === 0 ? {} : { run_ids }),
    ...(experiment === undefined ? {} : { experiment }),
    ...(filter === undefined ? {} : { filter }),
    artifacts: context.arguments.flag('with-artifacts'),
    versions: context.arguments.flag('with-versions'),
    ...signIn(to),
  });
  return follow(context, client, task, 'Published');
}

function signIn(address: string): { credentials?: Credentials } {
  const credentials = environmentCredentials(process.env, address, false);
  return credentials === undefined ? {} : { credentials };
}

async function follow(context: Context, client: ProjectClient, { task_id }: ExchangeTask, done: string): Promise<number> {
  let said = '';
  const task = await client.waitForExchange(task_id, context.signal, ({ progress }) => {
    if (progress.message !== said) {
      said = progress.message;
      context.log(said);
    }
  });
  if (task.status !== 'finished') {
    throw new UserError(task.error ?? 'It did not finish.');
  }
  context.result(task, summary(task, done));
  return 0;
}

function summary({ result }: ExchangeTask, done: string): string {
  const { added, changed, unchanged, files, versions, problems, problem_count } = result;
  const more = problem_count - problems.length;
  return [
    `${done}: ${added} new, ${changed} changed, ${unchanged} as before; ${files} files, ${versions} registered versions.`,
    ...problems.map(({ message }) => `! ${message}`),
    ...(more > 0 ? [`! and ${more} more`] : []),
  ].join('\n');
}
