// The commands about monitoring and retraining. Program forms, each a plain object as the only argument:
//   mlLifecycle.openMonitor       {endpoint, project?}
//   mlLifecycle.addLabels         {endpoint, file, id, value, project?}  or  {endpoint, labels, project?}  → where the labels went
//   mlLifecycle.acknowledgeAlert  {alert_id, acknowledged?, project?}
//   mlLifecycle.muteAlert         {alert_id, muted_for, project?}        in milliseconds; 0 ends the muting
//   mlLifecycle.retrain           {retraining, detail?, project?}        an entry of ml.yaml or a model → the decision
//   mlLifecycle.openDecision      {decision_id, project?}
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { LabelsRequest, type LabelsResult } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import type { Decision, RetrainingState } from '../../contracts/retraining.ts';
import { pickDataFile } from '../data/files.ts';
import { endpointFrom } from '../deployments/endpoints.ts';
import { sessionWithRuns } from '../experiments/chooseRun.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import type { ProjectSession } from '../platform/session.ts';
import { alertFrom, decisionFrom } from './targets.ts';
import { isMuted } from './words.ts';

const LabelsArgument = z.union([z.object({ file: z.string(), id: z.string(), value: z.string() }), LabelsRequest]);
const AcknowledgeArgument = z.object({ acknowledged: z.optional(z.boolean()) });
const MuteArgument = z.object({ muted_for: z.number().check(z.minimum(0)) });
const RetrainArgument = z.object({ retraining: z.string(), detail: z.optional(z.string()), project: z.optional(z.string()) });

export function handlers(editor: Editor): Handlers {
  return {
    openMonitor: async (target) => {
      const { session, endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Open the monitor of which endpoint?'));
      await editor.panels.open('monitor', { project: session.project.root, endpoint: endpoint.name });
    },
    addLabels: (target) => addLabels(editor, target),
    acknowledgeAlert: async (target) => {
      const { session, alert } = await alertFrom(editor, target, vscode.l10n.t('Acknowledge which alert?'));
      const { acknowledged = true } = isProgramCall(target) ? parseArgument(AcknowledgeArgument, target) : {};
      await (await session.client()).editAlert(alert.alert_id, { acknowledged });
    },
    muteAlert: async (target) => {
      const { session, alert } = await alertFrom(editor, target, vscode.l10n.t('Mute which alert?'));
      const { muted_for } = isProgramCall(target) ? parseArgument(MuteArgument, target) : { muted_for: await askForHowLong(isMuted(alert)) };
      await (await session.client()).editAlert(alert.alert_id, { muted_for });
    },
    retrain: (target) => retrain(editor, target),
    openDecision: async (target) => {
      const { session, decision_id } = await decisionFrom(editor, target, vscode.l10n.t('Open which decision?'));
      await editor.panels.open('decision', { project: session.project.root, decision_id });
    },
  };
}

async function askForHowLong(muted: boolean): Promise<number> {
  const hour = 3_600_000;
  const chosen = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('For an hour'), muted_for: hour },
      { label: vscode.l10n.t('For a day'), muted_for: 24 * hour },
      { label: vscode.l10n.t('For a week'), muted_for: 7 * 24 * hour },
      ...(muted ? [{ label: vscode.l10n.t('Not any more: say it again'), muted_for: 0 }] : []),
    ],
    { placeHolder: vscode.l10n.t('No new notification for this endpoint, kind and column…') },
  );
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.muted_for;
}

async function addLabels(editor: Editor, target: unknown): Promise<LabelsResult> {
  const { session, endpoint } = await endpointFrom(editor, target, vscode.l10n.t('Add labels for the predictions of which endpoint?'));
  const client = await session.client();
  if (isProgramCall(target)) {
    const given = parseArgument(LabelsArgument, target);
    return 'labels' in given ? client.addLabels(endpoint.name, given) : client.addLabelsFile(endpoint.name, given);
  }
  const file = await pickDataFile(vscode.l10n.t('Which file holds what turned out to be true, with the ids of the predictions?'));
  const { columns } = await (await editor.queries()).summary(file);
  const names = columns.map((column) => column.name);
  const id = await pickColumn(vscode.l10n.t('Which column holds the predictions’ ids?'), names);
  const value = await pickColumn(vscode.l10n.t('Which column holds the true values?'), names.filter((name) => name !== id));
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Adding the labels of {0} to {1}', path.basename(file), endpoint.name) },
    () => client.addLabelsFile(endpoint.name, { file, id, value }),
  );
  void sayLabels(editor, session, endpoint.name, result);
  return result;
}

