// The commands about models. Program forms, each a plain object as the only argument:
//   mlLifecycle.registerModel  {run_id, name, description?, project?}      → the version's file
//   mlLifecycle.promoteModel   {model, version, alias?, project?}          alias `champion` by default
//   mlLifecycle.acceptCandidate {model, version?, project?}               → {version, refused}
//   mlLifecycle.tryModel       {model, version?, project?}
//   mlLifecycle.scoreFile      {model, version?, file, out, project?}      replaces `out` → the ended job
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { Job } from '../../contracts/jobs.ts';
import { AliasName, championAlias } from '../../contracts/registry.ts';
import type { Accepted } from '../../contracts/server.ts';
import { pickDataFile } from '../data/files.ts';
import { nameProblem } from '../data/datasets.ts';
import { headline } from '../experiments/figures.ts';
import { runFrom } from '../experiments/chooseRun.ts';
import { parseArgument } from '../platform/arguments.ts';
import { isProgramCall, type Handlers } from '../platform/commands.ts';
import type { Editor } from '../platform/editor.ts';
import { shownPath } from '../platform/files.ts';
import { versionFile, versionFrom, type VersionTarget } from './models.ts';

const RegisterArgument = z.object({ name: z.string(), description: z.optional(z.string()) });
const PromoteArgument = z.object({ version: z.int(), alias: z.optional(z.string()) });
const ScoreArgument = z.object({ file: z.string(), out: z.string() });

export function handlers(editor: Editor): Handlers {
  return {
    registerModel: (target) => register(editor, target),
    promoteModel: (target) => promote(editor, target),
    acceptCandidate: (target) => accept(editor, target),
    scoreFile: (target) => score(editor, target),
    tryModel: async (target) => {
      const { session, model, version } = await versionFrom(editor, target, vscode.l10n.t('Try which model?'), 'both');
      await editor.panels.open('model', { project: session.project.root, model, version });
    },
    openVersionFile: async (target) => {
      const { session, model, version } = await versionFrom(editor, target, vscode.l10n.t('Open the file of which version?'));
      const detail = await (await session.client()).version(model, version);
      await vscode.commands.executeCommand('vscode.open', versionFile(session, model, detail.version.file.ulid));
    },
  };
}

async function register(editor: Editor, target: unknown): Promise<unknown> {
  const { session, run_id } = await runFrom(editor, target, vscode.l10n.t('Register the model of which run?'), (run) => run.kind === 'training' && run.status === 'finished');
  const client = await session.client();
  if (isProgramCall(target)) {
    const { name, description } = parseArgument(RegisterArgument, target);
    return client.register({ run_id, name, ...(description === undefined ? {} : { description }) });
  }
  const { run } = await client.run(run_id);
  const name = await askForName(session.models.map((model) => model.name), run.experiment);
  const description = await vscode.window.showInputBox({
    title: vscode.l10n.t('Register {0}', name),
    prompt: vscode.l10n.t('What is worth knowing about this version? May stay empty.'),
    placeHolder: headline(run),
  });
  if (description === undefined) {
    throw new vscode.CancellationError();
  }
  const file = await client.register({ run_id, name, ...(description === '' ? {} : { description }) });
  const tryIt = vscode.l10n.t('Try it');
  const open = vscode.l10n.t('Open file');
  const [last] = await client.moves(file.model);
  const refused = last?.outcome === 'refused' && last.to === file.version ? ` ${last.reason}` : '';
  void vscode.window.showInformationMessage(`${vscode.l10n.t('Registered {0} version {1}.', file.model, file.version)}${refused}`, tryIt, open).then(async (answer) => {
    if (answer === tryIt) {
      await editor.panels.open('model', { project: session.project.root, model: file.model, version: file.version });
    } else if (answer === open) {
      await vscode.commands.executeCommand('vscode.open', versionFile(session, file.model, file.ulid));
    }
  });
  return file;
}

async function askForName(existing: string[], suggestion: string): Promise<string> {
  const ask = async (value: string): Promise<string> => {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Register model'),
      prompt: vscode.l10n.t('The model’s name'),
      value,
      validateInput: (text) => nameProblem(text),
    });
    if (name === undefined) {
      throw new vscode.CancellationError();
    }
    return name;
  };
  if (existing.length === 0) {
    return ask(suggestion);
  }
  const another = { label: vscode.l10n.t('$(add) A new model…'), name: undefined };
  const chosen = await vscode.window.showQuickPick(
    [...existing.map((name) => ({ label: name, description: vscode.l10n.t('a new version'), name })), another],
    { placeHolder: vscode.l10n.t('Register as a version of which model?') },
  );
  if (chosen === undefined) {
    throw new vscode.CancellationError();
  }
  return chosen.name ?? ask(existing.includes(suggestion) ? '' : suggestion);
}

