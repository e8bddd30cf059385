// Answers a window's or the command line's quick questions about files, and may die with them. Forked, with IPC.
import process from 'node:process';
import * as z from 'zod/mini';
import { toFailure } from '../contracts/errors.ts';
import { QueryRequest, type QueryResponse } from '../contracts/query.ts';
import { compileCharts } from '../core/charts/api.ts';
import { firstRows, profileFile, summariseFile, toParquet } from '../core/data/api.ts';
import { addLabels, compareFiles, judgeWindows } from '../core/monitoring/api.ts';

z.config(z.locales.en());

const running = new Map<number, AbortController>();

const answer = (response: QueryResponse): void => void process.send?.(response);

async function handle(request: QueryRequest): Promise<void> {
  const { id } = request;
  if (request.type === 'cancel') {
    running.get(id)?.abort(new Error('Cancelled.'));
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  const { signal } = controller;
  try {
    switch (request.type) {
      case 'profile': {
        const profile = await profileFile(request.file, { signal, onProgress: (message, fraction) => answer({ id, type: 'progress', message, fraction }) });
        return answer({ id, type: 'profile', profile });
      }
      case 'summary':
        return answer({ id, type: 'summary', summary: await summariseFile(request.file, { signal }) });
      case 'rows':
        return answer({ id, type: 'rows', table: await firstRows(request.file, request.limit, { signal }) });
      case 'charts':
        return answer({ id, type: 'charts', charts: await compileCharts(request.names) });
      case 'drift':
        return answer({ id, type: 'drift', report: await compareFiles(request.request, { signal }) });
      case 'window':
        return answer({ id, type: 'window', answer: await judgeWindows(request.request, { signal }) });
      case 'labels':
        return answer({ id, type: 'labels', result: await addLabels(request.request, { signal }) });
      case 'parquet':
        await toParquet(request.request, { signal });
        return answer({ id, type: 'parquet' });
    }
  } catch (error) {
    answer({ id, type: 'failure', failure: toFailure(error) });
  } finally {
    running.delete(id);
  }
}

process.on('message', (message) => void handle(QueryRequest.parse(message)));
process.on('disconnect', () => process.exit(0));
