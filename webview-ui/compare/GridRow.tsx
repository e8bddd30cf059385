import type { JSX } from 'preact';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import type { RunCell, RunHead } from '../../src/contracts/runTable.ts';
import { figure, moment, score } from '../components/format.ts';
import type { ShownColumn } from './arrangement.ts';
import { checkWidth, type GridLayout, type Place } from './gridLayout.ts';
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
  onPlace(place: Place): void;
}

const marks: Record<RunHead['status'], string> = { queued: 'waiting', running: 'running', finished: '', failed: 'failed', cancelled: 'cancelled' };

/** One run. What is not there yet is a grey bar. */
export function Row({ layout, firstColumn, lastColumn, active, data, row, run, top, selected, toBaseline, onToggle, onOpen, onPlace }: RowProps): JSX.Element {
  const id = (column: number): string => `cell-${row ?? 'baseline'}-${column}`;
  const isActive = (column: number): string => (active === column ? 'active' : '');
  const cell = (column: ShownColumn, index: number, left?: number): JSX.Element => {
    const value = row === null ? data.baselineCell(column.column) : data.cell(row, column.column);
    const base = toBaseline && isMeasured(column) ? (data.baselineCell(column.column) ?? null) : null;
    return (
      <div
        key={column.id}
        id={id(index)}
        role="gridcell"
        aria-colindex={index + 2}
        class={`cell ${column.numbers ? 'number' : ''} ${left === undefined ? '' : 'stuck'} ${isActive(index)} ${isBest(data, column, value) ? 'best' : ''}`}
        style={{ width: `${column.width}px`, ...(left === undefined ? {} : { left: `${left}px` }) }}
        title={value === undefined || value === null ? '' : String(value)}
        onClick={() => (row === null ? undefined : onPlace({ row, column: index }))}
      >
        {value === undefined ? <span class="skeleton" /> : <Value column={column} value={value} base={base} />}
      </div>
    );
  };
  return (
    <div role="row" class={`row ${selected ? 'selected' : ''} ${row === null ? 'baseline' : ''} ${row !== null && row % 2 === 1 ? 'odd' : ''}`} aria-selected={selected} {...(row === null ? {} : { 'aria-rowindex': row + 2 })} style={top === undefined ? {} : { position: 'absolute', top: `${top}px` }}>
      <div class="cell check stuck" style={{ width: `${checkWidth}px`, left: '0px' }}>
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
      <div id={id(-1)} role="rowheader" aria-colindex={1} class={`cell stuck run-name ${isActive(-1)}`} style={{ width: `${layout.nameWidth}px`, left: `${checkWidth}px` }} onClick={() => (row === null ? undefined : onPlace({ row, column: -1 }))}>
        {run === undefined ? (
          <span class="skeleton" />
        ) : (
          <>
            <button type="button" class="link" tabIndex={-1} title={`${run.name}\n${run.run_id}\n${moment(run.created)}`} onClick={() => onOpen(run.run_id)}>
              {run.name}
            </button>
            {row === null ? <span class="badge accent">baseline</span> : null}
            {marks[run.status] === '' ? null : <span class={`badge ${run.status === 'failed' ? 'bad' : ''}`}>{marks[run.status]}</span>}
          </>
        )}
      </div>
      {layout.pinned.map((column, index) => cell(column, index, layout.pinnedStarts[index]))}
      <div style={{ flex: 'none', width: `${layout.starts[firstColumn] ?? 0}px` }} />
      {layout.moving.slice(firstColumn, lastColumn).map((column, index) => cell(column, layout.pinned.length + firstColumn + index))}
    </div>
  );
}

function Value({ column, value, base }: { column: ShownColumn; value: RunCell; base: RunCell }): JSX.Element {
  const { group, key } = column.column;
  if (value === null) {
    return <span class="muted">–</span>;
  }
  if (typeof value !== 'number') {
    return <span class="text">{value}</span>;
  }
  if (group === 'attribute' && ['created', 'started', 'ended'].includes(key)) {
    return <span class="text">{moment(value)}</span>;
  }
  if (typeof base === 'number') {
    const difference = value - base;
    const better = difference === 0 ? '' : higherIsBetter(key) === difference > 0 ? 'better' : 'worse';
    return (
      <span class={`difference ${group === 'metric' ? better : ''}`}>
        {difference > 0 ? '+' : difference < 0 ? '−' : '±'}
        {group === 'metric' ? score(Math.abs(difference)) : figure(Math.abs(difference))}
        {better === '' || group !== 'metric' ? null : <span class="sr"> {better}</span>}
      </span>
    );
  }
  return <>{group === 'metric' ? score(value) : figure(value)}</>;
}

/** Numbers that are measured, as metrics and durations are; a number that was chosen has no difference to show. */
function isMeasured({ column }: ShownColumn): boolean {
  return column.group === 'metric' || column.key === 'seconds';
}

function isBest(data: TableData, { column }: ShownColumn, value: RunCell | undefined): boolean {
  const range = data.range(column);
  return range !== null && range[0] < range[1] && value === range[higherIsBetter(column.key) ? 1 : 0];
}
