// Makes the parts of the extension and ties them together. Runs at activation, so it only registers.
import path from 'node:path';
import * as vscode from 'vscode';
import type { RuntimeLocation } from '../core/client/api.ts';
import type { Syntax } from '../core/scripts/api.ts';
import type { QueryWorker } from '../core/client/queryWorker.ts';
import { DataView } from './data/dataView.ts';
import { DeploymentsView } from './deployments/deploymentsView.ts';
import { ArrangementStore } from './experiments/arrangement.ts';
import type { CodeFiles } from './experiments/codeFiles.ts';
import { registerCodeFiles } from './experiments/codeFileSystem.ts';
import { ExperimentsView } from './experiments/experimentsView.ts';
import { FilteredRuns } from './experiments/filteredRuns.ts';
import { showRemoteState } from './experiments/remoteState.ts';
import { watchRunEnds } from './experiments/runEnds.ts';
import { RunTerminals } from './experiments/runTerminals.ts';
import { registerCodeLens } from './language/codeLens.ts';
import { registerParameterHover } from './language/parameterHover.ts';
import { registerProjectFileLanguage } from './language/projectFile.ts';
import { ModelsView } from './models/modelsView.ts';
import { showAlertsAsProblems } from './monitoring/alertProblems.ts';
import { MonitoringView } from './monitoring/monitoringView.ts';
import { tellNews } from './monitoring/news.ts';
import { registerCommands, type CommandGroup } from './platform/commands.ts';
import { keepContextKeys } from './platform/contextKeys.ts';
import { registerOwnKernels } from './notebooks/ownController.ts';
import type { Editor } from './platform/editor.ts';
import { emptyView } from './platform/emptyView.ts';
import { Interpreters } from './platform/interpreters.ts';
import { Panels } from './platform/panels.ts';
import { watchParallelRuns } from './platform/parallelRuns.ts';
import { sentenceOf, showProblem } from './platform/problems.ts';
import { Projects } from './platform/projects.ts';
import { registerPythonStatus } from './platform/pythonStatus.ts';

const commands: CommandGroup[] = [
  { names: ['profile', 'addDataset', 'initialiseProject'], untrusted: ['profile'], load: () => import('./data/commands.ts') },
  { names: ['train', 'runScript', 'openRun', 'compareRuns', 'compareAllRuns', 'cancelRun', 'showRunOutput', 'waitForRun'], load: () => import('./experiments/commands.ts') },
  { names: ['filterRuns', 'clearRunFilter', 'groupRuns', 'sortRuns', 'showArchivedRuns', 'hideArchivedRuns', 'chooseKeyMetric'], load: () => import('./experiments/arrangeRuns.ts') },
  { names: ['archiveRuns', 'unarchiveRuns', 'deleteRun', 'renameRun', 'editNote', 'editTags', 'pinBaseline', 'unpinBaseline'], load: () => import('./experiments/organiseRuns.ts') },
  { names: ['renameExperiment', 'archiveExperiment', 'unarchiveExperiment'], load: () => import('./experiments/organiseExperiments.ts') },
  { names: ['repeatRun', 'repeatRunWith'], load: () => import('./experiments/repeatRun.ts') },
  { names: ['tuneScript'], load: () => import('./experiments/tuning.ts') },
  { names: ['debugScript'], load: () => import('./experiments/debugScript.ts') },
  { names: ['runNotebookLive', 'trackKernel', 'restartKernel'], load: () => import('./notebooks/commands.ts') },
  { names: ['trackTerminals', 'copyTrackingEnvironment'], load: () => import('./experiments/trackedTerminals.ts') },
  { names: ['compareCode'], load: () => import('./experiments/compareCode.ts') },
  { names: ['restoreRun'], load: () => import('./experiments/restoreRun.ts') },
  { names: ['importRuns', 'publishRuns', 'signInRemote'], load: () => import('./experiments/exchange.ts') },
  { names: ['remoteChanges'], load: () => import('./experiments/remoteChanges.ts') },
  { names: ['registerModel', 'promoteModel', 'acceptCandidate', 'scoreFile', 'tryModel', 'openVersionFile'], load: () => import('./models/commands.ts') },
  {
    names: ['deployModel', 'openEndpoint', 'startEndpoint', 'stopEndpoint', 'rollBackEndpoint', 'changeTraffic', 'deleteEndpoint', 'newEndpointKey', 'copyEndpointUrl', 'copySnippet'],
    load: () => import('./deployments/commands.ts'),
  },
  { names: ['openMonitor', 'addLabels', 'acknowledgeAlert', 'muteAlert', 'retrain', 'openDecision'], load: () => import('./monitoring/commands.ts') },
  { names: ['showLog', 'refresh', 'stopServer', 'restartServer', 'installTensorflow'], untrusted: ['showLog', 'refresh'], load: () => import('./platform/serverCommands.ts') },
  { names: ['createEnvironment'], load: () => import('./platform/createEnvironment.ts') },
  { names: ['selectInterpreter'], load: () => import('./platform/selectInterpreter.ts') },
];

