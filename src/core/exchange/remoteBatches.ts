// Many small writes of a script as few requests.
import type { RemoteRequest, StoredChange } from './remoteChanges.ts';

const most = { items: 1000, params: 100 };
type Item = Record<string, unknown>;

/**
 * The first change with those right behind it that go into the same request.
 *
 * @param others what waits behind it, in order.
 */
export function joined(first: StoredChange, others: readonly StoredChange[]): { changes: StoredChange[]; request: RemoteRequest } {
  const batch = loggedBy(first.request);
  if (batch === null || first.forced) {
    return { changes: [first], request: first.request };
  }
  const changes = [first];
  for (const other of others) {
    const more = other.subject.kind === first.subject.kind && other.subject.id === first.subject.id && !other.forced ? loggedBy(other.request) : null;
    const metrics = batch.metrics.length + (more?.metrics.length ?? 0);
    const params = batch.params.length + (more?.params.length ?? 0);
    if (more === null || params > most.params || metrics + params > most.items) {
      break;
    }
    batch.metrics.push(...more.metrics);
    batch.params.push(...more.params);
    changes.push(other);
  }
  return changes.length === 1 ? { changes, request: first.request } : { changes, request: { path: 'runs/log-batch', body: { ...batch } } };
}

/** The points and parameters that a request logs; null where it does anything else. */
function loggedBy({ path, body }: RemoteRequest): { metrics: Item[]; params: Item[] } | null {
  const list = (name: string): Item[] => (Array.isArray(body[name]) ? (body[name] as Item[]) : []);
  switch (path) {
    case 'runs/log-metric':
      return { metrics: [body], params: [] };
    case 'runs/log-parameter':
      return { metrics: [], params: [body] };
    case 'runs/log-batch':
      return list('tags').length > 0 ? null : { metrics: [...list('metrics')], params: [...list('params')] };
    default:
      return null;
  }
}
