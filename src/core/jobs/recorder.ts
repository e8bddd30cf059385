import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toFailure } from '../../contracts/errors.ts';
import { jobFiles, type JournalEntry } from '../../contracts/jobs.ts';

/** Writes one job's journal, output and artifacts. Each entry reaches the file before the call returns. */
export class Recorder {
  readonly #folder: string;
  readonly #journal: number;

  /** @param folder the job's folder; must exist. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(this.artifactFolder, { recursive: true });
    this.#journal = openSync(path.join(folder, jobFiles.journal), 'a');
    if (fstatSync(this.#journal).size > 0) {
      // A line that an earlier runner did not finish must not swallow the next.
      writeSync(this.#journal, '\n');
    }
  }

  get artifactFolder(): string {
    return path.join(this.#folder, jobFiles.artifacts);
  }

  get outputFile(): string {
    return path.join(this.#folder, jobFiles.output);
  }

  write(...entries: JournalEntry[]): void {
    if (entries.length > 0) {
      writeSync(this.#journal, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    }
  }

  /** A line of the job's output, as people read it. */
  log(line: string): void {
    appendFileSync(this.outputFile, `${line}\n`);
  }

  /** Keeps text as the artifact `name` (forward slashes). */
  async keepText(name: string, text: string): Promise<void> {
    const file = path.join(this.artifactFolder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    await this.noteArtifact(name);
  }

  /** Keeps a copy of a file as the artifact `name`. */
  async keepFile(name: string, source: string): Promise<void> {
    const file = path.join(this.artifactFolder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(source, file);
    await this.noteArtifact(name);
  }

  /** Records a file that already lies in the artifact folder. */
  async noteArtifact(name: string): Promise<void> {
    const { size } = await stat(path.join(this.artifactFolder, name));
    this.write({ type: 'artifact', path: name, bytes: size });
  }

  ended(status: 'finished' | 'failed' | 'cancelled', exit_code: number | null, failure: unknown = null): void {
    this.write({ type: 'ended', at: Date.now(), status, exit_code, failure: failure === null ? null : toFailure(failure) });
  }

  close(): void {
    closeSync(this.#journal);
  }
}
