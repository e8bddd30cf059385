// Fills the run panel: everything at once when it is shown, then what changes, gathered over a moment.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import type { Preview } from '../../contracts/panels/preview.ts';
import { FromRunPanel } from '../../contracts/panels/run.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { exists } from '../platform/files.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { artifactEntries, artifactFile } from './artifactFiles.ts';
import { readTail } from './outputTail.ts';
import { previewFile, type PreviewTools } from './previewFile.ts';
import { RunCurves } from './runCurves.ts';
import { followRun } from './runFollowing.ts';
import { editRun, followEdits } from './runNotes.ts';
import { isEnded } from './runs.ts';

export const from = FromRunPanel;

/** Where an artifact lies: under the run's own folder, or under that of a logged model. */
interface Place {
  root: string | null;
  path: string;
}

export function control(editor: Editor, panel: Panel<'run'>): Controller<'run'> {
  const { run_id, project } = panel.state;
  const curves = new RunCurves(panel);

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };
  const client = async (): Promise<ProjectClient> => (await session()).client();

  const fail = (error: unknown): void => {
    if (!isCancelled(error)) {
      panel.post({ type: 'failed', message: sentenceOf(error) });
    }
  };

  let stopFollowing = (): void => undefined;
  let models: vscode.Disposable | undefined;
  let edits: vscode.Disposable | undefined;
  panel.whenClosed(() => {
    models?.dispose();
    edits?.dispose();
  });
  const fill = async (): Promise<void> => {
    stopFollowing();
    const owner = await session();
    const asked = await owner.client();
    const [detail, links, charts] = await Promise.all([asked.run(run_id), asked.links(run_id), editor.queries().then((queries) => queries.charts(['intervals']))]);
    const output = await readTail(detail.output_file, 200_000);
    panel.title(detail.run.name);
    panel.post({ type: 'run', detail, links, charts, output: output.text, output_start: output.start });
    await curves.whole(asked);
    if (!isEnded(detail.run) && panel.visible) {
      stopFollowing = followRun(editor, panel, owner, asked, curves, detail.run.kind === 'external' ? null : output.end, () => void fill().catch(fail));
      panel.whenHidden(stopFollowing);
    }
  };

  const folderOf = async ({ root }: Place): Promise<string> => {
    const asked = await client();
    if (root === null) {
      return (await asked.run(run_id)).artifact_folder;
    }
    return (await asked.links(run_id)).models.find(({ model_id }) => model_id === root)?.folder ?? '';
  };

  const list = async (place: Place): Promise<void> => {
    const listed = await artifactEntries(await folderOf(place), place.path).catch((error: unknown) => {
      fail(error);
      return { entries: [], more: false };
    });
    panel.post({ type: 'folder', root: place.root, path: place.path, ...listed });
  };

  const tools: PreviewTools = {
    queries: () => editor.queries(),
    markdown: async (text) => String(await vscode.commands.executeCommand('markdown.api.render', text)),
  };
  const preview = async (place: Place, from: number): Promise<void> => {
    const shown = await folderOf(place)
      .then(async (folder) => previewFile(await artifactFile(folder, place.path), await realpath(folder), tools, from))
      .catch((error: unknown): Preview => ({ kind: 'none', reason: sentenceOf(error) }));
    panel.post({ type: 'preview', root: place.root, path: place.path, preview: shown });
  };

  return {
    async receive(message) {
      const node = { kind: 'run', project, run_id };
      switch (message.type) {
        case 'ready':
          await fill().catch(fail);
          // A version that was registered from this run, here or elsewhere, stands in its panel.
          models ??= (await session()).onEvent((event) => {
            if (event.type === 'models' && panel.visible) {
              void fill().catch(fail);
            }
          });
          edits ??= followEdits(await session(), panel);
          return;
        case 'edit':
          return editRun(await session(), panel, message.edit);
        case 'draw':
          await curves.draw(await client(), message.keys, message.range).catch(fail);
          return;
        case 'cancel':
          await (await client()).cancel(run_id);
          return;
        case 'register':
          await vscode.commands.executeCommand('mlLifecycle.registerModel', node);
          return;
        case 'compare':
          await vscode.commands.executeCommand('mlLifecycle.compareRuns', node);
          return;
        case 'compare_code':
          await vscode.commands.executeCommand('mlLifecycle.compareCode', node);
          return;
        case 'show_output':
          await vscode.commands.executeCommand('mlLifecycle.showRunOutput', node);
          return;
        case 'open_source':
          await openExisting(path.resolve(project, (await (await client()).run(run_id)).run.source));
          return;
        case 'list':
          await list(message);
          return;
        case 'preview':
          await preview(message, message.from);
          return;
        case 'open_artifact':
          await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(await artifactFile(await folderOf(message), message.path)));
          return;
        case 'open_model': {
          const [model = message.model, version] = message.model.split('/');
          await editor.panels.open('model', { project, model, ...(version === undefined ? {} : { version: Number(version) }) });
        }
      }
    },
  };
}

async function openExisting(file: string): Promise<void> {
  if (!(await exists(file))) {
    throw new UserError(vscode.l10n.t('{0} is not there any more.', file), { file });
  }
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}
