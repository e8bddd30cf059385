import { UserError } from '../../contracts/errors.ts';
import { championAlias, type RegisteredModel } from '../../contracts/registry.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { existingProject, required, withClient, type Command, type Context } from '../context.ts';
import { compactNumber, table } from '../format.ts';

export const models: Command = {
  name: 'models',
  positionals: 'list | show <name> | register <run> | promote <name>/<version>',
  summary: 'List, show, register and promote models',
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
        case 'register':
          return register(context, client, required(context, 1, '<run>'));
        case 'promote':
          return promote(context, client, required(context, 1, '<name>/<version>'));
        default:
          throw new UserError(`"models ${action}" is not available. Choose list, show, register or promote.`);
      }
    });
  },
};

function rowsOf(model: RegisteredModel): string[][] {
  return model.versions.map(({ file, aliases }) => [
    model.name,
    String(file.version),
    aliases.join(', '),
    file.created.slice(0, 16).replace('T', ' '),
    Object.entries(file.metrics).slice(0, 2).map(([key, value]) => `${key} ${compactNumber(value)}`).join(', '),
  ]);
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
  context.result(version, `Registered as ${version.model} version ${version.version}.`);
  return 0;
}

async function promote(context: Context, client: ProjectClient, reference: string): Promise<number> {
  const match = /^([^/]+)\/(\d+)$/.exec(reference);
  if (match === null) {
    throw new UserError(`"${reference}" does not name a version. Write <name>/<version>, for example loans/2.`);
  }
  const [, name = '', version = ''] = match;
  const alias = context.arguments.text('alias') ?? championAlias;
  await client.setAlias(name, { alias, version: Number(version) });
  context.result({ model: name, alias, version: Number(version) }, `${alias} of ${name} is now version ${version}.`);
  return 0;
}
