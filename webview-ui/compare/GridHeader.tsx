import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { RunSort } from '../../src/contracts/runTable.ts';
import { aggregateNames, groupNames, type ShownColumn } from './arrangement.ts';
import { Moving } from './GridRow.tsx';
import { checkWidth, type GridLayout, type Place, type Sight } from './gridLayout.ts';

interface HeaderProps {
  layout: GridLayout;
  sight: Sight;
  place: Place;
  sort: readonly RunSort[];
  allSelected: boolean;
  onSelectAll(selected: boolean): void;
  onSort(id: string, more: boolean): void;
  onMenu(index: number): void;
  onWidth(id: string, width: number): void;
  onPlace(place: Place): void;
}

/** The names of the columns, with their group over the first of each that is in sight. */
export function HeaderRow({ layout, sight, place, sort, allSelected, onSelectAll, onSort, onMenu, onWidth, onPlace }: HeaderProps): JSX.Element {
  const shown = layout.moving.slice(sight.firstColumn, sight.lastColumn);
  const cell = (column: ShownColumn, index: number, before: ShownColumn | undefined): JSX.Element => {
    const at = sort.findIndex((each) => each.column.group === column.column.group && each.column.key === column.column.key);
    const sorted = sort[at];
    const { aggregate = 'last' } = column.column;
    const active = place.row === -1 && place.column === index;
    return (
      <div
        key={column.id}
        id={`head-${index}`}
        role="columnheader"
        aria-colindex={index + 2}
        aria-sort={sorted === undefined ? 'none' : sorted.descending ? 'descending' : 'ascending'}
        class={`cell head ${column.numbers ? 'number' : ''} ${active ? 'active' : ''}`}
        style={{ width: `${column.width}px` }}
        title={`${groupNames[column.column.group]}: ${column.column.key}${aggregate === 'last' ? '' : `, ${aggregateNames[aggregate].toLowerCase()}`}`}
        onClick={(event) => {
          onPlace({ row: -1, column: index });
          onSort(column.id, event.shiftKey);
        }}
        onContextMenu={(event) => {
          event.preventDefault();
          onMenu(index);
        }}
      >
        <div class="group">{before?.column.group === column.column.group ? '' : groupNames[column.column.group]}</div>
        <div class="name">
          <span class="text">{column.label}</span>
          {aggregate === 'last' ? null : <span class="muted"> {aggregateNames[aggregate].toLowerCase()}</span>}
          {sorted === undefined ? null : <span class="arrow">{`${sorted.descending ? ' ↓' : ' ↑'}${sort.length > 1 ? at + 1 : ''}`}</span>}
          <button type="button" class="more" tabIndex={-1} aria-label={`More about ${column.label}`} onClick={(event) => (event.stopPropagation(), onMenu(index))}>
            ⋯
          </button>
        </div>
        <Edge width={column.width} onWidth={(width) => onWidth(column.id, width)} />
      </div>
    );
  };
  const byName = sort.find(({ column }) => column.group === 'attribute' && column.key === 'name');
  return (
    <div role="row" class="row heads" aria-rowindex={1}>
      <div class="cell head check" role="columnheader" style={{ width: `${checkWidth}px` }}>
        <input type="checkbox" tabIndex={-1} aria-label="Select all runs" checked={allSelected} onChange={(event) => onSelectAll(event.currentTarget.checked)} />
      </div>
      <div
        id="head--1"
        role="columnheader"
        aria-colindex={1}
        aria-sort={byName === undefined ? 'none' : byName.descending ? 'descending' : 'ascending'}
        class={`cell head name-head ${place.row === -1 && place.column === -1 ? 'active' : ''}`}
        style={{ width: `${layout.nameWidth}px` }}
        onClick={(event) => {
          onPlace({ row: -1, column: -1 });
          onSort('', event.shiftKey);
        }}
      >
        <div class="group" />
        <div class="name">
          Run
          {byName === undefined ? null : <span class="arrow">{byName.descending ? ' ↓' : ' ↑'}</span>}
        </div>
        <Edge width={layout.nameWidth} onWidth={(width) => onWidth('name', width)} />
      </div>
      {layout.pinned.map((column, index) => cell(column, index, layout.pinned[index - 1]))}
      <Moving layout={layout} firstColumn={sight.firstColumn}>
        {shown.map((column, index) => cell(column, layout.pinned.length + sight.firstColumn + index, shown[index - 1]))}
      </Moving>
    </div>
  );
}

/** The edge of a column, which a person drags. */
function Edge({ width, onWidth }: { width: number; onWidth(width: number): void }): JSX.Element {
  const from = useRef<{ x: number; width: number } | null>(null);
  return (
    <div
      class="edge"
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, width };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (from.current !== null) {
          onWidth(Math.max(48, Math.round(from.current.width + event.clientX - from.current.x)));
        }
      }}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
