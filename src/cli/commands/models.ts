import { UserError } from '../../contracts/errors.ts';
import { championAlias, gateField, type RegisteredModel, type RegistryMove } from '../../contracts/registry.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';

export const models: Command = {
  name: 'models',
  positionals: 'list | show <name> | history <name> | register <run> | accept <name>/<version> | promote <name>/<version>',
  summary: 'List, show, register, accept and promote models',
  options: {
    as: { value: 'NAME', help: 'With register: the name of the model' },
    description: { value: 'TEXT', help: 'With register: what this version is' },
    alias: { value: 'ALIAS', help: `With promote: the alias to move (${championAlias})` },
  },
  async run(context) {
    const action = context.arguments.positionals[0] ?? 'list';
    const project = await existingProject(context);
    return withClient(context, project, async (client) => {
      switch (action) {
        case 'list':
          return list(context, client);
        case 'show':
          return show(context, client, required(context, 1, '<name>'));
        case 'history':
          return history(context, client, required(context, 1, '<name>'));
        case 'accept':
          return accept(context, client, required(context, 1, '<name>/<version>'));
        case 'register':
          return register(context, client, required(context, 1, '<run>'));
        case 'promote':
          return promote(context, client, required(context, 1, '<name>/<version>'));
        default:
          throw new UserError(`"models ${action}" is not available. Choose list, show, history, register, accept or promote.`);
      }
    });
  },
};

function rowsOf(model: RegisteredModel): string[][] {
  const versions = model.versions.map(({ file, aliases }) => ({
    version: file.version,
    cells: [aliases.join(', '), momentOf(Date.parse(file.created)), Object.entries(file.metrics).slice(0, 2).map(([key, value]) => `${key} ${compactNumber(value)}`).join(', ')],
  }));
  const candidates = model.candidates.map(({ version, created, aliases }) => ({
    version,
    cells: [['candidate', ...aliases.map((alias) => `${alias} for programs`)].join(', '), momentOf(created), ''],
  }));
  return [...versions, ...candidates].sort((a, b) => b.version - a.version).map(({ version, cells }) => [model.name, String(version), ...cells]);
}

/** @param time milliseconds since 1970. */
function momentOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

const header = ['model', 'version', 'aliases', 'created', 'metrics'];

async function list(context: Context, client: ProjectClient): Promise<number> {
  const found = await client.models();
  context.result({ models: found }, found.length === 0 ? 'There are no models yet.' : table(header, found.flatMap(rowsOf)));
  return 0;
}

async function show(context: Context, client: ProjectClient, name: string): Promise<number> {
  const model = await client.model(name);
  context.result(model, [table(header, rowsOf(model)), ...model.problems.map((problem) => `! ${problem}`)].join('\n'));
  return 0;
}

async function register(context: Context, client: ProjectClient, runId: string): Promise<number> {
  const name = context.arguments.text('as');
  if (name === undefined) {
    throw new UserError('Missing option --as: the name of the model.', { field: 'as' });
  }
  const description = context.arguments.text('description');
  const version = await client.register({ run_id: runId, name, ...(description === undefined ? {} : { description }) });
  const [last] = await client.moves(name);
  const refused = last?.outcome === 'refused' && last.to === version.version ? `\n${last.reason}` : '';
  context.result(version, `Registered as ${version.model} version ${version.version}.${refused}`);
  return 0;
}

async function promote(context: Context, client: ProjectClient, reference: string): Promise<number> {
  const { name, version } = versionIn(reference);
  const alias = context.arguments.text('alias') ?? championAlias;
  try {
    await client.setAlias(name, { alias, version, by: 'command line' });
  } catch (error) {
    if (error instanceof UserError && error.place.field === gateField(name, alias)) {
      context.result({ model: name, alias, version, refused: error.message }, error.message);
      return 1;
    }
    throw error;
  }
  context.result({ model: name, alias, version }, `${alias} of ${name} is now version ${version}.`);
  return 0;
}

async function accept(context: Context, client: ProjectClient, reference: string): Promise<number> {
  const { name, version } = versionIn(reference);
  const accepted = await client.accept(name, version, { by: 'command line' });
  context.result(accepted, [`${name} version ${version} is a version of this project now: models/${name}/versions/${accepted.version.ulid}.yaml.`, ...accepted.refused].join('\n'));
  return 0;
}

async function history(context: Context, client: ProjectClient, name: string): Promise<number> {
  const moves = await client.moves(name);
  if (moves.length === 0) {
    await client.model(name);
  }
  const lines = moves.map(({ at, kind, label, from, to, by, outcome, reason }) => `${momentOf(at)}  ${what({ kind, label })}: ${from ?? 'none'} → ${to ?? 'none'}, ${outcome}${by === '' ? '' : ` by ${by}`}${reason === '' ? '' : `\n    ${reason}`}`);
  context.result({ model: name, moves }, moves.length === 0 ? `Nothing was moved in ${name} yet.` : lines.join('\n'));
  return 0;
}

function what({ kind, label }: Pick<RegistryMove, 'kind' | 'label'>): string {
  switch (kind) {
    case 'alias':
      return label;
    case 'accepted':
      return 'accepted';
    case 'stage':
      return `stage ${label}`;
    case 'number':
      return 'new number';
  }
}

/** @throws UserError where it is not <name>/<version>. */
function versionIn(reference: string): { name: string; version: number } {
  const [, name = '', version = ''] = /^([^/]+)\/(\d+)$/.exec(reference) ?? [];
  if (name === '') {
    throw new UserError(`"${reference}" does not name a version. Write <name>/<version>, for example loans/2.`);
  }
  return { name, version: Number(version) };
}
