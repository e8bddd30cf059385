import type { ExperimentEdit } from '../../contracts/experiments.ts';
import type { Database, DatabaseRow, Values } from '../store/api.ts';
import { parseFilter, parseOrdering } from './filter.ts';
import { Bindings, condition, keyed, listed, nullable, pageSql, type Vocabulary } from './filterSql.ts';
import { pageToken, readOffset } from './pageToken.ts';
import { invalid, missing, Refusal } from './refusal.ts';

/** Which of what was deleted and what was not. */
export type View = 'active' | 'deleted' | 'all';
export type Lifecycle = 'active' | 'deleted';

export interface Experiment {
  experiment_id: string;
  name: string;
  lifecycle: Lifecycle;
  /** In milliseconds since 1970, as all times. */
  created: number;
  updated: number;
  artifact_location: string;
  tags: Record<string, string>;
}

export interface Search {
  filter: string;
  order_by: readonly string[];
  view: View;
  /** At most so many. */
  max: number;
  /** The token of the page before; '' for the first. */
  token: string;
}

const vocabulary: Vocabulary = {
  what: 'experiments',
  prefixes: { attribute: 'attribute', attributes: 'attribute', attr: 'attribute', tag: 'tag', tags: 'tag' },
  attributes: {
    name: { sql: 'experiments.name', type: 'text' },
    experiment_id: { sql: 'CAST(experiments.experiment_id AS TEXT)', type: 'text', operators: listed, sortSql: 'experiments.experiment_id' },
    creation_time: { sql: 'experiments.created', type: 'number' },
    last_update_time: { sql: 'experiments.updated', type: 'number' },
  },
  keyed: { tag: { type: 'text', operators: nullable, sql: keyed('experiment_tags', 'each.experiment_id = experiments.experiment_id'), value: null } },
};

