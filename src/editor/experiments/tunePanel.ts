// Fills the tune panel: the form of a script, then the study that came of it, live.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { FromTunePanel, type TuneForm } from '../../contracts/panels/tune.ts';
import type { Study } from '../../contracts/tuning.ts';
import type { Editor } from '../platform/editor.ts';
import { exists, shownPath } from '../platform/files.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf, showProblem } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';
import { Throttle } from '../platform/throttle.ts';
import { metricKeys } from './figures.ts';
import { languageOf, prepareScript, submitJob } from './scripts.ts';
import { runsOfScript } from './scriptRuns.ts';
import { createStudy } from './tuning.ts';

export const from = FromTunePanel;

/** A study with side-by-side trials changes often. In milliseconds. */
const pause = 300;

export function control(editor: Editor, panel: Panel<'tune'>): Controller<'tune'> {
  // Which of both it shows changes while it is open: the panel is drawn anew then, and says `ready` again.
  let state = panel.state;
  let study: Study | null = null;
  let listener: vscode.Disposable | undefined;
  const turnTo = (next: typeof state): void => {
    state = next;
    study = null;
    panel.restate(next);
  };
  const file = (): string => shownPath(state.script);
  const fail = (error: unknown): void => {
    if (!isCancelled(error)) {
      panel.post({ type: 'failed', file: file(), message: sentenceOf(error) });
    }
  };
  const session = async (): Promise<ProjectSession> => {
    const found = state.project === undefined ? null : await editor.projects.at(state.project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', state.project ?? ''));
    }
    return found;
  };

  const plan = async (form: TuneForm) => {
    const [{ planTuning }, { parallelJobs }] = await Promise.all([import('../../core/tuning/api.ts'), import('../../core/jobs/parallel.ts')]);
    const owner = await editor.projects.forFile(state.script);
    const wanted = vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(state.script)).get('parallelRuns', 0);
    return planTuning(form, wanted || (owner === null ? 1 : await parallelJobs(owner.project)));
  };

  const fillForm = async (): Promise<void> => {
    const { script } = state;
    panel.title(vscode.l10n.t('Tune: {0}', path.basename(script)));
    panel.post({ type: 'loading', file: file(), message: vscode.l10n.t('Reading the options of {0}…', path.basename(script)) });
    if (languageOf(script) === 'notebook') {
      throw new UserError(vscode.l10n.t('A notebook takes no arguments, so it cannot be tuned. Put its code into a script that takes options, for example with argparse, and tune that.'), { file: script });
    }
    if (!(await exists(script))) {
      throw new UserError(vscode.l10n.t('{0} is not there any more.', file()), { file: script });
    }
    const [{ defaultTuneForm }, { scriptOptions }, syntax] = await Promise.all([import('../../core/tuning/api.ts'), import('../../core/scripts/api.ts'), editor.syntax()]);
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === script);
    const options = languageOf(script) === 'python' ? await scriptOptions(syntax, document?.getText() ?? (await readFile(script, 'utf8'))) : [];
    const metrics = await knownMetrics(editor, script);
    const form = defaultTuneForm(options, metrics);
    const note = options.length > 0 ? null : vscode.l10n.t('No options could be read from this script. If it takes any, such as --lr 0.1, type their names below; else let it read some, for example with argparse.');
    panel.post({ type: 'form', file: file(), form, metrics, note, plan: await plan(form) });
  };

  const fillStudy = async (study_id: string): Promise<void> => {
    const owner = await session();
    const client = await owner.client();
    const show = async (): Promise<void> => {
      const now = await client.study(study_id);
      if (state.study_id === study_id) {
        study = now;
        panel.title(now.name);
        panel.post({ type: 'study', file: file(), study: now });
      }
    };
    listener?.dispose();
    const throttle = new Throttle(() => void show().catch(fail), pause);
    listener = vscode.Disposable.from(
      throttle,
      owner.onEvent((event) => {
        if (event.type === 'study' && event.study_id === study_id && panel.visible) {
          throttle.poke();
        }
      }),
    );
    await show();
  };
  panel.whenClosed(() => listener?.dispose());

  const start = async (form: TuneForm): Promise<void> => {
    panel.post({ type: 'starting' });
    try {
      const started = await createStudy(editor, vscode.Uri.file(state.script), form, true);
      turnTo({ script: state.script, project: started.session.project.root, study_id: started.study.study_id });
      await editor.revealRun(started.session, started.study.study_id);
    } catch (error) {
      panel.post({ type: 'not_started' });
      showProblem(editor.log, error);
    }
  };

  const shown = (): Study => {
    if (study === null) {
      throw new UserError(vscode.l10n.t('The study is not loaded yet.'));
    }
    return study;
  };

  const copyCommand = async (form: TuneForm | null): Promise<void> => {
    const { studyFrom, tuneCommand } = await import('../../core/tuning/api.ts');
    const owner = await editor.projects.forFile(state.script);
    const script = owner === null ? state.script : path.relative(owner.project.root, state.script);
    const spec = form === null ? shown().spec : studyFrom(form, (await prepareScript(editor, vscode.Uri.file(state.script), [], true)).job);
    await vscode.env.clipboard.writeText(tuneCommand(spec, script, spec.job.arguments));
    vscode.window.setStatusBarMessage(vscode.l10n.t('The command line was copied.'), 4000);
  };

  const runBest = async (): Promise<void> => {
    const { argumentsOf } = await import('../../core/tuning/api.ts');
    const { spec, trials, best } = shown();
    const trial = trials.find(({ number }) => number === best);
    const owner = await session();
    const begun = await submitJob(owner, { ...spec.job, arguments: [...spec.job.arguments, ...(trial === undefined ? [] : argumentsOf(spec.space, trial.params))] });
    await editor.panels.open('run', { project: owner.project.root, run_id: begun.job_id });
  };

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready':
          return (state.study_id === undefined ? fillForm() : fillStudy(state.study_id)).catch(fail);
        case 'change':
          panel.post({ type: 'plan', plan: await plan(message.form) });
          return;
        case 'start':
          return start(message.form);
        case 'copy_command':
          return copyCommand(message.form);
        case 'stop':
          await (await (await session()).client()).stopStudy(shown().study_id);
          return;
        case 'more':
          await (await (await session()).client()).continueStudy(shown().study_id, { trials: message.trials });
          return;
        case 'open_run':
          await editor.panels.open('run', { project: state.project ?? '', run_id: message.run_id });
          return;
        case 'compare':
          await editor.panels.open('compare', { project: state.project ?? '', run_ids: shown().trials.map(({ run_id }) => run_id) });
          return;
        case 'run_best':
          return runBest();
        case 'again':
          turnTo({ script: state.script });
      }
    },
  };
}

/** What the script's last runs logged, those of the newest run that logged any first. */
async function knownMetrics(editor: Editor, script: string): Promise<string[]> {
  const found = await runsOfScript(editor, vscode.Uri.file(script));
  return [...new Set((found?.runs ?? []).slice(0, 20).flatMap((run) => metricKeys(run)))];
}
