// The words for endpoints and what they serve, the same in every view. Loaded when the extension starts, so it is light.
import * as vscode from 'vscode';
import type { Endpoint, EndpointState, ServedVersion } from '../../contracts/endpoints.ts';

export function stateWord(state: EndpointState): string {
  switch (state) {
    case 'starting':
      return vscode.l10n.t('starting');
    case 'ready':
      return vscode.l10n.t('ready');
    case 'restarting':
      return vscode.l10n.t('restarting');
    case 'stopped':
      return vscode.l10n.t('stopped');
    case 'failed':
      return vscode.l10n.t('failed');
  }
}

/** "Version 2"; a challenger that is not registered has no number. */
export function versionWord(version: number | null): string {
  return version === null ? vscode.l10n.t('Challenger') : vscode.l10n.t('Version {0}', version);
}

export function shareWord({ weight, shadow }: Pick<ServedVersion, 'weight' | 'shadow'>): string {
  return shadow ? vscode.l10n.t('shadow') : vscode.l10n.t('{0} %', weight);
}

/** "Version 2 90 %, Version 3 10 %" */
export function shares({ versions }: Pick<Endpoint, 'versions'>): string {
  const [only] = versions;
  return versions.length === 1 && only !== undefined ? versionWord(only.version) : versions.map((each) => `${versionWord(each.version)} ${shareWord(each)}`).join(', ');
}

/** Whether a model server runs, or is meant to. */
export function isActive(endpoint: Endpoint): boolean {
  return endpoint.state === 'ready' || endpoint.state === 'starting' || endpoint.state === 'restarting';
}
