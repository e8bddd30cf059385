// MLflow's own server beside ours: the same calls, the same answers. Only the words of a refusal may differ.
import assert from 'node:assert/strict';
import { absent, looser, stricter } from './support/calls/deviations.ts';
import { experiments, runs } from './support/calls/experiments.ts';
import { filters, narrowerFilters, widerFilters } from './support/calls/filters.ts';
import { logging } from './support/calls/logging.ts';
import { odd } from './support/calls/odd.ts';
import { prepared } from './support/calls/prepared.ts';
import { loggedModels, registry } from './support/calls/registry.ts';
import { Chance, experimentQuestion, loggedModelQuestion, madeUpData, modelQuestion, runQuestion, versionQuestion, type Question } from './support/searches.ts';
import { TwoServers, type Call, type Pair } from './support/twoServers.ts';

const codeOf = ({ body }: Pair['ours']): unknown => (typeof body === 'object' && body !== null && !Array.isArray(body) ? body['error_code'] : undefined);
const shown = ({ method, path, query, body }: Call): string => `${method} ${path} ${JSON.stringify(query ?? body ?? '').slice(0, 300)}`;

/** What differs, or null. MLflow's own failures are no answers: a page of its web framework, or the words of SQLite. */
function difference(call: Call, { ours, theirs }: Pair): string | null {
  const said = `${shown(call)}\n  ours   ${JSON.stringify(ours).slice(0, 1000)}\n  theirs ${JSON.stringify(theirs).slice(0, 1000)}`;
  if (theirs.status === 405 || (theirs.status === 404 && codeOf(theirs) === undefined)) {
    return ours.status === 404 && codeOf(ours) === 'ENDPOINT_NOT_FOUND' ? null : said;
  }
  if (theirs.status >= 500 || codeOf(theirs) === 'BAD_REQUEST') {
    return ours.status < 500 || theirs.status === ours.status ? null : said;
  }
  try {
    assert.deepEqual(ours, theirs);
    return null;
  } catch {
    return said;
  }
}

describe('MLflow’s server beside ours', function () {
  this.timeout(1_800_000);
  const servers = new TwoServers();
  let missing: string | null = null;
  before(async () => {
    await servers.start('mlflow-3').catch((error: Error) => {
      missing = error.message;
    });
  });
  after(() => servers.dispose());

  const compared = (title: string, check: () => Promise<void>): void => {
    it(title, async function () {
      if (missing !== null) {
        this.runnable().title += ` (${missing})`;
        this.skip();
      }
      await check();
    });
  };
  const same = (title: string, calls: readonly Call[]): void => {
    compared(`${title} (${calls.length} calls)`, async () => {
      const differing: string[] = [];
      for (const call of calls) {
        const found = difference(call, await servers.plain(call));
        differing.push(...(found === null ? [] : [found]));
      }
      assert.equal(differing.length, 0, `\n${differing.join('\n')}`);
    });
  };

  same('begin with the same experiments, runs and models', prepared);
  same('answer alike about experiments', experiments);
  same('answer alike about runs', runs);
  same('take and refuse the same when something is logged, and give it back alike', logging);
  same('answer alike about logged models', loggedModels);
  same('answer alike about the registry, its aliases and stages', registry);
  same('read filters and orders alike', filters);
  same('answer alike to bodies, addresses and paths that are wrong', odd);

  const refused = [...stricter, ...narrowerFilters];
  const taken = [...looser, ...widerFilters];
  compared(`refuse more than MLflow only where it would keep or find something else than was said (${refused.length} calls)`, async () => {
    for (const call of refused) {
      const answer = await servers.ask(call);
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'INVALID_PARAMETER_VALUE'], shown(call));
    }
  });
  compared(`take what older clients send, and what is clear (${taken.length} calls)`, async () => {
    for (const call of taken) {
      assert.equal((await servers.ask(call)).status, 200, shown(call));
    }
  });
  compared(`say at once what is not kept here (${absent.length} calls)`, async () => {
    for (const call of absent) {
      const answer = await servers.ask(call);
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'ENDPOINT_NOT_FOUND'], shown(call));
    }
  });
});

describe('MLflow’s search beside ours', function () {
  this.timeout(1_800_000);
  const seed = Number(process.env['ML_LIFECYCLE_SEED'] ?? 1);
  const each = Number(process.env['ML_LIFECYCLE_SEARCHES'] ?? 40);
  const chance = new Chance(seed);
  const servers = new TwoServers();
  let missing: string | null = null;
  before(async () => {
    await servers.start('mlflow-3').catch((error: Error) => {
      missing = error.message;
    });
    for (const call of missing === null ? madeUpData(chance, 40) : []) {
      const found = difference(call, await servers.plain(call));
      assert.equal(found, null, found ?? '');
    }
  });
  after(() => servers.dispose());

  const kinds: [string, (chance: Chance) => Question][] = [['runs', runQuestion], ['experiments', experimentQuestion], ['logged models', loggedModelQuestion], ['registered models', modelQuestion], ['versions', versionQuestion]];
  for (const [what, question] of kinds) {
    it(`find the same ${what}, in the same order, page by page`, async function () {
      if (missing !== null) {
        this.runnable().title += ` (${missing})`;
        this.skip();
      }
      let found = 0;
      for (let count = 0; count < each; count += 1) {
        const asked = question(chance);
        const { ours, theirs } = await servers.pages(asked);
        assert.deepEqual(ours, theirs, `seed ${seed}: ${JSON.stringify(asked)}`);
        found += Array.isArray(ours) ? ours.length : 0;
      }
      assert.ok(found > each / 2, `only ${found} found`);
    });
  }
});
