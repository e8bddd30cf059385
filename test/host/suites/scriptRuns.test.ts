import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { closeEditors, eventually, inWorkspace, remove, run, write } from './support.ts';

describe('what a script’s runs offer', function () {
  this.timeout(90_000);
  const script = (): string => inWorkspace('repeated', 'train.py');
  let first: string;

  before(async () => {
    await write('repeated/train.py', 'import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument("--lr", type=float)\nlr = parser.parse_args().lr\nprint(f"accuracy: {lr}")\n');
    first = await run<string>('runScript', { script: script(), arguments: ['--lr', '0.5'] });
    await run('waitForRun', { run_id: first });
  });
  after(async () => {
    await closeEditors();
    await remove('repeated');
  });
  const ended = async (command: string, argument: Record<string, unknown>): Promise<RunSummary> => run<RunSummary>('waitForRun', { run_id: await run<string>(command, argument) });

  it('is to run again, as before or with other arguments', async () => {
    assert.equal((await ended('repeatRun', { run_id: first })).params['lr'], '0.5');
    const other = await ended('repeatRun', { run_id: first, arguments: ['--lr', '0.25'] });
    assert.deepEqual([other.status, other.params['lr'], other.metrics['accuracy']], ['finished', '0.25', 0.25]);
  });

  it('stands above the script: the last figure, the best, and the comparison', async () => {
    const uri = vscode.Uri.file(script());
    await vscode.window.showTextDocument(uri);
    const titles = await eventually(async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 50);
      const found = all.map((lens) => lens.command?.title ?? '');
      return found.some((title) => title.startsWith('Last')) ? found : null;
    });
    assert.ok(titles.includes('Last 0.250 (best 0.500)'), titles.join(' · '));
    assert.ok(titles.includes('Compare'));
  });

  it('shows on hover what an argument was in the last runs', async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', vscode.Uri.file(script()), new vscode.Position(2, 24));
    const text = hovers.flatMap((hover) => hover.contents.map((each) => (typeof each === 'string' ? each : each.value))).join('\n');
    assert.match(text, /\*\*lr\*\*/);
    assert.match(text, /0\\\.25[\s\S]*0\\\.5/);
  });

  it('keeps the packages of the interpreter and the machine', async () => {
    const known = await run<RunSummary>('waitForRun', { run_id: first });
    assert.match(known.tags['python'] ?? '', /^Python 3\./);
    assert.match(known.tags['host'] ?? '', /cores/);
  });

  it('runs one after another where that is set', async () => {
    await write('repeated/slow.py', 'import time\nprint("start", time.time())\ntime.sleep(1)\nprint("loss: 1")\n');
    const settings = vscode.workspace.getConfiguration('mlLifecycle');
    await settings.update('parallelRuns', 1, vscode.ConfigurationTarget.Workspace);
    try {
      const ids = [await run<string>('runScript', { script: inWorkspace('repeated', 'slow.py') }), await run<string>('runScript', { script: inWorkspace('repeated', 'slow.py') })];
      const [one, two] = await Promise.all(ids.map((run_id) => run<RunSummary>('waitForRun', { run_id })));
      assert.ok((two?.started ?? 0) >= (one?.ended ?? Infinity), `${two?.started} ${one?.ended}`);
    } finally {
      await settings.update('parallelRuns', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('runs a notebook as a whole', async () => {
    await write('repeated/book.ipynb', JSON.stringify({ cells: [{ cell_type: 'markdown', source: 'text' }, { cell_type: 'code', source: 'x = 2\n' }, { cell_type: 'code', source: ['print(f"accuracy: {x / 4}")'] }], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const book = await ended('runScript', { script: inWorkspace('repeated', 'book.ipynb') });
    assert.deepEqual([book.status, book.metrics['accuracy']], ['finished', 0.5], book.error ?? '');
  });

  it('restores the exact code to a new branch', async () => {
    const repository = inWorkspace('repeated', 'repository');
    await write('repeated/repository/code.py', 'print("loss: 1")\n');
    const git = (...args: string[]): string => execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: repository, encoding: 'utf8' });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    await write('repeated/repository/code.py', 'print("loss: 2")\n');
    await write('repeated/repository/helper.py', 'x = 1\n');
    const done = await ended('runScript', { script: path.join(repository, 'code.py') });
    git('checkout', '-q', '.');
    const worktree = inWorkspace('repeated', 'restored');
    await run('restoreRun', { run_id: done.run_id, branch: 'run/two', worktree });
    assert.equal(readFileSync(path.join(worktree, 'code.py'), 'utf8'), 'print("loss: 2")\n');
    assert.equal(readFileSync(path.join(worktree, 'helper.py'), 'utf8'), 'x = 1\n');
  });

  it('makes the environment that a script needs, and chooses it', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    this.timeout(180_000);
    await write('repeated/apart/own.py', 'import sys\nprint("prefix", sys.prefix)\n');
    await write('repeated/apart/requirements.txt', '# nothing\n');
    const own = inWorkspace('repeated', 'apart', 'own.py');
    const created = await run<{ python: string; lock: string; added: string[] }>('createEnvironment', { script: own });
    assert.equal(created.python, inWorkspace('repeated', 'apart', '.venv', 'bin', 'python'));
    assert.match(readFileSync(created.lock, 'utf8'), /^# Locked by ML Lifecycle/);
    const done = await ended('runScript', { script: own });
    assert.match(done.tags['python'] ?? '', /\(\.venv\)$/);
  });

  it('gives terminals the command line and the tracking server where that is asked for', async function () {
    if (process.platform === 'win32') {
      this.skip();
    }
    await run('trackTerminals');
    try {
      const said = inWorkspace('repeated', 'said');
      await eventually(async () => {
        const terminal = vscode.window.createTerminal({ name: 'tracked', cwd: inWorkspace('repeated') });
        terminal.sendText(`(ml-lifecycle --help; echo "at $MLFLOW_TRACKING_URI") > '${said}' 2>/dev/null`);
        for (let tries = 0; tries < 100 && !(existsSync(said) && readFileSync(said, 'utf8').includes('at ')); tries += 1) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        terminal.dispose();
        return existsSync(said) && /Usage: ml-lifecycle[^]*at http:\/\/127\.0\.0\.1:\d+\n/.test(readFileSync(said, 'utf8'));
      });
    } finally {
      await run('trackTerminals');
    }
    // The address and the token that are copied are those of the project's server.
    const copied = Object.fromEntries((await run<string>('copyTrackingEnvironment', { form: 'env' })).trim().split('\n').map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string]));
    const answer = await fetch(`${copied['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/experiments/get?experiment_id=0`, { headers: { authorization: `Bearer ${copied['MLFLOW_TRACKING_TOKEN']}` } });
    assert.equal(answer.status, 200);
  });

  it('is debugged as a run: it stops at a breakpoint, shows its variables, goes on and is recorded', async function () {
    const python = process.env['ML_LIFECYCLE_TEST_DEBUGPY'] ?? '';
    if (!path.isAbsolute(python)) {
      this.test!.title += ` (debugpy is ${python || 'not there'})`;
      this.skip();
    }
    const uri = await write('repeated/debugged.py', 'rate = 0.125\nfor epoch in range(2):\n    loss = rate * epoch\n    print(f"epoch {epoch} loss: {loss}")\nprint("accuracy: 0.75")\n');
    const settings = vscode.workspace.getConfiguration('mlLifecycle', uri);
    await settings.update('python', python, vscode.ConfigurationTarget.WorkspaceFolder);
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(3, 0)));
    vscode.debug.addBreakpoints([breakpoint]);
    const stops: { threadId: number }[] = [];
    let session: vscode.DebugSession | undefined;
    const tracker = vscode.debug.registerDebugAdapterTrackerFactory('mlLifecycle-python', {
      createDebugAdapterTracker: (made) => {
        session = made;
        return {
          onDidSendMessage: (message: { type: string; event?: string; body?: { threadId: number } }) => {
            if (message.type === 'event' && message.event === 'stopped' && message.body !== undefined) {
              stops.push(message.body);
            }
          },
        };
      },
    });
    try {
      const runId = await run<string>('debugScript', { script: uri.fsPath, arguments: ['--lr', '3'] });
      for (const epoch of [0, 1]) {
        await eventually(() => stops.length > epoch);
        const { threadId } = stops[epoch]!;
        const { stackFrames } = (await session!.customRequest('stackTrace', { threadId })) as { stackFrames: { id: number; line: number }[] };
        assert.equal(stackFrames[0]?.line, 4);
        const { scopes } = (await session!.customRequest('scopes', { frameId: stackFrames[0]!.id })) as { scopes: { variablesReference: number }[] };
        const { variables } = (await session!.customRequest('variables', { variablesReference: scopes[0]!.variablesReference })) as { variables: { name: string; value: string }[] };
        assert.equal(Number(variables.find((each) => each.name === 'loss')?.value), 0.125 * epoch);
        await session!.customRequest('continue', { threadId });
      }
      const done = await run<RunSummary>('waitForRun', { run_id: runId });
      assert.equal(done.status, 'finished', done.error ?? '');
      assert.deepEqual([done.metrics['accuracy'], done.metrics['loss'], done.params['lr']], [0.75, 0.125, '3']);
      const again = await ended('repeatRun', { run_id: runId });
      assert.equal(again.status, 'finished', 'a repeated run is not debugged');
    } finally {
      tracker.dispose();
      vscode.debug.removeBreakpoints([breakpoint]);
      await settings.update('python', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    }
  });
});
