// Opens panels, one per subject, brings them back after a reload and checks every message they send.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type * as z from 'zod/mini';
import type { FromComparePanel, ToComparePanel } from '../../contracts/panels/compare.ts';
import type { FromDecisionPanel, ToDecisionPanel } from '../../contracts/panels/decision.ts';
import type { FromEndpointPanel, ToEndpointPanel } from '../../contracts/panels/endpoint.ts';
import type { FromModelPanel, ToModelPanel } from '../../contracts/panels/model.ts';
import type { FromMonitorPanel, ToMonitorPanel } from '../../contracts/panels/monitor.ts';
import type { FromProfilePanel, ToProfilePanel } from '../../contracts/panels/profile.ts';
import type { FromRunPanel, ToRunPanel } from '../../contracts/panels/run.ts';
import type { FromTrainPanel, ToTrainPanel } from '../../contracts/panels/train.ts';
import type { FromTunePanel, ToTunePanel } from '../../contracts/panels/tune.ts';
import type { Editor } from './editor.ts';
import type { panelStates } from './panelStates.ts';
import { showProblem } from './problems.ts';

export type PanelName = keyof typeof panelStates;
export type PanelState<Name extends PanelName> = z.infer<(typeof panelStates)[Name]>;

interface Messages {
  profile: [to: ToProfilePanel, from: FromProfilePanel];
  train: [to: ToTrainPanel, from: FromTrainPanel];
  tune: [to: ToTunePanel, from: FromTunePanel];
  run: [to: ToRunPanel, from: FromRunPanel];
  compare: [to: ToComparePanel, from: FromComparePanel];
  model: [to: ToModelPanel, from: FromModelPanel];
  endpoint: [to: ToEndpointPanel, from: FromEndpointPanel];
  monitor: [to: ToMonitorPanel, from: FromMonitorPanel];
  decision: [to: ToDecisionPanel, from: FromDecisionPanel];
}

/** A panel as its controller sees it. */
export interface Panel<Name extends PanelName> {
  /** What the panel was opened for. */
  readonly state: PanelState<Name>;
  /** Draws the page anew for a changed state, which it then keeps over a reload. */
  restate(state: PanelState<Name>): void;
  /** False once the panel was closed. */
  readonly open: boolean;
  /** A hidden panel has no page: it says `ready` again when it is shown. */
  readonly visible: boolean;
  post(message: Messages[Name][0]): void;
  title(title: string): void;
  /** Calls `work` when the panel is hidden or closed, and forgets about it then. */
  whenHidden(work: () => void): void;
  whenClosed(work: () => void): void;
}

/** Answers a panel's messages. */
export interface Controller<Name extends PanelName> {
  receive(message: Messages[Name][1]): void | Promise<void>;
}

interface Kind<Name extends PanelName> {
  title: string;
  icon: string;
  /** The same key, the same panel. */
  key(state: PanelState<Name>): string;
  /** Loads the controller and the schema of what its panel sends. */
  load(): Promise<{
    from: z.ZodMiniType<Messages[Name][1]>;
    control(editor: Editor, panel: Panel<Name>): Controller<Name>;
  }>;
}

const kinds: { [Name in PanelName]: Kind<Name> } = {
  profile: {
    title: vscode.l10n.t('Profile'),
    icon: 'graph',
    key: ({ file }) => file,
    load: () => import('../data/profilePanel.ts'),
  },
  train: {
    title: vscode.l10n.t('Train a model'),
    icon: 'mortar-board',
    key: ({ file }) => file,
    load: () => import('../experiments/trainPanel.ts'),
  },
  tune: {
    title: vscode.l10n.t('Tune a script'),
    icon: 'settings',
    key: ({ script, study_id }) => study_id ?? script,
    load: () => import('../experiments/tunePanel.ts'),
  },
  run: {
    title: vscode.l10n.t('Run'),
    icon: 'beaker',
    key: ({ project, run_id }) => `${project}\n${run_id}`,
    load: () => import('../experiments/runPanel.ts'),
  },
  compare: {
    title: vscode.l10n.t('Compare runs'),
    icon: 'split-horizontal',
    key: ({ project, run_ids = [], experiment = '' }) => [project, experiment, ...run_ids].join('\n'),
    load: () => import('../experiments/comparePanel.ts'),
  },
  model: {
    title: vscode.l10n.t('Model'),
    icon: 'package',
    key: ({ project, model }) => `${project}\n${model}`,
    load: () => import('../models/modelPanel.ts'),
  },
  endpoint: {
    title: vscode.l10n.t('Endpoint'),
    icon: 'broadcast',
    key: ({ project, endpoint }) => `${project}\n${endpoint}`,
    load: () => import('../deployments/endpointPanel.ts'),
  },
  monitor: {
    title: vscode.l10n.t('Monitor'),
    icon: 'pulse',
    key: ({ project, endpoint }) => `${project}\n${endpoint}`,
    load: () => import('../monitoring/monitorPanel.ts'),
  },
  decision: {
    title: vscode.l10n.t('Decision'),
    icon: 'law',
    key: ({ project, decision_id }) => `${project}\n${decision_id}`,
    load: () => import('../monitoring/decisionPanel.ts'),
  },
};

