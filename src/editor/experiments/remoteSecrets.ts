// What signs in at remote tracking servers: kept in the editor's secret storage, never in a file of the project.
import * as vscode from 'vscode';
import { Credentials } from '../../contracts/exchange.ts';

function keyOf(uri: string): string {
  return `mlLifecycle.remote ${uri.replace(/\/+$/, '')}`;
}

export async function storedCredentials(secrets: vscode.SecretStorage, uri: string): Promise<Credentials | undefined> {
  const text = await secrets.get(keyOf(uri));
  try {
    return text === undefined ? undefined : Credentials.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** @param credentials null forgets them. */
export async function storeCredentials(secrets: vscode.SecretStorage, uri: string, credentials: Credentials | null): Promise<void> {
  await (credentials === null ? secrets.delete(keyOf(uri)) : secrets.store(keyOf(uri), JSON.stringify(credentials)));
}

/** Asks for a token, or a user and a password, and keeps them. */
export async function askCredentials(secrets: vscode.SecretStorage, uri: string): Promise<Credentials> {
  const host = URL.canParse(uri) ? new URL(uri).host : uri;
  const way = await vscode.window.showQuickPick(
    [
      { label: vscode.l10n.t('With a token'), token: true },
      { label: vscode.l10n.t('With a user and a password'), token: false },
    ],
    { placeHolder: vscode.l10n.t('Sign in at {0}', host) },
  );
  const ask = async (prompt: string, password: boolean): Promise<string> => {
    const value = await vscode.window.showInputBox({ title: vscode.l10n.t('Sign in at {0}', host), prompt, password, ignoreFocusOut: true });
    if (value === undefined || value === '') {
      throw new vscode.CancellationError();
    }
    return value;
  };
  if (way === undefined) {
    throw new vscode.CancellationError();
  }
  const credentials = way.token
    ? { token: await ask(vscode.l10n.t('Token. It is kept in the editor’s secret storage.'), true) }
    : { username: await ask(vscode.l10n.t('User'), false), password: await ask(vscode.l10n.t('Password. It is kept in the editor’s secret storage.'), true) };
  await storeCredentials(secrets, uri, credentials);
  return credentials;
}