/** Experiments. Ids are texts that stand for whole numbers; `0` is always there. */
export class ExperimentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The id of the experiment of this name, made or restored where it is not in use. */
  ensure(name: string): string {
    return this.#database.transaction(() => {
      const found = this.byName(name);
      if (found === null) {
        return this.create(name, '', {});
      }
      if (found.lifecycle === 'deleted') {
        this.restore(found.experiment_id);
      }
      return found.experiment_id;
    });
  }

  /** @param artifact_location '' for the project's own. @throws Refusal where the name is taken. */
  create(name: string, artifact_location: string, tags: Record<string, string>): string {
    return this.#database.transaction(() => {
      const known = this.byName(name);
      if (known !== null) {
        throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment(name=${name}) already exists.${known.lifecycle === 'active' ? '' : ' It is deleted: restore it, or delete it for good.'}`);
      }
      const now = Date.now();
      const row = this.#database.get(
        `INSERT INTO experiments (name, created, updated) VALUES (:name, :now, :now) RETURNING experiment_id`,
        { name, now },
      );
      const experiment_id = String(row?.['experiment_id']);
      this.#database.run('UPDATE experiments SET artifact_location = :artifact_location WHERE experiment_id = :experiment_id', {
        experiment_id,
        artifact_location: artifact_location === '' ? `mlflow-artifacts:/${experiment_id}` : artifact_location,
      });
      for (const [key, value] of Object.entries(tags)) {
        this.setTag(experiment_id, key, value);
      }
      return experiment_id;
    });
  }

  /** Deleted ones too. @throws Refusal where there is none. */
  get(experiment_id: string): Experiment {
    const [found] = this.#load('experiments.experiment_id = :id', { id: experimentNumber(experiment_id) });
    if (found === undefined) {
      throw missing(`No Experiment with id=${experiment_id} exists`);
    }
    return found;
  }

  /** @throws Refusal where there is none, or it was deleted. */
  active(experiment_id: string): Experiment {
    const found = this.get(experiment_id);
    if (found.lifecycle !== 'active') {
      throw invalid(`The experiment ${experiment_id} must be in the 'active' state. Current state is deleted.`);
    }
    return found;
  }

  byName(name: string): Experiment | null {
    return this.#load('experiments.name = :name', { name })[0] ?? null;
  }

  rename(experiment_id: string, name: string): void {
    if (this.get(experiment_id).lifecycle !== 'active') {
      throw invalid('Cannot rename a non-active experiment.');
    }
    const known = this.byName(name);
    if (known !== null && known.experiment_id !== experiment_id) {
      throw new Refusal('RESOURCE_ALREADY_EXISTS', `Experiment '${name}' already exists.`);
    }
    this.#database.run('UPDATE experiments SET name = :name, updated = :now WHERE experiment_id = :experiment_id', { experiment_id, name, now: Date.now() });
  }

  /** With its runs; nothing is lost until it is deleted for good. */
  delete(experiment_id: string): void {
    this.#in('active', experiment_id);
    this.#setLifecycle(experiment_id, 'deleted');
  }

  restore(experiment_id: string): void {
    this.#in('deleted', experiment_id);
    this.#setLifecycle(experiment_id, 'active');
  }

  /** What a person changes at once; what is so already stays. @throws Refusal as the single changes do. */
  edit(experiment_id: string, edit: ExperimentEdit): void {
    this.#database.transaction(() => {
      if (edit.archived !== undefined && edit.archived !== (this.get(experiment_id).lifecycle === 'deleted')) {
        this.#setLifecycle(experiment_id, edit.archived ? 'deleted' : 'active');
      }
      if (edit.name !== undefined) {
        this.rename(experiment_id, edit.name);
      }
      for (const [key, value] of Object.entries(edit.tags ?? {})) {
        if (value !== null) {
          this.setTag(experiment_id, key, value);
        } else if (key in this.get(experiment_id).tags) {
          this.deleteTag(experiment_id, key);
        }
      }
    });
  }

  setTag(experiment_id: string, key: string, value: string): void {
    this.active(experiment_id);
    this.#database.transaction(() => {
      this.#database.run('INSERT INTO experiment_tags (experiment_id, key, value) VALUES (:experiment_id, :key, :value) ON CONFLICT DO UPDATE SET value = excluded.value', { experiment_id, key, value });
      this.#touch(experiment_id);
    });
  }

  deleteTag(experiment_id: string, key: string): void {
    this.active(experiment_id);
    if (this.#database.run('DELETE FROM experiment_tags WHERE experiment_id = :experiment_id AND key = :key', { experiment_id, key }) === 0) {
      throw missing(`No tag with name: ${key} in experiment with id ${experiment_id}`);
    }
    this.#touch(experiment_id);
  }

  /** @throws Refusal for a filter, an order or a token that cannot be read. */
  search({ filter, order_by, view, max, token }: Search): { experiments: Experiment[]; next: string } {
    const bindings = new Bindings();
    const conditions = parseFilter(filter).map((clause) => condition(clause, vocabulary, bindings));
    if (view !== 'all') {
      conditions.push(`experiments.lifecycle = ${bindings.add(view)}`);
    }
    const offset = readOffset(token);
    const orderings = order_by.map(parseOrdering);
    const ties = orderings.length === 0 ? 'created DESC, experiment_id ASC' : 'experiment_id DESC';
    const rows = this.#database.all(pageSql({ columns: 'experiment_id, created', table: 'experiments', conditions, orderings, ties, max, offset }, vocabulary, bindings), bindings.values);
    const ids = rows.slice(0, max).map((row) => String(row['experiment_id']));
    const byId = new Map(this.#load('experiment_id IN (SELECT CAST(value AS INTEGER) FROM json_each(:ids))', { ids: JSON.stringify(ids) }).map((each) => [each.experiment_id, each]));
    return { experiments: ids.flatMap((id) => byId.get(id) ?? []), next: rows.length > max ? pageToken([offset + max]) : '' };
  }

  /** @throws Refusal where there is none in this state, as MLflow says it. */
  #in(lifecycle: Lifecycle, experiment_id: string): void {
    if (this.get(experiment_id).lifecycle !== lifecycle) {
      throw missing(`No Experiment with id=${experiment_id} exists`);
    }
  }

  #setLifecycle(experiment_id: string, lifecycle: Lifecycle): void {
    this.#database.transaction(() => {
      this.#database.run('UPDATE experiments SET lifecycle = :lifecycle, updated = :now WHERE experiment_id = :experiment_id', { experiment_id, lifecycle, now: Date.now() });
      this.#database.run('UPDATE runs SET lifecycle = :lifecycle WHERE experiment_id = :experiment_id', { experiment_id, lifecycle });
    });
  }

  #touch(experiment_id: string): void {
    this.#database.run('UPDATE experiments SET updated = :now WHERE experiment_id = :experiment_id', { experiment_id, now: Date.now() });
  }

  #load(where: string, values: Values): Experiment[] {
    return this.#database
      .all(
        `SELECT *, (SELECT json_group_object(key, value) FROM experiment_tags AS tag WHERE tag.experiment_id = experiments.experiment_id) AS tags FROM experiments WHERE ${where}`,
        values,
      )
      .map(experimentOf);
  }
}

/** The number that an experiment's id stands for. @throws Refusal for a text that is none. */
export function experimentNumber(experiment_id: string): number {
  if (!/^[-+]?\d{1,15}$/.test(experiment_id.trim())) {
    throw invalid(`Invalid experiment ID '${experiment_id}'. Experiment ID must be a valid integer.`);
  }
  return Number(experiment_id);
}

function experimentOf(row: DatabaseRow): Experiment {
  return {
    experiment_id: String(row['experiment_id']),
    name: String(row['name']),
    lifecycle: row['lifecycle'] === 'deleted' ? 'deleted' : 'active',
    created: Number(row['created']),
    updated: Number(row['updated']),
    artifact_location: String(row['artifact_location']),
    tags: JSON.parse(String(row['tags'])) as Record<string, string>,
  };
}
