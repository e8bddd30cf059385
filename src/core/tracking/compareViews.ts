import { UserError } from '../../contracts/errors.ts';
import { Arrangement, type CompareView, type CompareViewEdit } from '../../contracts/runTable.ts';
import type { Database } from '../store/api.ts';

/** Arrangements of comparisons, kept under a name. */
export class CompareViews {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name. One that cannot be read any more is as if it had not been changed. */
  list(): CompareView[] {
    return this.#database.all('SELECT name, state FROM compare_views ORDER BY name').map((row) => {
      const parsed = Arrangement.safeParse(JSON.parse(String(row['state'])));
      return { name: String(row['name']), arrangement: parsed.success ? parsed.data : {} };
    });
  }

  /** Makes a view, or takes the place of the one of this name; under another name in `edit` it is renamed. @throws UserError where that is taken. */
  save(name: string, edit: CompareViewEdit): void {
    this.#database.transaction(() => {
      if (edit.name !== name) {
        if (this.#database.get('SELECT 1 FROM compare_views WHERE name = :name', { name: edit.name }) !== undefined) {
          throw new UserError(`There is a view "${edit.name}" already. Choose another name.`, { field: 'name' });
        }
        this.remove(name);
      }
      this.#database.run('INSERT INTO compare_views (name, updated, state) VALUES (:name, :updated, :state) ON CONFLICT DO UPDATE SET updated = excluded.updated, state = excluded.state', {
        name: edit.name,
        updated: Date.now(),
        state: JSON.stringify(edit.arrangement),
      });
    });
  }

  /** @throws UserError where there is none. */
  remove(name: string): void {
    if (this.#database.run('DELETE FROM compare_views WHERE name = :name', { name }) === 0) {
      throw new UserError(`There is no view "${name}".`, { field: 'name' });
    }
  }
}