async function pickColumn(placeHolder: string, names: string[]): Promise<string> {
  const chosen = await vscode.window.showQuickPick(names, { placeHolder });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen;
}

async function sayLabels(editor: Editor, session: ProjectSession, endpoint: string, { accepted, unknown, unknown_ids, repeated }: LabelsResult): Promise<void> {
  const open = vscode.l10n.t('Open monitor');
  const parts = [
    accepted === 1 ? vscode.l10n.t('1 label was added to {0}.', endpoint) : vscode.l10n.t('{0} labels were added to {1}.', accepted.toLocaleString(), endpoint),
    ...(repeated === 0 ? [] : [vscode.l10n.t('{0} replace an earlier one.', repeated.toLocaleString())]),
    ...(unknown === 0 ? [] : [vscode.l10n.t('{0} are for ids that were never predicted, such as {1}.', unknown.toLocaleString(), unknown_ids.slice(0, 3).join(', '))]),
  ];
  const answer = await (unknown > 0 ? vscode.window.showWarningMessage(parts.join(' '), open) : vscode.window.showInformationMessage(parts.join(' '), open));
  if (answer === open) {
    await editor.panels.open('monitor', { project: session.project.root, endpoint });
  }
}

async function retrain(editor: Editor, target: unknown): Promise<Decision> {
  if (isProgramCall(target)) {
    const { project, ...request } = parseArgument(RetrainArgument, target);
    const session = (project === undefined ? null : await editor.projects.at(project)) ?? (await sessionWithRuns(editor));
    return (await session.client()).retrain(request);
  }
  const { session, retraining } = await chooseRetraining(editor, target);
  const decision = await (await session.client()).retrain({ retraining });
  session.learn({ decision });
  await editor.panels.open('decision', { project: session.project.root, decision_id: decision.decision_id });
  return decision;
}

interface Chosen {
  session: ProjectSession;
  retraining: string;
}

/** What a view's item is about, where it says so; else the person picks an entry of ml.yaml or a model. */
async function chooseRetraining(editor: Editor, target: unknown): Promise<Chosen> {
  if (isAbout(target, 'endpoint')) {
    const { session, endpoint } = await endpointFrom(editor, target, '');
    const entries = (await (await session.client()).retrainings()).filter((entry) => entry.endpoint === endpoint.name);
    const model = endpoint.versions.find((version) => !version.shadow)?.model;
    return pick(session, entries, entries.length === 0 && model !== undefined ? [model] : []);
  }
  if (isAbout(target, 'model')) {
    const session = await editor.projects.at(target.project);
    if (session !== null) {
      const entries = (await (await session.client()).retrainings()).filter((entry) => entry.model === target.model);
      return pick(session, entries, entries.length === 0 ? [target.model] : []);
    }
  }
  const session = await sessionWithRuns(editor);
  const entries = await (await session.client()).retrainings();
  const models = session.models.map((model) => model.name).filter((name) => !entries.some((entry) => entry.name === name || entry.model === name));
  return pick(session, entries, models);
}

function isAbout<Key extends 'endpoint' | 'model'>(target: unknown, key: Key): target is { project: string } & Record<Key, string> {
  return typeof target === 'object' && target !== null && 'kind' in target && 'project' in target && key in target;
}

async function pick(session: ProjectSession, entries: RetrainingState[], models: string[]): Promise<Chosen> {
  const items = [
    ...entries.map((entry) => ({ label: entry.name, description: [entry.model, ...entry.triggers].join(' · '), ...(entry.problem === null ? {} : { detail: entry.problem }), retraining: entry.name })),
    ...models.map((model) => ({ label: model, description: vscode.l10n.t('as its newest version was trained'), retraining: model })),
  ];
  if (items.length === 0) {
    throw new UserError(vscode.l10n.t('{0} has no model to retrain yet. Train one and register it first.', session.project.name));
  }
  const [only] = items;
  const chosen = items.length === 1 ? only : await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Retrain what?'), matchOnDescription: true });
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return { session, retraining: chosen.retraining };
}
