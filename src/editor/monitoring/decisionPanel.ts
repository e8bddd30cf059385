// Fills the page of a decision, follows it while it runs and takes a person's answer.
import * as vscode from 'vscode';
import { UserError } from '../../contracts/errors.ts';
import { FromDecisionPanel } from '../../contracts/panels/decision.ts';
import type { Decision } from '../../contracts/retraining.ts';
import type { GitState } from '../../contracts/runs.ts';
import type { ProjectClient } from '../../core/client/api.ts';
import type { Editor } from '../platform/editor.ts';
import type { Controller, Panel } from '../platform/panels.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';

export const from = FromDecisionPanel;

export function control(editor: Editor, panel: Panel<'decision'>): Controller<'decision'> {
  const { project, decision_id } = panel.state;
  let events: vscode.Disposable | undefined;
  let git: { run_id: string; state: GitState | null } | undefined;

  const session = async (): Promise<ProjectSession> => {
    const found = await editor.projects.at(project);
    if (found === null) {
      throw new UserError(vscode.l10n.t('The project {0} is not open in this window any more.', project), { file: project });
    }
    return found;
  };
  const client = async (): Promise<ProjectClient> => (await session()).client();

  /** What the challenger's run was made from; a run that was deleted takes it along. */
  const gitOf = async (decision: Decision): Promise<GitState | null> => {
    const run_id = decision.challenger?.run_id ?? null;
    if (run_id === null) {
      return null;
    }
    if (git?.run_id !== run_id) {
      git = { run_id, state: await (await client()).run(run_id).then((detail) => detail.git, () => null) };
    }
    return git.state;
  };

  const show = async (known?: Decision): Promise<void> => {
    try {
      const owner = await session();
      const decision = known ?? (await (await owner.client()).decision(decision_id));
      const [charts, state] = await Promise.all([editor.queries().then((queries) => queries.charts(['truth', 'curves'])), gitOf(decision)]);
      panel.title(vscode.l10n.t('Retraining of {0}', decision.model));
      panel.post({ type: 'decision', decision, git: state, charts });
      events ??= owner.onEvent((event) => {
        if (event.type === 'decision' && event.decision.decision_id === decision_id && panel.visible) {
          void show(event.decision);
        }
      });
    } catch (error) {
      if (!isCancelled(error)) {
        panel.post({ type: 'failed', message: sentenceOf(error) });
      }
    }
  };
  panel.whenClosed(() => events?.dispose());

  const answer = async (given: 'promote' | 'discard'): Promise<void> => {
    const decision = await (await client()).answerDecision(decision_id, { answer: given });
    (await session()).learn({ decision });
    await show(decision);
  };

  return {
    async receive(message) {
      switch (message.type) {
        case 'ready':
          return show();
        case 'promote':
        case 'discard':
          return answer(message.type);
        case 'cancel':
          // A decision carries the id of its job.
          return (await client()).cancel(decision_id);
        case 'open_run':
          await editor.panels.open('run', { project, run_id: message.run_id });
          return;
        case 'open_model':
          await editor.panels.open('model', { project, model: message.model, ...(message.version === null ? {} : { version: message.version }) });
          return;
        case 'open_endpoint':
          await editor.panels.open('endpoint', { project, endpoint: message.endpoint });
          return;
        case 'open_monitor':
          await editor.panels.open('monitor', { project, endpoint: message.endpoint });
      }
    },
  };
}
