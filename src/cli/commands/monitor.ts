import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { Alert, ColumnDrift, DriftReport, Monitor } from '../../contracts/monitoring.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { compareFiles } from '../../core/monitoring/api.ts';
import { oneOf } from '../arguments.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';

export const monitor: Command = {
  name: 'monitor',
  positionals: '[<endpoint> | labels <endpoint> <file> | alerts]',
  summary: 'See whether data or a served model changed: two files, or what an endpoint logged',
  options: {
    reference: { value: 'FILE', help: 'With --current: how the data were' },
    current: { value: 'FILE', help: 'How the data are now' },
    mode: { value: 'MODE', help: 'monitor (default) for alarms that mean something, evidently for Evidently’s default tests' },
    time: { value: 'COLUMN', help: 'Mode monitor: the date of a row; rows are then compared with the same season' },
    ignore: { value: 'A,B', help: 'Columns that are not compared' },
    id: { value: 'COLUMN', help: 'With labels: the column with the ids of the predictions' },
    value: { value: 'COLUMN', help: 'With labels: the column with what turned out to be true' },
  },
  async run(context) {
    const [first] = context.arguments.positionals;
    if (first === undefined) {
      return compare(context);
    }
    const project = await existingProject(context);
    return withClient(context, project, (client) => (first === 'labels' ? labels(context, client) : first === 'alerts' ? alerts(context, client) : watch(context, client, first)));
  },
};

/** --reference and --current, or a UserError that names the one that is missing. */
async function compare(context: Context): Promise<number> {
  const file = (option: 'reference' | 'current'): string => {
    const value = context.arguments.text(option);
    if (value === undefined || value === '') {
      throw new UserError(`Missing option: --${option} FILE. "ml-lifecycle monitor" takes the name of an endpoint, or --reference FILE --current FILE.`, { field: option });
    }
    return path.resolve(context.cwd, value);
  };
  const mode = oneOf('mode', context.arguments.text('mode'), ['monitor', 'evidently'] as const) ?? 'monitor';
  const time = context.arguments.text('time');
  if (time !== undefined && mode === 'evidently') {
    throw new UserError('--time compares with the same season, which mode evidently does not do. Leave it out, or take --mode monitor.', { field: 'time' });
  }
  const report = await compareFiles({ reference: file('reference'), current: file('current'), mode, ignore: context.arguments.list('ignore'), ...(time === undefined ? {} : { time }) }, { signal: context.signal });
  context.result(report, described(report));
  return 0;
}

function described(report: DriftReport): string {
  const drifted = report.columns.filter((column) => column.drift).length;
  return [
    `${report.dataset_drift ? 'The data drifted' : 'No drift'}: ${drifted} of ${report.columns.length} columns (mode ${report.mode})`,
    table(['column', 'drift', 'method', 'statistic', 'threshold', 'p-value', 'note'], report.columns.map(rowOf)),
    ...report.problems.map((problem) => `! ${problem}`),
  ].join('\n');
}

function rowOf(column: ColumnDrift): string[] {
  const figure = (value: number | null): string => (value === null ? '' : compactNumber(value));
  return [column.name, column.drift ? 'yes' : '', column.method, figure(column.statistic), compactNumber(Math.max(column.threshold, column.null_quantile ?? 0)), figure(column.p_value), column.note ?? ''];
}

async function watch(context: Context, client: ProjectClient, endpoint: string): Promise<number> {
  const found = await client.lookAtMonitor(endpoint);
  context.result(found, describedMonitor(found));
  return 0;
}

function describedMonitor(found: Monitor): string {
  const versions = found.versions.map((version) => [
    version.version === null ? version.ulid : `version ${version.version}`,
    version.shadow ? 'shadow' : 'answers',
    String(version.predictions),
    `${version.waiting} of ${found.settings.window}`,
    String(version.labelled),
    `${version.waiting_labelled} of ${found.settings.window}`,
    version.problem ?? '',
  ]);
  const open = found.alerts.filter((alert) => alert.closed === null);
  return [
    `${found.endpoint}: ${found.windows.length} windows, ${open.length} open alerts`,
    table(['version', 'traffic', 'predictions', 'waiting', 'labelled', 'waiting', 'problem'], versions),
    ...open.map(line),
  ].join('\n');
}

const line = (alert: Alert): string => `! ${alert.endpoint}${alert.version === null ? '' : ` version ${alert.version}`}: ${alert.message}`;

async function alerts(context: Context, client: ProjectClient): Promise<number> {
  const open = await client.alerts();
  context.result({ alerts: open }, open.length === 0 ? 'There are no open alerts.' : open.map(line).join('\n'));
  return 0;
}

async function labels(context: Context, client: ProjectClient): Promise<number> {
  const endpoint = required(context, 1, '<endpoint>');
  const file = path.resolve(context.cwd, required(context, 2, '<file>'));
  const column = (option: 'id' | 'value'): string => {
    const name = context.arguments.text(option);
    if (name === undefined || name === '') {
      throw new UserError(`Missing option: --${option} COLUMN, the column with ${option === 'id' ? 'the ids of the predictions' : 'what turned out to be true'}.`, { field: option });
    }
    return name;
  };
  const result = await client.addLabelsFile(endpoint, { file, id: column('id'), value: column('value') });
  const unknown = result.unknown === 0 ? '' : ` ${result.unknown} are for ids that were never predicted, such as ${result.unknown_ids.slice(0, 3).join(', ')}.`;
  context.result(result, `${result.accepted} labels were added.${unknown}${result.repeated === 0 ? '' : ` ${result.repeated} ids had a label already; the new one counts.`}`);
  return 0;
}
