import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Aggregate } from '../../src/contracts/runTable.ts';
import { aggregateNames, type ShownColumn } from './arrangement.ts';

/** Where a menu opens, in pixels from the page's corner. */
export interface MenuPlace {
  column: ShownColumn;
  left: number;
  top: number;
}

interface MenuProps {
  place: MenuPlace;
  onClose(): void;
  onSort(descending: boolean): void;
  onPin(): void;
  onHide(): void;
  /** Null: as all metrics. */
  onAggregate(aggregate: Aggregate | null): void;
}

/** What can be done with a column. Arrow keys move, Escape closes. */
export function ColumnMenu({ place, onClose, onSort, onPin, onHide, onAggregate }: MenuProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const { column, left, top } = place;
  useEffect(() => list.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus(), []);
  const item = (text: string, work: () => void, checked?: boolean): JSX.Element => (
    <button
      key={text}
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      {...(checked === undefined ? {} : { 'aria-checked': checked })}
      onClick={() => {
        work();
        onClose();
      }}
    >
      {checked === undefined ? '' : checked ? '● ' : '○ '}
      {text}
    </button>
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
    } else if (event.key === 'Escape') {
      onClose();
    }
  };
  const { group, key, aggregate = 'last' } = column.column;
  return (
    <div
      ref={list}
      class="menu"
      role="menu"
      aria-label={`${column.label}`}
      style={{ left: `${left}px`, top: `${top}px` }}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => (list.current?.contains(event.relatedTarget as Node | null) ? undefined : onClose())}
    >
      {item('Largest first', () => onSort(true))}
      {item('Smallest first', () => onSort(false))}
      {item(column.pinned ? 'Unpin' : 'Pin to the left', onPin)}
      {item('Hide', onHide)}
      {group !== 'metric' ? null : (
        <>
          <div class="muted" role="presentation">
            {key}
          </div>
          {Aggregate.options.map((each) => item(aggregateNames[each], () => onAggregate(each), each === aggregate))}
          {item('As all metrics', () => onAggregate(null))}
        </>
      )}
    </div>
  );
}
