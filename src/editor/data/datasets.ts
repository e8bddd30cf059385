// What ml.yaml knows about data files.
import path from 'node:path';
import * as vscode from 'vscode';
import { EntryName, type DatasetEntry, type ModelEntry } from '../../contracts/projectFile.ts';
import type { Editor } from '../platform/editor.ts';
import { requireTrust } from '../platform/trust.ts';
import type { ProjectSession } from '../platform/session.ts';

export interface KnownFile {
  session: ProjectSession;
  /** Its name in ml.yaml, where it is there. */
  dataset: string | null;
  entry: DatasetEntry | null;
  /** The first model in ml.yaml that is trained on it. */
  model: { name: string; entry: ModelEntry } | null;
}

/** What the file's project says about it; null where the file lies in no project or its ml.yaml cannot be read. */
export async function knownFile(editor: Editor, file: string): Promise<KnownFile | null> {
  const session = await editor.projects.forFile(file);
  if (session === null) {
    return null;
  }
  const { readProjectFile } = await import('../../core/project/api.ts');
  const { datasets = {}, models = {} } = await readProjectFile(session.project);
  for (const [dataset, entry] of Object.entries(datasets)) {
    if (path.resolve(session.project.root, entry.path) === path.resolve(file)) {
      const model = Object.entries(models).find(([, each]) => each.dataset === dataset);
      return { session, dataset, entry, model: model === undefined ? null : { name: model[0], entry: model[1] } };
    }
  }
  return { session, dataset: null, entry: null, model: null };
}

/** The file's name in ml.yaml, or null. */
export async function datasetOf(editor: Editor, file: string): Promise<string | null> {
  return (await knownFile(editor, file))?.dataset ?? null;
}

/** Asks for a name and writes the file into ml.yaml; false where the person thought better of it. */
export async function addDataset(editor: Editor, file: string): Promise<boolean> {
  await requireTrust();
  const session = await editor.projects.forFileOrNew(file, true);
  // A new ml.yaml lists the data files beside it already.
  if ((await datasetOf(editor, file)) !== null) {
    return true;
  }
  const { addDataset: write, readProjectFile } = await import('../../core/project/api.ts');
  const taken = Object.keys((await readProjectFile(session.project)).datasets ?? {});
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add {0} to ml.yaml', path.basename(file)),
    prompt: vscode.l10n.t('The data set’s name'),
    value: freeName(suggestedName(file), taken),
    validateInput: (value) => nameProblem(value, taken),
  });
  if (name === undefined) {
    return false;
  }
  await write(session.project, name, { path: projectPath(session, file) });
  return true;
}

/** The path as ml.yaml writes it: relative to the project, with forward slashes. */
export function projectPath(session: ProjectSession, file: string): string {
  return path.relative(session.project.root, file).split(path.sep).join('/');
}

/** A name made from the file's: letters, digits, dots, dashes and underscores. */
export function suggestedName(file: string): string {
  const base = path.basename(file).replace(/\.(csv|tsv|parquet|json|jsonl|ndjson)(\.gz)?$/i, '');
  const name = base.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'data' : name.slice(0, 100);
}

function freeName(name: string, taken: string[]): string {
  let free = name;
  for (let number = 2; taken.includes(free); number += 1) {
    free = `${name}-${number}`;
  }
  return free;
}

/** What is wrong with a name for an entry of ml.yaml, or undefined. */
export function nameProblem(value: string, taken: readonly string[] = []): string | undefined {
  if (!EntryName.safeParse(value).success) {
    return vscode.l10n.t('A name starts with a letter or digit and holds letters, digits, dots, dashes and underscores.');
  }
  return taken.includes(value) ? vscode.l10n.t('There is a {0} already.', value) : undefined;
}
