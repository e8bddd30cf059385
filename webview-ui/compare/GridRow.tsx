import type { ComponentChild, ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import type { RunCell, RunHead } from '../../src/contracts/runTable.ts';
import { Difference } from '../components/difference.tsx';
import { figure, moment, score } from '../components/format.ts';
import type { ShownColumn } from './arrangement.ts';
import { checkWidth, type GridLayout } from './gridLayout.ts';
import { Kept } from './kept.ts';
import type { TableData } from './tableData.ts';

interface RowProps {
  layout: GridLayout;
  firstColumn: number;
  lastColumn: number;
  /** The column that the keyboard is on, where it is on this row. */
  active: number | null;
  data: TableData;
  /** Null for the baseline, which stands above all. */
  row: number | null;
  run: RunHead | undefined;
  top?: number;
  selected: boolean;
  toBaseline: boolean;
  onToggle(range: boolean): void;
  onOpen(run_id: string): void;
}

const marks: Record<RunHead['status'], string> = { queued: 'waiting', running: 'running', finished: '', failed: 'failed', cancelled: 'cancelled' };

/** One run. What is not there yet is a grey bar. While the table is scrolled a row becomes another, so what its cells have in common stays. */
export function Row({ layout, firstColumn, lastColumn, active, data, row, run, top, selected, toBaseline, onToggle, onOpen }: RowProps): JSX.Element {
  const kept = useMemo(() => new Kept<string>(), []);
  const ofActive = (column: number): { id?: string } => (active === column && row !== null ? { id: cellId(row, column) } : {});
  const cell = (column: ShownColumn, index: number): JSX.Element => {
    const value = row === null ? data.baselineCell(column.column) : data.cell(row, column.column);
    const base = toBaseline && isMeasured(column) ? (data.baselineCell(column.column) ?? null) : null;
    const best = isBest(data, column, value);
    return kept.draw(column.id, [column, index, value, base, best, active === index && row], () => (
      <div
        key={column.id}
        {...ofActive(index)}
        role="gridcell"
        aria-colindex={index + 2}
        class={`cell${column.numbers ? ' number' : ''}${active === index ? ' active' : ''}${best ? ' best' : ''}`}
        style={{ width: `${column.width}px` }}
      >
        {value === undefined ? <span class="skeleton" /> : shown(column, value, base)}
      </div>
    ));
  };
  const moving = layout.moving.slice(firstColumn, lastColumn);
  kept.prune([...layout.pinned, ...moving].map(({ id }) => id));
  return (
    <div role="row" class={`row${selected ? ' selected' : ''}${row === null ? ' baseline' : ''}`} aria-selected={selected} {...(row === null ? {} : { 'aria-rowindex': row + 2 })} style={top === undefined ? {} : { top: `${top}px` }}>
      <div class="cell check" style={{ width: `${checkWidth}px` }}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${run?.name ?? 'the run'}`}
          checked={selected}
          onClick={(event) => {
            // The box shows what is selected, whatever the click made of it.
            event.preventDefault();
            onToggle(event.shiftKey);
          }}
        />
      </div>
      <div {...ofActive(-1)} role="rowheader" aria-colindex={1} class={`cell run-name${active === -1 ? ' active' : ''}`} style={{ width: `${layout.nameWidth}px` }}>
        {run === undefined ? (
          <span class="skeleton" />
        ) : (
          <>
            <button type="button" class="link" tabIndex={-1} onClick={() => onOpen(run.run_id)}>
              {run.name}
            </button>
            {row === null ? <span class="badge accent">baseline</span> : null}
            {marks[run.status] === '' ? null : <span class={`badge ${run.status === 'failed' ? 'bad' : ''}`}>{marks[run.status]}</span>}
          </>
        )}
      </div>
      {layout.pinned.map((column, index) => cell(column, index))}
      <Moving layout={layout} firstColumn={firstColumn}>
        {moving.map((column, index) => cell(column, layout.pinned.length + firstColumn + index))}
      </Moving>
    </div>
  );
}

/** The cells that go to the side as the table is scrolled: the grid moves what is inside, in all rows alike. */
export function Moving({ layout, firstColumn, children }: Pick<RowProps, 'layout' | 'firstColumn'> & { children: ComponentChildren }): JSX.Element {
  return (
    <div class="moving" role="presentation">
      <div class="track" role="presentation">
        <div style={{ flex: 'none', width: `${layout.starts[firstColumn] ?? 0}px` }} />
        {children}
      </div>
    </div>
  );
}

/** Of the cell that the keyboard is on. */
export function cellId(row: number, column: number): string {
  return `${row === -1 ? 'head' : `cell-${row}`}-${column}`;
}

/** Text where text is enough: hundreds of cells are drawn anew while a person scrolls. */
function shown(column: ShownColumn, value: RunCell, base: RunCell): ComponentChild {
  const { group, key } = column.column;
  if (value === null) {
    return <span class="muted">–</span>;
  }
  if (typeof value !== 'number') {
    return value;
  }
  if (group === 'attribute' && ['created', 'started', 'ended'].includes(key)) {
    return moment(value);
  }
  if (typeof base === 'number') {
    return <Difference metric={group === 'metric' ? key : null} value={value} baseline={base} brief />;
  }
  return group === 'metric' ? score(value) : figure(value);
}

/** Numbers that are measured, as metrics and durations are; a number that was chosen has no difference to show. */
function isMeasured({ column }: ShownColumn): boolean {
  return column.group === 'metric' || column.key === 'seconds';
}

function isBest(data: TableData, { column }: ShownColumn, value: RunCell | undefined): boolean {
  if (typeof value !== 'number') {
    return false;
  }
  const range = data.range(column);
  return range !== null && range[0] < range[1] && value === range[higherIsBetter(column.key) ? 1 : 0];
}
