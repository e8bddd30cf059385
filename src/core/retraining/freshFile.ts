import { stat } from 'node:fs/promises';
import { toFailure } from '../../contracts/errors.ts';
import type { ProjectFile } from '../../contracts/projectFile.ts';
import { readProjectFile, type Project } from '../project/api.ts';

/** ml.yaml, read again when it has changed. */
export class FreshFile {
  readonly #project: Project;
  /** When it last changed, in milliseconds since 1970; 0 where it is not there, −1 before the first look. */
  changed = -1;
  /** As it was at the last look; null where it is broken or not there. */
  value: ProjectFile | null = null;
  /** The last one that could be read. */
  known: ProjectFile | null = null;
  /** Why it cannot be read. */
  problem: string | null = null;

  constructor(project: Project) {
    this.#project = project;
  }

  /** Looks, and gives `value`. */
  async read(): Promise<ProjectFile | null> {
    const changed = (await stat(this.#project.file).catch(() => null))?.mtimeMs ?? 0;
    if (changed !== this.changed) {
      try {
        this.value = await readProjectFile(this.#project);
        this.known = this.value;
        this.problem = null;
      } catch (error) {
        this.value = null;
        this.problem = toFailure(error).message;
      }
      this.changed = changed;
    }
    return this.value;
  }
}