const viewType = (name: PanelName): string => `mlLifecycle.${name}`;

export class Panels {
  readonly #editor: () => Editor;
  readonly #open = new Map<string, vscode.WebviewPanel>();

  constructor(editor: () => Editor) {
    this.#editor = editor;
  }

  /** Registers what brings the panels back after a reload. */
  register(context: vscode.ExtensionContext): void {
    for (const name of Object.keys(kinds) as PanelName[]) {
      context.subscriptions.push(
        vscode.window.registerWebviewPanelSerializer(viewType(name), {
          deserializeWebviewPanel: (panel, saved: unknown) => this.#restore(name, panel, saved),
        }),
      );
    }
  }

  /** Shows the panel about this subject, an open one where there is one. */
  async open<Name extends PanelName>(name: Name, state: PanelState<Name>): Promise<void> {
    const existing = this.#open.get(`${name}\n${kinds[name].key(state)}`);
    if (existing !== undefined) {
      existing.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(viewType(name), kinds[name].title, vscode.ViewColumn.Active, { enableFindWidget: true });
    await this.#attach(name, panel, state);
  }

  /** Whether the panel about this subject is in front. */
  isVisible<Name extends PanelName>(name: Name, state: PanelState<Name>): boolean {
    return this.#open.get(`${name}\n${kinds[name].key(state)}`)?.visible ?? false;
  }

  async #restore(name: PanelName, panel: vscode.WebviewPanel, saved: unknown): Promise<void> {
    const { panelStates: states } = await import('./panelStates.ts');
    const state = states[name].safeParse((saved as { host?: unknown } | undefined)?.host);
    if (!state.success) {
      panel.dispose();
      return;
    }
    await this.#attach(name, panel, state.data as PanelState<typeof name>);
  }

  async #attach<Name extends PanelName>(name: Name, panel: vscode.WebviewPanel, state: PanelState<Name>): Promise<void> {
    const editor = this.#editor();
    const keyOf = (subject: PanelState<Name>): string => `${name}\n${kinds[name].key(subject)}`;
    let key = keyOf(state);
    this.#open.set(key, panel);
    panel.onDidDispose(() => this.#open.delete(key));
    panel.iconPath = new vscode.ThemeIcon(kinds[name].icon);
    const { from, control } = await kinds[name].load();
    const draw = (drawn: PanelState<Name>): void => {
      this.#open.delete(key);
      key = keyOf(drawn);
      this.#open.set(key, panel);
      panel.webview.html = page(editor.context.extensionUri, panel.webview, name, drawn);
    };
    const live = livePanel(panel, state, draw);
    const controller = control(editor, live);
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const parsed = from.safeParse(message);
      if (!parsed.success) {
        editor.log.error(`The ${name} panel sent a message that is not understood: ${parsed.error.message}`);
        return;
      }
      Promise.resolve(controller.receive(parsed.data)).catch((error: unknown) => showProblem(editor.log, error));
    });
    panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(editor.context.extensionUri, 'dist', 'webview')] };
    draw(state);
  }
}

function livePanel<Name extends PanelName>(panel: vscode.WebviewPanel, state: PanelState<Name>, draw: (state: PanelState<Name>) => void): Panel<Name> {
  let open = true;
  let hidden: (() => void)[] = [];
  const closed: (() => void)[] = [];
  const hide = (): void => {
    const all = hidden;
    hidden = [];
    all.forEach((work) => work());
  };
  panel.onDidChangeViewState(() => {
    if (!panel.visible) {
      hide();
    }
  });
  panel.onDidDispose(() => {
    open = false;
    hide();
    closed.forEach((work) => work());
  });
  return {
    state,
    restate: draw,
    get open() {
      return open;
    },
    get visible() {
      return open && panel.visible;
    },
    post(message) {
      if (open) {
        void panel.webview.postMessage(message);
      }
    },
    title(title) {
      if (open) {
        panel.title = title;
      }
    },
    whenHidden: (work) => hidden.push(work),
    whenClosed: (work) => closed.push(work),
  };
}

function page(extension: vscode.Uri, webview: vscode.Webview, name: PanelName, state: unknown): string {
  const script = webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'webview', `${name}.js`));
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    `default-src 'none'`,
    `img-src ${webview.cspSource} data:`,
    `media-src data:`,
    `font-src ${webview.cspSource}`,
    `style-src ${webview.cspSource} 'unsafe-inline'`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(kinds[name].title)}</title>
</head>
<body data-panel="${name}" data-panel-state="${escapeHtml(JSON.stringify(state))}">
<div id="root"></div>
<script type="module" nonce="${nonce}" src="${script.toString()}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
