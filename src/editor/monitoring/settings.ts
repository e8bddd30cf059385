// The entries of ml.yaml that say how an endpoint is watched and when its model is trained again.
import * as vscode from 'vscode';
import { readFile } from 'node:fs/promises';
import { UserError } from '../../contracts/errors.ts';
import { readProjectFile, saveEntry } from '../../core/project/api.ts';
import type { ProjectSession } from '../platform/session.ts';
import { entryFor, placeOfEndpoint, placeOfEntry } from './places.ts';

type Open = (file: string, line: number, column: number) => Promise<void>;

/** Opens ml.yaml where it says how this endpoint is watched; without an entry, where the endpoint stands. */
export async function openSettings({ project }: ProjectSession, endpoint: string, open: Open): Promise<void> {
  const text = await readFile(project.file, 'utf8');
  const entry = entryFor(text, 'monitors', endpoint);
  const place = (entry === null ? null : placeOfEntry(text, ['monitors', entry])) ?? placeOfEndpoint(text, endpoint);
  await open(project.file, place.line, place.column);
}

/**
 * Opens ml.yaml at this endpoint's entry in `retraining`. Where there is none it is written first: on drift or a worse
 * score, promoted by hand. @throws UserError where `models` does not say how the model is trained.
 */
export async function openRetraining({ project, endpoints }: ProjectSession, endpoint: string, open: Open): Promise<void> {
  const entry = entryFor(await readFile(project.file, 'utf8'), 'retraining', endpoint);
  let name = entry;
  if (name === null) {
    const { models = {} } = await readProjectFile(project);
    const served = endpoints.get(endpoint)?.versions.find((version) => !version.shadow)?.model ?? endpoint;
    const model = await chooseModel(served, Object.keys(models), project.file);
    await saveEntry(project, 'retraining', endpoint, { model, deployment: endpoint, on_drift: true, on_worse_score: true, promotion: 'manual' });
    name = endpoint;
  }
  const place = placeOfEntry(await readFile(project.file, 'utf8'), ['retraining', name]);
  await open(project.file, place?.line ?? 1, place?.column ?? 1);
}

/** The entry of `models` that says how this model is trained: the one of its name, else the one that the person picks. */
async function chooseModel(served: string, entries: string[], file: string): Promise<string> {
  if (entries.includes(served)) {
    return served;
  }
  if (entries.length === 0) {
    throw new UserError(vscode.l10n.t('ml.yaml does not say how {0} is trained: it has no entry in `models`. “Train a model…” writes one where you keep its settings under a name.', served), { file, line: 1 });
  }
  const chosen = await vscode.window.showQuickPick(entries, { placeHolder: vscode.l10n.t('Which entry of ml.yaml says how {0} is trained?', served) });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen;
}
