// Other people's clients, unchanged: from the command line, and from a terminal that is tracked. From their lens: test/host.
import assert from 'node:assert/strict';
import path from 'node:path';
import { pythonOf } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/run.mjs';
import { trackingVariables } from '../../src/core/jobs/api.ts';
import { token, TrackingServer } from '../package/trackingServer.ts';
import { clients, expectedOf, findRun, type Client } from './clients.ts';

describe('other people’s clients', function () {
  this.timeout(1_800_000);
  const server = new TrackingServer();
  before(() => server.start());
  after(() => server.dispose());

  const python = async (context: Mocha.Context, { environment }: Client): Promise<string> => {
    try {
      return await pythonOf(environment);
    } catch (error) {
      context.runnable().title += ` (${error instanceof Error ? error.message : String(error)})`;
      return context.skip();
    }
  };
  const ids = async (): Promise<Set<string>> => new Set((await server.runs()).map((each) => each.run_id));

  for (const client of clients) {
    it(`run from the command line: ${client.what}`, async function () {
      const { run_id } = await server.job(await python(this, client), client.script, [], client.autolog ? ['--autolog'] : []);
      assert.deepEqual(await findRun(client, run_id, (target) => server.own(target)), expectedOf(client, true));
    });
  }

  for (const client of clients.filter(({ logs }) => logs)) {
    it(`run from a terminal that is tracked: ${client.what}`, async function () {
      const interpreter = await python(this, client);
      const before = await ids();
      await run(interpreter, [path.join(root, 'test', 'clients', 'scripts', client.script)], { cwd: server.folder, env: { ...process.env, ...trackingVariables({ uri: server.uri, token }) } });
      const first = (await server.runs()).filter((each) => !before.has(each.run_id)).sort((a, b) => a.created - b.created)[0] ?? assert.fail('no run');
      assert.equal(first.kind, 'external');
      assert.deepEqual(await findRun(client, first.run_id, (target) => server.own(target)), expectedOf(client, false));
    });
  }
});
