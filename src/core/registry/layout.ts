import path from 'node:path';
import type { Project } from '../project/api.ts';

/** models/<name> */
export function modelFolder(project: Project, name: string): string {
  return path.join(project.modelsFolder, name);
}

export function versionsFolder(project: Project, name: string): string {
  return path.join(modelFolder(project, name), 'versions');
}

export function aliasesFile(project: Project, name: string): string {
  return path.join(modelFolder(project, name), 'aliases.yaml');
}
