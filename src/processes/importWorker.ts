// Reads what runs are imported from in a thread of the project server: thousands of small files, or a large database,
// hold up no request there.
import { parentPort } from 'node:worker_threads';
import { toFailure } from '../contracts/errors.ts';
import type { ExchangeProblem } from '../contracts/exchange.ts';
import { openSource, type RunSource } from '../core/exchange/api.ts';
import type { SourceCall, SourceReply } from './projectServer/sourceThread.ts';

/** A part of what is asked for holds at most so many points of metrics, or files. */
const atOnce = 1000;

const problems: ExchangeProblem[] = [];
const listings = new Map<number, AsyncIterator<unknown>>();
let source: RunSource | null = null;

function opened(): RunSource {
  if (source === null) {
    throw new Error('Nothing was opened.');
  }
  return source;
}

function begin(call: Extract<SourceCall, { type: 'begin' }>): AsyncIterable<unknown> {
  switch (call.what) {
    case 'runs':
      return opened().runs(call.experiment);
    case 'history':
      return opened().history(call.run);
    case 'artifacts':
      return opened().artifacts(call.owner);
    case 'loggedModels':
      return opened().loggedModels(call.experiment);
    case 'registered':
      return opened().registered();
  }
}

/** The next items, of which those that are small come many at a time. */
async function next(listing: number): Promise<{ items: unknown[]; done: boolean }> {
  const iterator = listings.get(listing);
  const items: unknown[] = [];
  for (let size = 0; size < atOnce; ) {
    const step = await iterator?.next();
    if (step?.done !== false) {
      listings.delete(listing);
      return { items, done: true };
    }
    items.push(plain(step.value));
    // Runs and models go one by one: a run is asked for its history right after it was given.
    size += Array.isArray(step.value) ? step.value.length : isFile(step.value) ? 1 : atOnce;
  }
  return { items, done: false };
}

async function perform(call: SourceCall): Promise<unknown> {
  switch (call.type) {
    case 'open': {
      const { origin } = (source = await openSource(call.wish, (problem) => problems.push(problem)));
      return origin;
    }
    case 'experiments':
      return opened().experiments();
    case 'begin':
      listings.set(call.listing, begin(call)[Symbol.asyncIterator]());
      return next(call.listing);
    case 'next':
      return next(call.listing);
    case 'end':
      await listings.get(call.listing)?.return?.();
      listings.delete(call.listing);
      return null;
  }
}

function isFile(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'read' in item;
}

/** Without what cannot be sent to another thread: how a file is read, which the other knows by its path. */
function plain(item: unknown): unknown {
  return isFile(item) ? { ...(item as object), read: undefined } : item;
}

// Both ends are ours, of one build.
parentPort?.on('message', async ({ id, call }: { id: number; call: SourceCall }) => {
  let reply: SourceReply;
  try {
    reply = { id, result: await perform(call), problems: [] };
  } catch (error) {
    reply = { id, failure: toFailure(error), problems: [] };
  }
  parentPort?.postMessage({ ...reply, problems: problems.splice(0) });
});
