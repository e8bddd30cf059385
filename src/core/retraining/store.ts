import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { CandidateVersion } from '../../contracts/registry.ts';
import { Decision, TriggerKind } from '../../contracts/retraining.ts';
import type { Database, DatabaseRow } from '../store/api.ts';

const mostListed = 200;

/** What an entry remembers over restarts. Times are milliseconds since 1970. */
export const Memory = z.object({
  /** When a retraining was last started. */
  last_start: z.nullable(z.number()),
  /** Schedules until then are done; of the pattern `pattern`. */
  schedule_from: z.nullable(z.number()),
  pattern: z.nullable(z.string()),
  /** The data file when its rows were last counted; `rows` is null where that failed. */
  data: z.nullable(z.object({ file: z.string(), size: z.number(), mtime: z.number(), rows: z.nullable(z.number()) })),
  /** The rows that the last retraining had. */
  tried_rows: z.nullable(z.number()),
  /** What shall start one as soon as the cool-down allows. */
  pending: z.nullable(z.object({ kind: TriggerKind, detail: z.string(), alert_id: z.nullable(z.string()) })),
  /** Alerts that have started a retraining, or came while one ran. The newest are last. */
  alerts: z.array(z.string()),
  /** Why the last automatic start did not come about, and with which ml.yaml (its time of change). */
  fault: z.nullable(z.object({ message: z.string(), at: z.number(), file: z.number() })),
});
export type Memory = z.infer<typeof Memory>;

const blank: Memory = { last_start: null, schedule_from: null, pattern: null, data: null, tried_rows: null, pending: null, alerts: [], fault: null };

/** Decisions, candidates and what entries remember, in the database. */
export class RetrainingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes a decision, new or changed. */
  save(decision: Decision): void {
    this.#database.run(
      `INSERT INTO decisions (decision_id, retraining, created, decision) VALUES (:decision_id, :retraining, :created, :decision)
       ON CONFLICT DO UPDATE SET decision = excluded.decision`,
      { decision_id: decision.decision_id, retraining: decision.retraining, created: decision.created, decision: JSON.stringify(decision) },
    );
  }

  find(decision_id: string): Decision | null {
    const row = this.#database.get('SELECT decision FROM decisions WHERE decision_id = :decision_id', { decision_id });
    return row === undefined ? null : decisionOf(row);
  }

  /** @throws UserError for an unknown id. */
  get(decision_id: string): Decision {
    const found = this.find(decision_id);
    if (found === null) {
      throw new UserError(`There is no decision ${decision_id} in this project.`, { field: 'decision_id' });
    }
    return found;
  }

  /** Newest first, at most 200. */
  list(): Decision[] {
    return this.#database.all(`SELECT decision FROM decisions ORDER BY created DESC, decision_id DESC LIMIT ${mostListed}`).map(decisionOf);
  }

  /** The newest decision of an entry; null where it had none. */
  last(retraining: string): Decision | null {
    const row = this.#database.get('SELECT decision FROM decisions WHERE retraining = :retraining ORDER BY created DESC, decision_id DESC LIMIT 1', { retraining });
    return row === undefined ? null : decisionOf(row);
  }

  /** Decisions that have not come to an end. */
  running(): Decision[] {
    return this.#database.all("SELECT decision FROM decisions WHERE decision ->> 'status' = 'running' ORDER BY created, decision_id").map(decisionOf);
  }

  saveCandidate(candidate: CandidateVersion, created: number): void {
    this.#database.run('INSERT INTO retraining_candidates (ulid, model, created, version) VALUES (:ulid, :model, :created, :version) ON CONFLICT DO NOTHING', { ulid: candidate.ulid, model: candidate.model, created, version: JSON.stringify(candidate) });
  }

  candidate(ulid: string): CandidateVersion | null {
    const row = this.#database.get('SELECT version FROM retraining_candidates WHERE ulid = :ulid', { ulid });
    return row === undefined ? null : CandidateVersion.parse(JSON.parse(String(row['version'])));
  }

  removeCandidate(ulid: string): void {
    this.#database.run('DELETE FROM retraining_candidates WHERE ulid = :ulid', { ulid });
  }

  memory(name: string): Memory {
    const row = this.#database.get('SELECT state FROM retraining_state WHERE name = :name', { name });
    return row === undefined ? blank : Memory.parse({ ...blank, ...(JSON.parse(String(row['state'])) as object) });
  }

  /** Changes what an entry remembers; gives what it remembers then. */
  remember(name: string, change: Partial<Memory>): Memory {
    const before = this.memory(name);
    const next = { ...before, ...change };
    if (JSON.stringify(next) !== JSON.stringify(before)) {
      this.#database.run('INSERT INTO retraining_state (name, state) VALUES (:name, :state) ON CONFLICT DO UPDATE SET state = excluded.state', { name, state: JSON.stringify(next) });
    }
    return next;
  }
}

function decisionOf(row: DatabaseRow): Decision {
  return Decision.parse(JSON.parse(String(row['decision'])));
}
