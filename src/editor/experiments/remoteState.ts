// The remote tracking server that a project follows: said above its runs, and signed in at with what is kept.
import * as vscode from 'vscode';
import type { RemoteState } from '../../contracts/exchange.ts';
import type { Editor } from '../platform/editor.ts';
import { isCancelled, sentenceOf } from '../platform/problems.ts';
import type { ProjectSession } from '../platform/session.ts';

/** How often the age of what is shown is written anew. In milliseconds. */
const redrawEvery = 5000;

/** @param show takes the sentence, '' where no project follows a server. */
export function showRemoteState(editor: Editor, show: (sentence: string) => void): vscode.Disposable {
  const states = new Map<ProjectSession, RemoteState>();
  /** The client that was asked, so that a new server is asked again. */
  const asked = new WeakMap<ProjectSession, unknown>();
  const signing = new Set<string>();
  const failed = (error: unknown): void => (isCancelled(error) ? undefined : editor.log.warn(sentenceOf(error)));

  const draw = (): void => {
    const lines = [...states].filter(([, { uri }]) => uri !== null).map(([session, state]) => (states.size === 1 ? '' : `${session.project.name}: `) + sentence(state));
    show(lines.join('\n'));
  };
  const take = (session: ProjectSession, state: RemoteState): void => {
    states.set(session, state);
    draw();
    if (!state.needs_credentials) {
      signing.delete(`${session.project.root} ${state.uri}`);
    } else if (state.uri !== null && !signing.has(`${session.project.root} ${state.uri}`)) {
      signing.add(`${session.project.root} ${state.uri}`);
      signIn(editor, session, state.uri, state.problem ?? '').catch(failed);
    }
  };
  const timer = setInterval(draw, redrawEvery);
  return vscode.Disposable.from(
    { dispose: () => clearInterval(timer) },
    editor.projects.onEvent(({ session, event }) => {
      if (event.type === 'remote') {
        take(session, event.remote);
      }
    }),
    editor.projects.onDidChangeSession((session) => {
      if (session.connection.kind !== 'connected') {
        states.delete(session);
        asked.delete(session);
      } else if (asked.get(session) !== session.connection.client) {
        const { client } = session.connection;
        asked.set(session, client);
        client.remote().then((state) => take(session, state), failed);
      }
    }),
  );
}

async function signIn(editor: Editor, session: ProjectSession, uri: string, problem: string): Promise<void> {
  const { askCredentials, storedCredentials } = await import('./remoteSecrets.ts');
  const { secrets } = editor.context;
  const sign = vscode.l10n.t('Sign in…');
  const kept = await storedCredentials(secrets, uri);
  if (kept === undefined && (await vscode.window.showWarningMessage(problem, sign)) !== sign) {
    return;
  }
  await (await session.client()).signIn(uri, kept ?? (await askCredentials(secrets, uri)));
}

function sentence(state: RemoteState): string {
  const { host, synchronised, problem, waiting } = state;
  const runs = waiting === 0 ? '' : ` ${waiting === 1 ? vscode.l10n.t('One run here waits to be sent.') : vscode.l10n.t('{0} runs here wait to be sent.', waiting)}`;
  const own = runs + changesOf(state);
  if (problem !== null) {
    // Most reasons name the server themselves.
    return `${problem.startsWith(host) ? '' : `${vscode.l10n.t('Runs of {0}:', host)} `}${problem}${synchronised === null ? '' : ` ${vscode.l10n.t('What is shown is of {0}.', age(synchronised))}`}${own}`;
  }
  return (synchronised === null ? vscode.l10n.t('Runs of {0}: asking…', host) : vscode.l10n.t('Runs of {0}: synchronised {1}.', host, age(synchronised))) + own;
}

/** What this project wants changed there and is not. */
function changesOf({ changes, refused, refusal }: RemoteState): string {
  const wait = changes === 0 ? '' : ` ${changes === 1 ? vscode.l10n.t('One change waits to be sent.') : vscode.l10n.t('{0} changes wait to be sent.', changes)}`;
  // Which and why: "ML: Changes for tracking server…" has them all.
  const no = refused === 0 ? '' : ` ${refused === 1 ? vscode.l10n.t('One change was not taken: {0}', refusal ?? '') : vscode.l10n.t('{0} changes were not taken. {1}', refused, refusal ?? '')}`;
  return wait + no;
}

function age(at: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  const [count, unit] = seconds < 90 ? [seconds, 'second' as const] : seconds < 5400 ? [Math.round(seconds / 60), 'minute' as const] : [Math.round(seconds / 3600), 'hour' as const];
  return new Intl.RelativeTimeFormat(vscode.env.language, { numeric: 'auto' }).format(-count, unit);
}
