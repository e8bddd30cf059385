import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import { Study, Trial } from '../../contracts/tuning.ts';
import type { Database, DatabaseRow } from '../store/api.ts';

/** A study without its trials, as it is stored. */
export const StudyRecord = z.omit(Study, { trials: true, best: true, importance: true });
export type StudyRecord = z.infer<typeof StudyRecord>;

const mostListed = 500;

/** Studies and trials in the database. */
export class StudyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes a study, new or changed. */
  save(study: StudyRecord): void {
    this.#database.run(
      `INSERT INTO studies (study_id, created, status, study) VALUES (:study_id, :created, :status, :study)
       ON CONFLICT DO UPDATE SET status = excluded.status, study = excluded.study`,
      { study_id: study.study_id, created: study.created, status: study.status, study: JSON.stringify(study) },
    );
  }

  saveTrial(study_id: string, trial: Trial): void {
    this.#database.run(
      `INSERT INTO trials (study_id, number, run_id, open, trial) VALUES (:study_id, :number, :run_id, :open, :trial)
       ON CONFLICT DO UPDATE SET open = excluded.open, trial = excluded.trial`,
      { study_id, number: trial.number, run_id: trial.run_id, open: Number(trial.ended === null), trial: JSON.stringify(trial) },
    );
  }

  find(study_id: string): StudyRecord | null {
    const row = this.#database.get('SELECT study FROM studies WHERE study_id = :study_id', { study_id });
    return row === undefined ? null : studyOf(row);
  }

  /** @throws UserError for an unknown id. */
  get(study_id: string): StudyRecord {
    const found = this.find(study_id);
    if (found === null) {
      throw new UserError(`There is no study ${study_id} in this project.`, { field: 'study_id' });
    }
    return found;
  }

  /** Newest first, at most 500. */
  list(): StudyRecord[] {
    return this.#database.all(`SELECT study FROM studies ORDER BY created DESC, study_id DESC LIMIT ${mostListed}`).map(studyOf);
  }

  /** Those that run, or have a trial that has not ended. */
  open(): string[] {
    return this.#database.all(`SELECT study_id FROM studies WHERE status = 'running' OR EXISTS (SELECT 1 FROM trials WHERE trials.study_id = studies.study_id AND open) ORDER BY created`).map((row) => String(row['study_id']));
  }

  /** By number. */
  trials(study_id: string): Trial[] {
    return this.#database.all('SELECT trial FROM trials WHERE study_id = :study_id ORDER BY number', { study_id }).map((row) => Trial.parse(JSON.parse(String(row['trial']))));
  }

  /** The study that a run is a trial of. */
  studyOfTrial(run_id: string): string | null {
    const row = this.#database.get('SELECT study_id FROM trials WHERE run_id = :run_id', { run_id });
    return row === undefined ? null : String(row['study_id']);
  }
}

function studyOf(row: DatabaseRow): StudyRecord {
  return StudyRecord.parse(JSON.parse(String(row['study'])));
}
