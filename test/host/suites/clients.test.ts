// Other people's clients, each started from the lens above its script with its environment's Python chosen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../../../src/contracts/runs.ts';
import { clients, expectedOf, findRun } from '../../clients/clients.ts';
import { askServer, closeEditors, inWorkspace, remove, run, runFromLens, write } from './support.ts';

/** The Python of each environment that this part of the tests has; where it could not be had, why. */
const pythons = JSON.parse(process.env['ML_LIFECYCLE_TEST_PYTHONS'] ?? '{}') as Record<string, string>;
const scripts = process.env['ML_LIFECYCLE_TEST_SCRIPTS'] ?? '';

describe('other people’s clients, from their lens', function () {
  this.timeout(900_000);
  after(async () => {
    await closeEditors();
    await remove('clients');
  });

  for (const client of clients.filter(({ environment }) => environment in pythons)) {
    it(`run ${client.what}`, async function () {
      const python = pythons[client.environment] ?? '';
      if (!path.isAbsolute(python)) {
        this.test!.title += ` (${python})`;
        this.skip();
      }
      const folder = `clients/${path.basename(client.script, '.py')}-${client.environment}`;
      const uri = await write(`${folder}/${client.script}`, readFileSync(path.join(scripts, client.script), 'utf8'));
      const settings = vscode.workspace.getConfiguration('mlLifecycle', vscode.Uri.file(inWorkspace()));
      await settings.update('python', python, vscode.ConfigurationTarget.WorkspaceFolder);
      await settings.update('autologging', client.autolog, vscode.ConfigurationTarget.WorkspaceFolder);
      try {
        const { run_id, kind } = await run<RunSummary>('waitForRun', { run_id: await runFromLens(uri) });
        assert.equal(kind, 'script');
        assert.deepEqual(await findRun(client, run_id, askServer), expectedOf(client, true));
      } finally {
        await settings.update('python', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
        await settings.update('autologging', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
      }
    });
  }
});
