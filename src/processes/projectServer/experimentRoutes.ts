import type { FastifyInstance } from 'fastify';
import { ExperimentEdit, type ExperimentSummary, type RunFilter } from '../../contracts/experiments.ts';
import { UserError } from '../../contracts/errors.ts';
import { baselineTag } from '../../contracts/tags.ts';
import type { Database } from '../../core/store/api.ts';
import { ExperimentStore, findRuns, type Experiment } from '../../core/tracking/api.ts';
import { read } from './read.ts';
import type { Services } from './services.ts';

type Parts = Pick<Services, 'runs' | 'events' | 'exchange'> & { database: Database };

interface ListQuery {
  archived?: string;
  filter?: string;
  experiment?: string;
  limit?: string;
  after?: string;
  /** Parameters and tags that a part of the list brings in any case; one of a name is a text, several are a list. */
  param?: string | string[];
  tag?: string | string[];
}

/** Runs of one part of a list at most. */
const largestPage = 5000;

/** Experiments, and the lists of their runs. */
export function experimentRoutes(app: FastifyInstance, { database, runs, events, exchange: { mirror } }: Parts): void {
  const experiments = new ExperimentStore(database);
  const all = { filter: '', order_by: [], view: 'all', max: 10_000, token: '' } as const;

  const summary = (experiment: Experiment): ExperimentSummary => {
    const { experiment_id, name, lifecycle, tags } = experiment;
    const baseline = tags[baselineTag];
    return { experiment_id, name, archived: lifecycle === 'deleted', tags, baseline: baseline === undefined ? null : runs.find(baseline) };
  };

  app.get('/api/experiments', async () => ({ experiments: experiments.search(all).experiments.map(summary) }));
  app.patch<{ Params: { id: string } }>('/api/experiments/:id', async (request) => {
    const edit = read(ExperimentEdit, request.body);
    const { experiment_id, name, lifecycle } = experiments.get(request.params.id);
    if (edit.archived === true && lifecycle === 'active') {
      refuseWhereRunning(name);
    }
    await mirror.runs.editExperiment(experiment_id, edit);
    events.send({ type: 'experiments', runs: edit.name !== undefined || edit.archived !== undefined });
    return {};
  });

  app.get<{ Querystring: ListQuery }>('/api/runs', async ({ query }) => {
    if (query.limit !== undefined) {
      const limit = Math.min(largestPage, Math.max(1, Math.trunc(Number(query.limit)) || 1));
      return runs.page(limit, query.after ?? null, query.archived === 'true', undefined, { params: [query.param ?? []].flat(), tags: [query.tag ?? []].flat() });
    }
    const filter = filterOf(query);
    const whole = filter.text === undefined && filter.experiment === undefined;
    return { runs: whole ? runs.list(filter.archived) : runs.known(findRuns(database, filter)) };
  });
  app.get<{ Querystring: ListQuery }>('/api/run-ids', async ({ query }) => ({ run_ids: findRuns(database, filterOf(query)) }));

  function refuseWhereRunning(name: string): void {
    const open = Number(database.get(`SELECT count(*) AS open FROM runs JOIN experiments USING (experiment_id) WHERE experiments.name = :name AND runs.kind <> 'external' AND runs.status IN ('queued', 'running')`, { name })?.['open']);
    if (open > 0) {
      throw new UserError(`${open === 1 ? 'A run' : `${open} runs`} of ${name} ${open === 1 ? 'has' : 'have'} not ended. Cancel ${open === 1 ? 'it' : 'them'} or wait, then archive the experiment.`, { field: 'archived' });
    }
  }
}

function filterOf({ filter, experiment, archived }: ListQuery): RunFilter {
  return { ...(filter === undefined ? {} : { text: filter }), ...(experiment === undefined ? {} : { experiment }), archived: archived === 'true' };
}
