import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { prepareStateFolder } from './stateFolder.ts';
import { projectAt, type Project } from './paths.ts';
import { template } from './template.ts';

const dataFile = /\.(csv|tsv|parquet|ndjson|jsonl)(\.gz)?$/i;

/**
 * Makes `.ml/` and, where there is none yet, a commented ml.yaml that lists the data files at the root (or
 * `options.datasets`, relative to it). What is there already stays as it is.
 */
export async function initialiseProject(root: string, options: { datasets?: string[] } = {}): Promise<Project> {
  const project = projectAt(root);
  await mkdir(project.root, { recursive: true });
  await prepareStateFolder(project.stateFolder);
  const files = options.datasets ?? (await readdir(project.root)).filter((name) => dataFile.test(name)).sort();
  const text = template(project.name, files.map((file) => (path.isAbsolute(file) ? path.relative(project.root, file) : file)));
  await writeFile(project.file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw new UserError(`${project.file} cannot be written: ${error.message}.`, { file: project.file });
    }
  });
  return project;
}
