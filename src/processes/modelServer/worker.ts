import cluster from 'node:cluster';
import process from 'node:process';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { createApp } from './app.ts';
import { loadEndpoint, type Loaded } from './config.ts';
import { FromPrimary, type FromWorker, type Question } from './messages.ts';
import { Metrics } from './metrics.ts';
import { Predictor } from './predictor.ts';

z.config(z.locales.en());

/** Loads the models, then answers requests until the primary says to end or is gone. */
export async function runWorker(folder: string): Promise<void> {
  const first = await loadEndpoint(folder).catch((error: unknown) => unusable('config', error));
  const metrics = new Metrics();
  const predictor = new Predictor(folder, first, metrics);
  const questions = new Questions();
  let ready = false;
  const app = createApp({ predictor, metrics, isReady: () => ready, ask: (question) => questions.ask(question), stop: () => tell({ type: 'stop' }) });
  let next: Loaded | null = null;
  const drain = async (): Promise<void> => {
    ready = false;
    // A connection that a client keeps open must not hold the end up once its request is answered.
    setInterval(() => app.server.closeIdleConnections(), 50);
    await app.close();
    await predictor.close();
    process.exit(0);
  };
  process.on('message', (raw: unknown) => {
    const parsed = FromPrimary.safeParse(raw);
    if (!parsed.success) {
      return;
    }
    const message = parsed.data;
    switch (message.type) {
      case 'load':
        void loadEndpoint(folder).then(
          (loaded) => {
            next = loaded;
            tell({ type: 'loaded', revision: loaded.config.revision, problem: null });
          },
          (error: unknown) => tell({ type: 'loaded', revision: predictor.loaded.config.revision, problem: wordsOf(error) }),
        );
        return;
      case 'switch':
        if (next !== null) {
          predictor.use(next);
          next.problems.forEach((problem) => console.error(`${new Date().toISOString()} ${problem}`));
          next = null;
        }
        return;
      case 'report':
        void metrics.snapshot().then((snapshot) => tell({ type: 'snapshot', snapshot }));
        return;
      case 'answer':
        questions.answer(message.id, message.ok, message.text);
        return;
      case 'drain':
        void drain();
    }
  });
  // The primary is gone, so nobody holds the port any more.
  process.on('disconnect', () => {
    predictor.closeNow();
    process.exit(1);
  });
  // Where it starts while the primary goes, a message finds nobody.
  cluster.worker?.on('error', () => process.exit(1));
  // The primary gets these signals too where they are sent to the group, and says what to do.
  process.on('SIGTERM', () => undefined);
  process.on('SIGINT', () => undefined);
  const { port } = first.config;
  await app.listen({ host: '127.0.0.1', port }).catch((error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
    return unusable(taken ? 'port' : 'config', taken ? new UserError(`Port ${port} is taken by another program. Deploy on another port, or end that program.`, { field: 'port' }) : error);
  });
  first.problems.forEach((problem) => console.error(`${new Date().toISOString()} ${problem}`));
  ready = true;
  tell({ type: 'ready', revision: first.config.revision });
}

/** Questions that were put to the primary. */
class Questions {
  readonly #waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  #next = 1;

  ask(question: Question): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const id = this.#next++;
    this.#waiting.set(id, { resolve, reject });
    tell({ type: 'ask', id, question });
    return promise;
  }

  answer(id: number, ok: boolean, text: string): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (ok) {
      waiting?.resolve(text);
    } else {
      waiting?.reject(new Error(text));
    }
  }
}

function tell(message: FromWorker): void {
  if (process.connected) {
    process.send?.(message);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Says why it cannot serve, and ends. */
function unusable(reason: 'config' | 'port', error: unknown): Promise<never> {
  if (!(error instanceof UserError)) {
    console.error(error);
  }
  return new Promise(() => {
    process.send?.({ type: 'unusable', reason, message: wordsOf(error) } satisfies FromWorker, () => process.exit(1));
  });
}
