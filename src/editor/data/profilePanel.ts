// Fills the profile panel. Works in an untrusted workspace too: it reads the one file and nothing else.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { FromProfilePanel } from '../../contracts/panels/profile.ts';
import type { Profile } from '../../contracts/profile.ts';
import { exists, shownPath } from '../platform/files.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import { requireTrust } from '../platform/trust.ts';
import { addDataset, datasetOf } from './datasets.ts';

export const from = FromProfilePanel;

export function control(editor: Editor, panel: Panel<'profile'>): Controller<'profile'> {
  const { file } = panel.state;
  const uri = vscode.Uri.file(file);
  let cancel = new AbortController();
  panel.title(path.basename(file));
  panel.whenClosed(() => cancel.abort());
  // A tab that comes to the front again shows at once what is still true of its file.
  let kept: { stamp: string; profile: Profile } | null = null;

  const profileOf = async (signal: AbortSignal, loading: (message: string) => void): Promise<Profile> => {
    const { mtimeMs, size } = await stat(file);
    const stamp = `${mtimeMs} ${size}`;
    if (kept?.stamp !== stamp) {
      const queries = await editor.queries();
      kept = { stamp, profile: await queries.profile(file, { signal, onProgress: loading }) };
    }
    return kept.profile;
  };

  const fill = async (): Promise<void> => {
    cancel.abort();
    cancel = new AbortController();
    const { signal } = cancel;
    const loading = (message: string): void => panel.post({ type: 'loading', file: shownPath(file), message });
    loading(vscode.l10n.t('Reading {0}…', path.basename(file)));
    try {
      if (!(await exists(file))) {
        throw new Error(vscode.l10n.t('{0} is not there any more.', shownPath(file)));
      }
      const queries = await editor.queries();
      const [profile, charts, dataset] = await Promise.all([
        profileOf(signal, loading),
        queries.charts(['histogram', 'date_histogram', 'top_values']),
        vscode.workspace.isTrusted ? datasetOf(editor, file).catch(() => null) : null,
      ]);
      panel.post({ type: 'profile', file: shownPath(file), profile, charts, can_train: vscode.workspace.isTrusted, dataset });
    } catch (error) {
      if (signal.aborted && !panel.open) {
        return;
      }
      const message = isCancelled(error) || signal.aborted ? vscode.l10n.t('Profiling was cancelled.') : sentenceOf(error);
      editor.log.warn(`Profiling ${file}: ${sentenceOf(error)}`);
      panel.post({ type: 'failed', file: shownPath(file), message });
    }
  };

  const trusted = vscode.workspace.onDidGrantWorkspaceTrust(() => void fill());
  panel.whenClosed(() => trusted.dispose());

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready':
          return fill();
        case 'refresh':
          kept = null;
          return fill();
        case 'cancel':
          cancel.abort();
          return;
        case 'open_file':
          await vscode.commands.executeCommand('vscode.open', uri);
          return;
        case 'add_dataset':
          if (await addDataset(editor, file)) {
            await fill();
          }
          return;
        case 'train':
          await requireTrust();
          await editor.panels.open('train', { file, ...(message.target === null ? {} : { target: message.target }) });
      }
    },
  };
}