export function start(context: vscode.ExtensionContext): void {
  let reveal: Editor['revealRun'] = () => Promise.resolve();
  const editor = makeEditor(context, (session, runId) => reveal(session, runId));
  for (const group of commands) {
    registerCommands(editor, group);
  }
  registerPythonStatus(editor);
  registerCodeLens(editor);
  registerParameterHover(editor);
  registerProjectFileLanguage(editor);
  registerCodeFiles(editor);
  context.subscriptions.push(registerOwnKernels(editor));
  editor.panels.register(context);
  reveal = registerViews(editor);
  context.subscriptions.push(keepContextKeys(editor), watchRunEnds(editor), watchParallelRuns(editor), showAlertsAsProblems(editor), tellNews(editor));
  trackTerminalsWhereWanted(editor).catch((error: unknown) => showProblem(editor.log, error));
  editor.terminals.restore().catch((error: unknown) => showProblem(editor.log, error));
}

/** Its code is loaded only where the setting is on, or is switched on. */
async function trackTerminalsWhereWanted(editor: Editor): Promise<void> {
  const wanted = (): boolean => vscode.workspace.getConfiguration('mlLifecycle').get('terminals', false);
  const watch = async (): Promise<void> => {
    const { watchTerminals } = await import('./experiments/trackedTerminals.ts');
    editor.context.subscriptions.push(watchTerminals(editor));
  };
  if (wanted()) {
    return watch();
  }
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('mlLifecycle.terminals') && wanted()) {
      listener.dispose();
      watch().catch((error: unknown) => showProblem(editor.log, error));
    }
  });
  editor.context.subscriptions.push(listener);
}

function makeEditor(context: vscode.ExtensionContext, revealRun: Editor['revealRun']): Editor {
  const log = vscode.window.createOutputChannel('ML Lifecycle', { log: true });
  let runtime: Promise<RuntimeLocation> | undefined;
  let queries: Promise<QueryWorker> | undefined;
  let syntax: Promise<Syntax> | undefined;
  let codeFiles: Promise<CodeFiles> | undefined;
  const projects = new Projects(() => editor.runtime(), log);
  const arrangement = new ArrangementStore(context.workspaceState);
  const editor: Editor = {
    context,
    log,
    projects,
    panels: new Panels(() => editor),
    interpreters: new Interpreters(),
    terminals: new RunTerminals(context.workspaceState, projects, log),
    arrangement,
    filteredRuns: new FilteredRuns(projects, arrangement),
    revealRun,
    runtime() {
      runtime ??= import('./platform/runtime.ts').then(({ locateRuntime }) => locateRuntime(context, log));
      runtime.catch(() => (runtime = undefined));
      return runtime;
    },
    syntax() {
      syntax ??= import('../core/scripts/api.ts').then(({ Syntax }) => new Syntax(context.asAbsolutePath(path.join('dist', 'grammars'))));
      return syntax;
    },
    codeFiles() {
      codeFiles ??= import('./experiments/codeFiles.ts').then(({ CodeFiles }) => new CodeFiles());
      return codeFiles;
    },
    queries() {
      queries ??= makeQueries(editor);
      queries.catch(() => (queries = undefined));
      return queries;
    },
  };
  context.subscriptions.push(log, projects, arrangement, editor.filteredRuns, editor.interpreters, editor.terminals, { dispose: () => void queries?.then((worker) => worker.dispose()) }, { dispose: () => void codeFiles?.then((files) => files.dispose()) });
  return editor;
}

async function makeQueries(editor: Editor): Promise<QueryWorker> {
  const [{ QueryWorker }, runtime] = await Promise.all([import('../core/client/queryWorker.ts'), editor.runtime()]);
  return new QueryWorker(runtime, { onLog: (line) => editor.log.info(line) });
}

/** Registers the six views; gives what shows a run in the Experiments view. */
function registerViews(editor: Editor): Editor['revealRun'] {
  const experiments = new ExperimentsView(editor);
  editor.context.subscriptions.push(
    showRemoteState(editor, (sentence) => experiments.showRemote(sentence)),
    vscode.window.createTreeView('mlLifecycle.data', { treeDataProvider: new DataView(editor) }),
    vscode.window.createTreeView('mlLifecycle.models', { treeDataProvider: new ModelsView(editor), showCollapseAll: true }),
    vscode.window.createTreeView('mlLifecycle.deployments', { treeDataProvider: new DeploymentsView(editor), showCollapseAll: true }),
    monitoringTree(editor),
    vscode.window.createTreeView('mlLifecycle.pipelines', { treeDataProvider: emptyView }),
  );
  return (session, runId) => experiments.reveal(session, runId);
}

/** The Monitoring view, with the number of alerts that nobody acknowledged on its icon. */
function monitoringTree(editor: Editor): vscode.Disposable {
  const tree = vscode.window.createTreeView('mlLifecycle.monitoring', { treeDataProvider: new MonitoringView(editor), showCollapseAll: true });
  const count = async (): Promise<void> => {
    const open = (await editor.projects.sessions()).flatMap((session) => [...session.alerts.values()]).filter((alert) => alert.acknowledged === null).length;
    tree.badge = open === 0 ? undefined : { value: open, tooltip: open === 1 ? vscode.l10n.t('1 open alert') : vscode.l10n.t('{0} open alerts', open) };
  };
  return vscode.Disposable.from(
    tree,
    editor.projects.onDidChangeSession(() => void count().catch((error: unknown) => editor.log.warn(sentenceOf(error)))),
  );
}
