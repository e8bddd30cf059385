import type { Endpoint, TrafficRequest } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';

export const endpoints: Command = {
  name: 'endpoints',
  positionals: 'list | show | stop | start | remove | rollback | key <name> | traffic <name> v1=90 v2=10',
  summary: 'List and steer what is served',
  options: { shadow: { value: 'VERSION,…', help: 'With traffic: these get a copy of every request and never answer' } },
  async run(context) {
    const action = context.arguments.positionals[0] ?? 'list';
    const project = await existingProject(context);
    return withClient(context, project, async (client) => {
      const name = (): string => required(context, 1, '<name>');
      switch (action) {
        case 'list':
          return list(context, client);
        case 'show':
          return show(context, client, name());
        case 'stop':
          return changed(context, await client.stopEndpoint(name()));
        case 'start':
          return changed(context, await client.startEndpoint(name()));
        case 'rollback':
          return changed(context, await client.rollBack(name()));
        case 'traffic':
          return changed(context, await client.setTraffic(name(), trafficOf(context)));
        case 'remove':
          await client.removeEndpoint(name());
          context.result({ removed: name() }, `${name()} was removed. What it logged stays on disk.`);
          return 0;
        case 'key': {
          const { endpoint, key } = await client.newEndpointKey(name());
          context.result({ endpoint: endpoint.name, key }, `The new key of ${endpoint.name}, shown only now: ${key ?? ''}\nThe old one is refused from now on.`);
          return 0;
        }
        default:
          throw new UserError(`"endpoints ${action}" is not available. Choose list, show, stop, start, remove, traffic, rollback or key.`);
      }
    });
  },
};

function shares({ versions }: Pick<Endpoint, 'versions'>): string {
  return versions.map(({ version, ulid, weight, shadow }) => `version ${String(version ?? ulid)} ${shadow ? 'shadow' : `${weight} %`}`).join(', ');
}

async function list(context: Context, client: ProjectClient): Promise<number> {
  const found = await client.endpoints();
  const rows = found.map((endpoint) => [endpoint.name, endpoint.state, endpoint.url, shares(endpoint)]);
  context.result({ endpoints: found }, found.length === 0 ? 'Nothing is deployed yet. "ml-lifecycle deploy <model>" serves a model.' : table(['endpoint', 'state', 'url', 'serves'], rows));
  return 0;
}

async function show(context: Context, client: ProjectClient, name: string): Promise<number> {
  const detail = await client.endpoint(name);
  const { endpoint, stats } = detail;
  const milliseconds = (value: number | null): string => (value === null ? '' : `${compactNumber(value)} ms`);
  const figures = (stats?.versions ?? []).map((version) => [String(version.version ?? version.ulid), version.shadow ? 'shadow' : 'live', String(version.requests), String(version.rows), String(version.errors), milliseconds(version.p50), milliseconds(version.p95), milliseconds(version.p99)]);
  const lines = [
    `${endpoint.name} (${endpoint.state})${endpoint.error === null ? '' : `: ${endpoint.error}`}`,
    `${endpoint.url}, ${shares(endpoint)}`,
    ...(figures.length === 0 ? [] : [table(['version', 'role', 'requests', 'rows', 'errors', 'p50', 'p95', 'p99'], figures)]),
    ...endpoint.history.slice(0, 10).map((change) => `${new Date(change.at).toISOString().slice(0, 16).replace('T', ' ')}  ${change.reason}`),
  ];
  context.result(detail, lines.join('\n'));
  return 0;
}

function changed(context: Context, endpoint: Endpoint): number {
  context.result(endpoint, `${endpoint.name} is ${endpoint.state}: ${shares(endpoint)}.`);
  return 0;
}

/** `v1=90 v2=10`, or with ULIDs. */
function trafficOf(context: Context): TrafficRequest {
  const weights = context.arguments.positionals.slice(2).map((text) => {
    const [, version = '', weight = ''] = /^(\w+)=(\d{1,3})%?$/.exec(text) ?? [];
    if (version === '') {
      throw new UserError(`"${text}" is no share of the traffic. Write <version>=<percent>, for example v2=10.`);
    }
    return { version, weight: Number(weight) };
  });
  const shadows = context.arguments.list('shadow').map((version) => ({ version, weight: 0, shadow: true }));
  if (weights.length === 0) {
    throw new UserError('Name the versions that answer and their percents, for example: traffic loans v1=90 v2=10.');
  }
  return { versions: [...weights, ...shadows], reason: `traffic by hand: ${context.arguments.positionals.slice(2).join(' ')}` };
}
