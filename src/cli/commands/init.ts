import path from 'node:path';
import { existsSync } from 'node:fs';
import { initialiseProject } from '../../core/project/api.ts';
import type { Command } from '../context.ts';

export const init: Command = {
  name: 'init',
  positionals: '[folder]',
  summary: 'Make a folder a project: a commented ml.yaml and the tool’s own .ml/',
  options: {},
  async run(context) {
    const folder = path.resolve(context.cwd, context.arguments.text('project') ?? context.arguments.positionals[0] ?? '.');
    const had = existsSync(path.join(folder, 'ml.yaml'));
    const project = await initialiseProject(folder);
    context.result(
      { project: project.name, root: project.root, file: project.file, created: !had },
      had ? `${project.file} is there already; nothing in it was changed.` : `Wrote ${project.file}.`,
    );
    return 0;
  },
};
