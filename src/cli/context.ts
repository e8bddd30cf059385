// What every command works with: where it prints, which project, how it reaches the project server.
import path from 'node:path';
import { access } from 'node:fs/promises';
import { UserError } from '../contracts/errors.ts';
import type { ProjectFile } from '../contracts/projectFile.ts';
import type { ProjectClient, RuntimeLocation } from '../core/client/api.ts';
import type { Project } from '../core/project/api.ts';
import type { CommandSpec, ParsedArguments } from './arguments.ts';

export interface Context {
  arguments: ParsedArguments;
  json: boolean;
  cwd: string;
  runtime: RuntimeLocation;
  /** Aborted by Ctrl+C or SIGTERM. */
  signal: AbortSignal;
  /** Prints the command's result: the document with --json, else the text. */
  result(document: unknown, text: string): void;
  /** Tells a person what goes on, on standard error. */
  log(line: string): void;
}

export interface Command extends CommandSpec {
  /** Resolves to the exit status: 0 done, 1 the work failed. UserErrors become 2. */
  run(context: Context): Promise<number>;
}

/** The project that --project or the working directory names; null where there is none. */
export async function projectOrNull(context: Context): Promise<Project | null> {
  const { findProject, projectAt } = await import('../core/project/api.ts');
  const named = context.arguments.text('project');
  if (named === undefined) {
    return findProject(context.cwd);
  }
  const root = path.resolve(context.cwd, named);
  const found = await findProject(root);
  if (found === null && !(await exists(root))) {
    throw new UserError(`The folder ${root} does not exist. --project takes the folder of a project.`, { file: root, field: 'project' });
  }
  return found?.root === root ? found : projectAt(root);
}

/** As projectOrNull, but a command that needs a project makes one where there is none, and says so. */
export async function projectOrNew(context: Context): Promise<Project> {
  const project = await projectOrNull(context);
  if (project !== null && (await exists(project.file))) {
    return project;
  }
  const { initialiseProject } = await import('../core/project/api.ts');
  const made = await initialiseProject(project?.root ?? context.cwd);
  context.log(`Initialised a project in ${made.root}.`);
  return made;
}

/** A project that must be there already. */
export async function existingProject(context: Context): Promise<Project> {
  const project = await projectOrNull(context);
  if (project === null || !(await exists(project.file))) {
    throw new UserError(`There is no ml.yaml in ${project?.root ?? context.cwd} or above it. Run "ml-lifecycle init" first, or pass --project DIR.`);
  }
  return project;
}

/** Runs `work` with a client of the project's server, which is started for this command where none runs. */
export async function withClient<T>(context: Context, project: Project, work: (client: ProjectClient) => Promise<T>): Promise<T> {
  const { connect } = await import('../core/client/api.ts');
  const client = await connect(project, context.runtime);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

export interface DataSource {
  file: string;
  /** Its name in ml.yaml where it was asked for by name. */
  dataset?: string;
  entry?: NonNullable<ProjectFile['datasets']>[string];
}

/** A file, or the name of a data set in ml.yaml. */
export async function dataSource(context: Context, project: Project | null, name: string): Promise<DataSource> {
  const file = path.resolve(context.cwd, name);
  if (await exists(file)) {
    return { file };
  }
  if (project !== null && (await exists(project.file))) {
    const { readProjectFile } = await import('../core/project/api.ts');
    const { datasets = {} } = await readProjectFile(project);
    const entry = datasets[name];
    if (entry !== undefined) {
      return { file: path.resolve(project.root, entry.path), dataset: name, entry };
    }
  }
  throw new UserError(`There is no file ${file}${project === null ? '' : ` and no data set "${name}" in ml.yaml`}.`, { file });
}

/** The positional at `index`, or a UserError that names it. */
export function required(context: Context, index: number, name: string): string {
  const value = context.arguments.positionals[index];
  if (value === undefined || value === '') {
    throw new UserError(`Missing argument: ${name}.`, { field: name });
  }
  return value;
}

export async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
