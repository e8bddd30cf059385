// Fills the run panel: everything at once when it is shown, then what changes, gathered over a moment.
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { FromRunPanel } from '../../contracts/panels/run.ts';
import type { RunDetail } from '../../contracts/runs.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import { exists } from '../platform/files.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { readTail } from './outputTail.ts';
import { editRun, followEdits } from './runNotes.ts';
import { isEnded } from './runs.ts';

export const from = FromRunPanel;

const pause = 300;

export function control(editor: Editor, panel: Panel<'run'>): Controller<'run'> {
  const { run_id, project } = panel.state;

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
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
    const client = await owner.client();
    const [detail, history, charts] = await Promise.all([client.run(run_id), client.history(run_id), editor.queries().then((queries) => queries.charts(['curves', 'intervals']))]);
    const output = await readTail(detail.output_file, 200_000);
    panel.title(detail.run.name);
    panel.post({ type: 'run', detail, points: history.points, charts, output: output.text, output_start: output.start });
    if (!isEnded(detail.run) && panel.visible) {
      const from = { points: history.last, output: detail.run.kind === 'external' ? null : output.end };
      stopFollowing = follow(editor, panel, owner, client, from, () => void fill().catch(fail));
      panel.whenHidden(stopFollowing);
    }
  };

  const fail = (error: unknown): void => {
    if (!isCancelled(error)) {
      panel.post({ type: 'failed', message: sentenceOf(error) });
    }
  };

  return {
    async receive(message) {
      const root = { project, run_id };
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
        case 'cancel':
          await (await (await session()).client()).cancel(run_id);
          return;
        case 'register':
          await vscode.commands.executeCommand('mlLifecycle.registerModel', { kind: 'run', ...root });
          return;
        case 'compare':
          await vscode.commands.executeCommand('mlLifecycle.compareRuns', { kind: 'run', ...root });
          return;
        case 'show_output':
          await vscode.commands.executeCommand('mlLifecycle.showRunOutput', { kind: 'run', ...root });
          return;
        case 'open_source': {
          const detail = await (await (await session()).client()).run(run_id);
          await openExisting(path.resolve(project, detail.run.source));
          return;
        }
        case 'open_artifact': {
          const detail = await (await (await session()).client()).run(run_id);
          await openExisting(inside(detail, message.path));
          return;
        }
        case 'open_model': {
          const [model = message.model, version] = message.model.split('/');
          await editor.panels.open('model', { project, model, ...(version === undefined ? {} : { version: Number(version) }) });
        }
      }
    },
  };
}

interface Following {
  points: number;
  /** Null where the run has no job, and so no output. */
  output: number | null;
}

/** Sends what changes until the run has ended, then calls `ended`. Gives what stops it. */
function follow(editor: Editor, panel: Panel<'run'>, session: ProjectSession, client: ProjectClient, from: Following, ended: () => void): () => void {
  const { run_id } = panel.state;
  const aborted = new AbortController();
  const { signal } = aborted;
  let after = from.points;
  let gathered = '';

  const update = async (): Promise<void> => {
    const [detail, history] = await Promise.all([client.run(run_id), client.history(run_id, after)]);
    if (signal.aborted) {
      return;
    }
    if (isEnded(detail.run)) {
      stop();
      ended();
      return;
    }
    after = history.last;
    if (history.points.length > 0) {
      panel.post({ type: 'points', points: history.points });
    }
    panel.post({ type: 'detail', detail });
  };
  const report = (error: unknown): void => {
    if (!signal.aborted) {
      editor.log.warn(`Following run ${run_id}: ${sentenceOf(error)}`);
    }
  };
  let updating: Promise<void> = Promise.resolve();
  const news = new Throttle(() => {
    updating = updating.then(update).catch(report);
  }, pause);
  const text = new Throttle(() => {
    if (gathered !== '') {
      panel.post({ type: 'output', text: gathered });
      gathered = '';
    }
  }, pause);
  const events = session.onEvent((event) => {
    if ((event.type === 'run' && event.run.run_id === run_id) || (event.type === 'job' && event.job.run_id === run_id)) {
      news.poke();
    }
  });
  const stop = (): void => {
    aborted.abort();
    events.dispose();
    news.dispose();
    text.dispose();
  };
  const readOutput = async (start: number): Promise<void> => {
    for await (const piece of client.output(run_id, start, signal)) {
      gathered += piece.text;
      text.poke();
    }
    news.poke();
  };
  if (from.output !== null) {
    readOutput(from.output).catch(report);
  }
  return stop;
}

/** The artifact's file, which must lie in the run's own folder. */
function inside(detail: RunDetail, artifact: string): string {
  const file = path.resolve(detail.artifact_folder, artifact);
  if (!file.startsWith(detail.artifact_folder + path.sep)) {
    throw new UserError(vscode.l10n.t('{0} lies outside the run’s folder.', artifact), { file });
  }
  return file;
}

async function openExisting(file: string): Promise<void> {
  if (!(await exists(file))) {
    throw new UserError(vscode.l10n.t('{0} is not there any more.', file), { file });
  }
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
}
