// What can be done with a script, above the statements that it is started at: run it, see its last figures, compare;
// and beside it the interpreter that will run it, with what that lacks.
import path from 'node:path';
import * as vscode from 'vscode';
import { interpreterLabel, reasonFor } from '../../core/python/labels.ts';
import { figure, metricName } from '../experiments/figures.ts';
import type { RunNode } from '../experiments/runs.ts';
import { lastAndBest } from '../experiments/scriptFigures.ts';
import { runsOfScript } from '../experiments/scriptRuns.ts';
import type { Editor } from '../platform/editor.ts';
import { sentenceOf } from '../platform/problems.ts';
import { Throttle } from '../platform/throttle.ts';
import { scriptDocument, scriptSelector, type ScriptDocument } from './scriptDocument.ts';

/** Runs change several times a second while a script trains. In milliseconds. */
const pause = 1000;
/** How many of a script's last runs are compared. */
const compared = 10;

export function registerCodeLens(editor: Editor): void {
  editor.context.subscriptions.push(vscode.languages.registerCodeLensProvider(scriptSelector, new ScriptCodeLens(editor)));
}

class ScriptCodeLens implements vscode.CodeLensProvider {
  readonly #editor: Editor;
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(editor: Editor) {
    this.#editor = editor;
    const changed = new vscode.EventEmitter<void>();
    const throttle = new Throttle(() => changed.fire(), pause);
    this.onDidChangeCodeLenses = changed.event;
    editor.context.subscriptions.push(
      changed,
      throttle,
      editor.interpreters.onDidChange(() => changed.fire()),
      editor.projects.onDidChangeSession(() => throttle.poke()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('mlLifecycle.codeLens')) {
          changed.fire();
        }
      }),
    );
  }

  async provideCodeLenses(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    const script = scriptDocument(document);
    const wanted = vscode.workspace.isTrusted && vscode.workspace.getConfiguration('mlLifecycle', document).get('codeLens', true);
    if (script === null || !wanted || !/fit|train|__main__|ArgumentParser|click|[tT]yper/.test(script.text)) {
      return [];
    }
    const [syntax, { scriptPlaces }] = await Promise.all([this.#editor.syntax(), import('../../core/scripts/api.ts')]);
    const places = await scriptPlaces(syntax, script.text, script.language);
    if (places.length === 0 || token.isCancellationRequested) {
      return [];
    }
    const all = [runCommand(script), ...liveCommand(script), ...debugCommand(script), ...tuneCommand(script), ...(await this.#figures(script)), ...(script.language === 'python' ? await this.#python(script) : [])];
    return places.flatMap(({ line, column }) => all.map((command) => new vscode.CodeLens(new vscode.Range(line, column, line, column), command)));
  }

  /** The last value and the best, and the comparison of the last runs. */
  async #figures(script: ScriptDocument): Promise<vscode.Command[]> {
    const found = await runsOfScript(this.#editor, script.file);
    if (found === null || found.runs.length === 0) {
      return [];
    }
    const node = (run_id: string): RunNode => ({ kind: 'run', project: found.session.project.root, run_id });
    const commands: vscode.Command[] = [];
    const figures = lastAndBest(found.runs);
    if (figures !== null) {
      const { last, best, metric } = figures;
      const title = best === null ? vscode.l10n.t('Last {0}', figure(last.value)) : vscode.l10n.t('Last {0} (best {1})', figure(last.value), figure(best.value));
      commands.push({ command: 'mlLifecycle.openRun', title, tooltip: vscode.l10n.t('{0} of the last run; select to open it', metricName(metric)), arguments: [node(last.run_id)] });
    }
    if (found.runs.length > 1) {
      const nodes = found.runs.slice(0, compared).map((run) => node(run.run_id));
      commands.push({ command: 'mlLifecycle.compareRuns', title: vscode.l10n.t('Compare'), tooltip: vscode.l10n.t('Compares the last {0} runs of this script', nodes.length), arguments: [nodes[0], nodes] });
    }
    return commands;
  }

  async #python(script: ScriptDocument): Promise<vscode.Command[]> {
    const select = { command: 'mlLifecycle.selectInterpreter', arguments: [script.file] };
    try {
      const interpreter = await this.#editor.interpreters.forFile(script.file);
      if (interpreter === null) {
        return [{ ...select, title: vscode.l10n.t('$(warning) No Python found'), tooltip: vscode.l10n.t('Choose the Python that runs this script') }];
      }
      const chosen = { ...select, title: interpreterLabel(interpreter), tooltip: vscode.l10n.t('{0}: {1}\nSelect to choose another', interpreter.path, reasonFor(interpreter)) };
      return script.notebook ? [chosen] : [chosen, ...(await this.#missing(script))];
    } catch (error) {
      return [{ ...select, title: vscode.l10n.t('$(warning) Python cannot be run'), tooltip: sentenceOf(error) }];
    }
  }

  /** What the interpreter lacks of what the script imports, and what makes up for it. */
  async #missing(script: ScriptDocument): Promise<vscode.Command[]> {
    const [interpreter, syntax, { neededModules }] = await Promise.all([this.#editor.interpreters.require(script.file), this.#editor.syntax(), import('../../core/scripts/api.ts')]);
    const missing = this.#editor.interpreters.missing(interpreter, await neededModules(syntax, script.file.fsPath, script.text));
    if (missing === null || missing.length === 0) {
      return [];
    }
    const names = missing.map((each) => each.distribution);
    const shown = names.length > 3 ? vscode.l10n.t('{0} and {1} more', names.slice(0, 2).join(', '), names.length - 2) : names.join(', ');
    const where = missing.map((each) => `${each.distribution}: ${path.basename(each.file)}:${each.line + 1}`).join('\n');
    return [{ command: 'mlLifecycle.createEnvironment', title: vscode.l10n.t('$(warning) lacks {0}', shown), tooltip: vscode.l10n.t('{0}\nSelect to make an environment with what this script needs', where), arguments: [script.file] }];
  }
}

/** The Python debugger takes scripts, not the cells of notebooks. */
function debugCommand(script: ScriptDocument): vscode.Command[] {
  return script.language === 'python' && !script.notebook ? [{ command: 'mlLifecycle.debugScript', title: vscode.l10n.t('Debug'), tooltip: vscode.l10n.t('Runs this script under the debugger; the run is recorded all the same'), arguments: [script.file] }] : [];
}

/** A notebook in its own kernel, with what stands in it before and after. */
function liveCommand(script: ScriptDocument): vscode.Command[] {
  return script.notebook && script.language === 'python' ? [{ command: 'mlLifecycle.runNotebookLive', title: vscode.l10n.t('Run live'), tooltip: vscode.l10n.t('Runs the cells here, in the notebook’s own kernel, and records them as a run. Its variables stay for you to look at'), arguments: [script.file] }] : [];
}

/** A notebook takes no arguments that could be varied. */
function tuneCommand(script: ScriptDocument): vscode.Command[] {
  return script.notebook ? [] : [{ command: 'mlLifecycle.tuneScript', title: vscode.l10n.t('Tune…'), tooltip: vscode.l10n.t('Runs this script with other options again and again, and finds the best'), arguments: [script.file] }];
}

function runCommand(script: ScriptDocument): vscode.Command {
  const tooltip = script.notebook ? vscode.l10n.t('Runs the whole notebook in a fresh kernel beside the window, and records its parameters, metrics and output') : vscode.l10n.t('Runs this script and records its parameters, metrics and output');
  return { command: 'mlLifecycle.runScript', title: vscode.l10n.t('Run as experiment'), tooltip, arguments: [script.file] };
}
