import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { columnId, type KnownColumn } from '../../src/contracts/runTable.ts';
import { LinkButton } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { groupNames, groups, isWanted, labelOf, withShown, type Arranged } from './arrangement.ts';

/** More of a group than this are found by searching. */
const mostShown = 100;

/** Which columns are shown, by group. */
export function ColumnChooser({ columns, arrangement, of, onChange }: { columns: readonly KnownColumn[]; arrangement: Arranged; of: number; onChange(change: Pick<Arranged, 'hidden' | 'unhidden'>): void }): JSX.Element {
  const [search, setSearch] = useState('');
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return (
    <aside class="chooser" aria-label="Columns">
      <input type="search" placeholder="Search columns" aria-label="Search columns" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      {groups.map((group) => {
        const found = columns.filter((column) => column.group === group && column.key !== 'name' && words.every((word) => column.key.toLowerCase().includes(word)));
        return found.length === 0 ? null : (
          <section key={group} aria-label={groupNames[group]}>
            <h3>
              {groupNames[group]}
              <span>
                <LinkButton onClick={() => onChange(withShown(found, true, arrangement))}>Show {count(found.length)}</LinkButton> · <LinkButton onClick={() => onChange(withShown(found, false, arrangement))}>Hide</LinkButton>
              </span>
            </h3>
            {found.slice(0, mostShown).map((column) => (
              <label key={columnId(column)} title={`${column.key}: ${count(column.runs)} of ${count(of)} runs`}>
                <input type="checkbox" checked={isWanted(column, arrangement)} onChange={(event) => onChange(withShown([column], event.currentTarget.checked, arrangement))} />
                <span>{labelOf(column)}</span>
                {column.runs < of ? <span class="muted">{count(column.runs)} runs</span> : null}
              </label>
            ))}
            {found.length > mostShown ? <div class="muted">{count(found.length - mostShown)} more; search for them.</div> : null}
          </section>
        );
      })}
    </aside>
  );
}
