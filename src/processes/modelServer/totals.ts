import { AggregatorRegistry, Gauge } from 'prom-client';
import type { EndpointStats, VersionStats } from '../../contracts/endpoints.ts';
import { Latencies } from '../../core/serving/api.ts';
import type { Snapshot } from './messages.ts';

/** Requests a second are counted over so long. In milliseconds. */
const rateOver = 10_000;

/** What all workers have counted, those that are gone included: nothing that is shown goes backwards. */
export class Totals {
  readonly #live = new Map<number, Snapshot>();
  readonly #ended: Snapshot[] = [];
  /** Requests that were counted until a time, oldest first. */
  readonly #history: { at: number; requests: number }[] = [{ at: Date.now(), requests: 0 }];
  #restarts = 0;

  /** @param worker its number, never given twice. */
  update(worker: number, snapshot: Snapshot): void {
    this.#live.set(worker, snapshot);
  }

  /** A worker is gone; what it had counted stays. @param died not asked to end. */
  ended(worker: number, died: boolean): void {
    const last = this.#live.get(worker);
    this.#live.delete(worker);
    if (died) {
      this.#restarts += 1;
    }
    if (last !== undefined) {
      // What it had under way is gone with it, and what it serves is said by the others.
      this.#ended.push({ ...last, metrics: last.metrics.filter((metric) => metric.type !== 'gauge') });
    }
  }

  /** Prometheus text. */
  async prometheus(): Promise<string> {
    const all = [...this.#ended, ...this.#live.values()];
    // prom-client's types name its own JSON differently from what it takes.
    const registry = AggregatorRegistry.aggregate(all.map((each) => each.metrics as unknown as object));
    new Gauge({ name: 'mlserve_workers', help: 'Processes that answer.', registers: [registry] }).set(this.#live.size);
    new Gauge({ name: 'mlserve_worker_deaths', help: 'Workers that ended without being asked to, since the server started.', registers: [registry] }).set(this.#restarts);
    return registry.metrics();
  }

  stats(endpoint: string): EndpointStats {
    const all = [...this.#ended, ...this.#live.values()];
    const versions = new Map<string, { stats: VersionStats; latencies: Latencies }>();
    for (const { latencies, ...counts } of all.flatMap((each) => each.versions)) {
      const key = `${counts.ulid} ${counts.shadow}`;
      const found = versions.get(key) ?? { stats: { ...counts, requests: 0, rows: 0, errors: 0, p50: null, p95: null, p99: null }, latencies: new Latencies() };
      found.stats.requests += counts.requests;
      found.stats.rows += counts.rows;
      found.stats.errors += counts.errors;
      found.latencies.merge(latencies);
      versions.set(key, found);
    }
    const shown = [...versions.values()].map(({ stats, latencies }) => ({ ...stats, p50: latencies.percentile(0.5), p95: latencies.percentile(0.95), p99: latencies.percentile(0.99) }));
    return { endpoint, at: Date.now(), requests_per_second: this.#rate(), refused: all.reduce((sum, each) => sum + each.refused, 0), versions: shown };
  }

  /** Remembers how much was counted by now; called about once a second. */
  tick(): void {
    this.#history.push({ at: Date.now(), requests: this.#requests() });
    while (this.#history.length > 2 && (this.#history[1]?.at ?? 0) <= Date.now() - rateOver) {
      this.#history.shift();
    }
  }

  #rate(): number {
    const [oldest] = this.#history;
    const seconds = (Date.now() - (oldest?.at ?? 0)) / 1000;
    return seconds < 0.1 ? 0 : (this.#requests() - (oldest?.requests ?? 0)) / seconds;
  }

  /** Copies for shadows are no requests. */
  #requests(): number {
    return [...this.#ended, ...this.#live.values()].flatMap((each) => each.versions).reduce((sum, version) => sum + (version.shadow ? 0 : version.requests), 0);
  }
}
