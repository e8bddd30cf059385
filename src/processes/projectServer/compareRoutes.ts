import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { UserError } from '../../contracts/errors.ts';
import { CompareViewEdit, RunExportRequest, RunTableQuestion, type RunExportResult } from '../../contracts/runTable.ts';
import { CompareRequest } from '../../contracts/server.ts';
import type { QueryWorker } from '../../core/client/queryWorker.ts';
import type { Database } from '../../core/store/api.ts';
import { compareRuns, CompareViews, type RunStore } from '../../core/tracking/api.ts';
import { read } from './read.ts';
import type { TableThread } from './tableThread.ts';

export interface CompareParts {
  database: Database;
  runs: RunStore;
  table: TableThread;
  /** Writes Parquet in another process. */
  queries: QueryWorker;
}

/** Comparing runs: a few side by side, thousands in a table, arrangements by name, files of what is shown. */
export function compareRoutes(app: FastifyInstance, { database, runs, table, queries }: CompareParts): void {
  app.post('/api/compare', async (request) => {
    const chosen = runs.some(read(CompareRequest, request.body).run_ids);
    return compareRuns(
      chosen,
      chosen.map((run) => runs.facts(run.run_id).git?.commit ?? null),
    );
  });
  app.post('/api/run-table', async (request) => table.ask(read(RunTableQuestion, request.body)));
  app.post('/api/run-table/export', async (request) => exportTo(read(RunExportRequest, request.body), table, queries));

  const views = new CompareViews(database);
  app.get('/api/compare-views', async () => ({ views: views.list() }));
  app.put<{ Params: { name: string } }>('/api/compare-views/:name', async (request) => {
    views.save(request.params.name, read(CompareViewEdit, request.body));
    return { views: views.list() };
  });
  app.delete<{ Params: { name: string } }>('/api/compare-views/:name', async (request) => {
    views.remove(request.params.name);
    return { views: views.list() };
  });
}

async function exportTo(request: RunExportRequest, table: TableThread, queries: QueryWorker): Promise<RunExportResult> {
  const { file } = request;
  const kind = path.extname(file).toLowerCase();
  if (!path.isAbsolute(file) || !['.csv', '.tsv', '.parquet'].includes(kind)) {
    throw new UserError(`${path.basename(file)} cannot be written: its name must end in .csv, .tsv or .parquet.`, { file });
  }
  if (kind !== '.parquet') {
    const { runs, columns } = await table.export(request, kind === '.csv' ? ',' : '\t');
    return { runs, columns: columns.length };
  }
  const beside = (ending: string): string => path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.${ending}`);
  const [text, parquet] = [beside('csv'), beside('parquet')];
  try {
    const { runs, columns } = await table.export({ ...request, file: text }, ',');
    await queries.toParquet({ from: text, to: parquet, columns });
    await rename(parquet, file);
    return { runs, columns: columns.length };
  } finally {
    await Promise.all([text, parquet].map((each) => rm(each, { force: true })));
  }
}
