import { access } from 'node:fs/promises';
import path from 'node:path';
import { projectFileName, stateFolderName } from '../../contracts/projectNames.ts';

/** A folder with an ml.yaml, and where things lie in it. All paths are absolute. */
export interface Project {
  root: string;
  /** The folder's name. */
  name: string;
  /** ml.yaml */
  file: string;
  /** .ml */
  stateFolder: string;
  objectsFolder: string;
  jobsFolder: string;
  logsFolder: string;
  databaseFile: string;
  /** Says where the database lies instead, where that is not in .ml. */
  databasePointer: string;
  /** The registry, committed with the code. */
  modelsFolder: string;
}

/** The project whose root is this folder, whether there is anything or not. */
export function projectAt(root: string): Project {
  const absolute = path.resolve(root);
  const stateFolder = path.join(absolute, stateFolderName);
  return {
    root: absolute,
    name: path.basename(absolute),
    file: path.join(absolute, projectFileName),
    stateFolder,
    objectsFolder: path.join(stateFolder, 'objects'),
    jobsFolder: path.join(stateFolder, 'jobs'),
    logsFolder: path.join(stateFolder, 'logs'),
    databaseFile: path.join(stateFolder, 'ml.db'),
    databasePointer: path.join(stateFolder, 'database.json'),
    modelsFolder: path.join(absolute, 'models'),
  };
}

/** The project of a file or folder: the nearest ml.yaml at it or above it; null where there is none. */
export async function findProject(start: string): Promise<Project | null> {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    const project = projectAt(folder);
    const there = await access(project.file).then(
      () => true,
      () => false,
    );
    if (there) {
      return project;
    }
    if (folder === path.dirname(folder)) {
      return null;
    }
  }
}
