// Tuning of a person's own script.
//   mlLifecycle.tuneScript {script, form?}  starts a study at once where `form` is given → study_id, the id of its parent run
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { TuneForm } from '../../contracts/panels/tune.ts';
import type { Study } from '../../contracts/tuning.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { applyParallelRuns } from '../platform/parallelRuns.ts';
import type { ProjectSession } from '../platform/session.ts';
import { prepareScript } from './scripts.ts';

const Argument = z.object({ script: z.string(), form: z.optional(TuneForm) });

export function handlers(editor: Editor): Handlers {
  return {
    tuneScript: async (target) => {
      if (isProgramCall(target)) {
        const { script, form } = parseArgument(Argument, target);
        if (form !== undefined) {
          return (await createStudy(editor, vscode.Uri.file(script), form, false)).study.study_id;
        }
        await editor.panels.open('tune', { script });
        return undefined;
      }
      const uri = target instanceof vscode.Uri ? target : (vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri);
      if (uri?.scheme !== 'file') {
        throw new UserError(vscode.l10n.t('Open the script that should be tuned, then try again.'));
      }
      await editor.panels.open('tune', { script: uri.fsPath });
      return undefined;
    },
  };
}

/**
 * Saves the script where it is edited, and starts the study that the form describes.
 * @param ask whether a missing project may be asked about; without, it is made.
 * @throws UserError naming the first field that must be mended.
 */
export async function createStudy(editor: Editor, script: vscode.Uri, form: TuneForm, ask: boolean): Promise<{ session: ProjectSession; study: Study }> {
  const { session, job } = await prepareScript(editor, script, [], ask);
  const { studyFrom } = await import('../../core/tuning/api.ts');
  const settings = vscode.workspace.getConfiguration('mlLifecycle', script);
  const spec = studyFrom(form, { ...job, ...(settings.get('autologging', false) ? { autolog: true } : {}) });
  const client = await session.client();
  await applyParallelRuns(session.project);
  const study = await client.startStudy(spec);
  session.started.add(study.study_id);
  return { session, study };
}