async function promote(editor: Editor, target: unknown): Promise<void> {
  const found = await versionFrom(editor, target, vscode.l10n.t('Promote which version?'), 'both');
  const client = await found.session.client();
  if (isProgramCall(target)) {
    const { version, alias = championAlias } = parseArgument(PromoteArgument, target);
    await client.setAlias(found.model, { alias, version });
    return;
  }
  const alias = await askForAlias(Object.keys((await client.model(found.model)).aliases), found);
  await client.setAlias(found.model, { alias, version: found.version });
  void vscode.window.showInformationMessage(vscode.l10n.t('{0} version {1} is now {2}.', found.model, found.version, alias));
}

async function accept(editor: Editor, target: unknown): Promise<Accepted | undefined> {
  const { session, model, version } = await versionFrom(editor, target, vscode.l10n.t('Make a version of which candidate?'), 'candidates');
  const client = await session.client();
  if (isProgramCall(target)) {
    return client.accept(model, version);
  }
  const title = vscode.l10n.t('Keeping the files of {0} version {1}', model, version);
  const accepted = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () => client.accept(model, version));
  const open = vscode.l10n.t('Open file');
  const sentence = vscode.l10n.t('{0} version {1} is a version of this project now.', model, version);
  void vscode.window.showInformationMessage([sentence, ...accepted.refused].join(' '), open).then(async (answer) => {
    if (answer === open) {
      await vscode.commands.executeCommand('vscode.open', versionFile(session, model, accepted.version.ulid));
    }
  });
  return accepted;
}

async function askForAlias(existing: string[], { model, version }: VersionTarget): Promise<string> {
  const another = { label: vscode.l10n.t('$(add) Another alias…'), alias: '' };
  const items = [...new Set([championAlias, ...existing])].map((alias) => ({ label: alias, alias }));
  const chosen = await vscode.window.showQuickPick([...items, another], { placeHolder: vscode.l10n.t('Which alias should {0} version {1} get?', model, version) });
  const alias =
    chosen === another
      ? await vscode.window.showInputBox({
          prompt: vscode.l10n.t('The alias'),
          validateInput: (text) => (AliasName.safeParse(text).success ? undefined : vscode.l10n.t('An alias is lower case letters, digits, dashes and underscores, and starts with a letter.')),
        })
      : chosen?.alias;
  if (alias === undefined) {
    throw new vscode.CancellationError();
  }
  return alias;
}

async function score(editor: Editor, target: unknown): Promise<Job | undefined> {
  const found = await versionFrom(editor, target, vscode.l10n.t('Score a file with which model?'));
  const model = `${found.model}/${found.version}`;
  const client = await found.session.client();
  if (isProgramCall(target)) {
    const { file, out } = parseArgument(ScoreArgument, target);
    const job = await client.waitForJob((await client.submit({ kind: 'score', model, file, out, overwrite: true })).job_id);
    return finished(job);
  }
  const file = await pickDataFile(vscode.l10n.t('Score which file with {0}?', model));
  const out = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save the scored rows as'),
    defaultUri: vscode.Uri.file(scoredName(file)),
    filters: { [vscode.l10n.t('Data')]: ['csv', 'parquet'] },
  });
  if (out === undefined) {
    throw new vscode.CancellationError();
  }
  const job = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Scoring {0} with {1}', path.basename(file), model), cancellable: true },
    async (progress, token) => {
      const { job_id } = await client.submit({ kind: 'score', model, file, out: out.fsPath, overwrite: true });
      token.onCancellationRequested(() => void client.cancel(job_id));
      let done = 0;
      return client.waitForJob(job_id, ({ progress: now }) => {
        if (now !== null) {
          progress.report({ message: now.message, increment: (now.fraction - done) * 100 });
          done = now.fraction;
        }
      });
    },
  );
  if (job.status === 'cancelled') {
    return job;
  }
  finished(job);
  const open = vscode.l10n.t('Open file');
  const profile = vscode.l10n.t('Profile data');
  void vscode.window.showInformationMessage(vscode.l10n.t('Scored rows were saved to {0}.', shownPath(out.fsPath)), open, profile).then(async (answer) => {
    if (answer === open) {
      await vscode.commands.executeCommand('vscode.open', out);
    } else if (answer === profile) {
      await editor.panels.open('profile', { file: out.fsPath });
    }
  });
  return job;
}

function finished(job: Job): Job {
  if (job.status === 'failed') {
    throw new UserError(job.error ?? vscode.l10n.t('{0} has failed.', job.title));
  }
  return job;
}

/** `loans.csv` becomes `loans-scored.csv` beside it; kinds that cannot be written become CSV. */
function scoredName(file: string): string {
  const base = path.basename(file).replace(/\.gz$/i, '');
  const extension = path.extname(base);
  const kept = extension.toLowerCase() === '.parquet' ? extension : '.csv';
  return path.join(path.dirname(file), `${path.basename(base, extension)}-scored${kept}`);
}
