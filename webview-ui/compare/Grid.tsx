import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Aggregate, RunSort } from '../../src/contracts/runTable.ts';
import { moment } from '../components/format.ts';
import { ColumnMenu, type MenuPlace } from './ColumnMenu.tsx';
import { HeaderRow } from './GridHeader.tsx';
import { cellId, Row } from './GridRow.tsx';
import { headerHeight, inSight, layoutOf, rowHeight, slotsOf, type Place } from './gridLayout.ts';
import { Kept } from './kept.ts';
import type { ShownColumn } from './arrangement.ts';
import type { TableData } from './tableData.ts';

export interface GridProps {
  data: TableData;
  /** Raised when `data` has something new. */
  news: number;
  columns: readonly ShownColumn[];
  nameWidth: number;
  sort: readonly RunSort[];
  selected: ReadonlySet<string>;
  toBaseline: boolean;
  onSort(sort: RunSort[]): void;
  onSelect(run_ids: readonly string[], selected: boolean): void;
  onSelectAll(selected: boolean): void;
  onOpen(run_id: string): void;
  onWidth(id: string, width: number): void;
  onPin(id: string, pinned: boolean): void;
  onHide(id: string): void;
  onAggregate(key: string, aggregate: Aggregate | null): void;
}

/** So many rows are drawn anew in one frame: after a jump the rest follows in the next ones, so that none takes long. */
const freshAtOnce = 12;

/** Says which cell of a run is meant, where it is one. */
function onCell(target: EventTarget | null, work: (place: Place, cell: HTMLElement) => void): void {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[aria-colindex]') : null;
  const row = cell?.closest('[aria-rowindex]')?.getAttribute('aria-rowindex');
  if (cell !== null && row !== null && row !== undefined && row !== '1') {
    work({ row: Number(row) - 2, column: Number(cell.getAttribute('aria-colindex')) - 2 }, cell);
  }
}

/** A table of which only what is in sight is drawn, in both directions. */
export function Grid(props: GridProps): JSX.Element {
  const { data, columns, sort, selected, onSort, onSelect, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ left: 0, top: 0, width: 0, height: 0 });
  const [place, setPlace] = useState<Place>({ row: 0, column: -1 });
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const anchor = useRef<number | null>(null);
  /** The cell that has a tooltip: it becomes another's when the table is scrolled. */
  const explained = useRef<HTMLElement | null>(null);
  /** Once in the next frame, with what a scroll has to draw there: twice in a frame would lay the page out twice. */
  const drawAgain = useRef(() => {});
  const rows = Math.max(0, (data.found ?? 0) - (data.baseline === null || data.found === null ? 0 : Number(data.found > 0)));
  const layout = useMemo(() => layoutOf(columns, props.nameWidth, view.width), [columns, props.nameWidth, view.width]);
  const head = headerHeight + (data.baseline === null ? 0 : rowHeight);
  const sight = inSight(layout, view, rows, head);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    const measure = (): void => setView({ left: element.scrollLeft, top: element.scrollTop, width: element.clientWidth, height: element.clientHeight });
    let waiting = 0;
    const later = (): void => {
      waiting ||= requestAnimationFrame(() => {
        waiting = 0;
        measure();
      });
    };
    const onScroll = (): void => {
      explained.current?.removeAttribute('title');
      later();
    };
    const resizer = new ResizeObserver(later);
    resizer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    drawAgain.current = later;
    measure();
    return () => {
      cancelAnimationFrame(waiting);
      resizer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  const wanted = [...layout.pinned, ...layout.moving.slice(sight.firstColumn, sight.lastColumn)].map(({ column }) => column);
  const wish = JSON.stringify([sight.firstRow, sight.lastRow, wanted, props.news]);
  useEffect(() => {
    // Before it is measured, what is asked for would be asked for again.
    if (view.width > 0) {
      data.look({ from: sight.firstRow, to: sight.lastRow, columns: wanted });
    }
  }, [data, wish, view.width > 0]);

  const goTo = (row: number, column: number): void => {
    const next = { row: Math.max(-1, Math.min(rows - 1, row)), column: Math.max(-1, Math.min(columns.length - 1, column)) };
    setPlace(next);
    const element = box.current;
    if (element === null) {
      return;
    }
    if (next.row >= 0) {
      const [top, bottom] = [next.row * rowHeight, (next.row + 1) * rowHeight + head - element.clientHeight];
      element.scrollTop = Math.max(bottom, Math.min(element.scrollTop, top));
    }
    const moving = next.column - layout.pinned.length;
    const column_ = layout.moving[moving];
    if (next.column >= layout.pinned.length && column_ !== undefined) {
      const start = layout.starts[moving] ?? 0;
      element.scrollLeft = Math.max(start + column_.width + layout.pinnedWidth - element.clientWidth, Math.min(element.scrollLeft, start));
    }
  };

  const toggle = (row: number, range: boolean): void => {
    const run = data.run(row);
    if (run === undefined) {
      return;
    }
    const now = !selected.has(run.run_id);
    const from = range && anchor.current !== null ? anchor.current : row;
    const ids = Array.from({ length: Math.abs(row - from) + 1 }, (_, index) => data.run(Math.min(row, from) + index)?.run_id).filter((id) => id !== undefined);
    anchor.current = row;
    onSelect(ids, now);
  };

  const sortBy = (id: string, more: boolean): void => {
    const column = columns.find((each) => each.id === id)?.column ?? { group: 'attribute' as const, key: 'name' };
    const same = (each: RunSort): boolean => each.column.group === column.group && each.column.key === column.key;
    const known = sort.find(same);
    // Numbers are wanted with the largest first; a third click gives the order back.
    const first = columns.find((each) => each.id === id)?.numbers ?? false;
    const next = known === undefined ? [{ column, descending: first }] : known.descending === first ? [{ column, descending: !first }] : [];
    onSort(more ? [...sort.filter((each) => !same(each)), ...next] : next);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const { row, column } = place;
    const page = Math.max(1, Math.floor((view.height - head) / rowHeight) - 1);
    const active = columns[column];
    const moves: Record<string, () => void> = {
      ArrowDown: () => goTo(row + 1, column),
      ArrowUp: () => goTo(row - 1, column),
      ArrowRight: () => (event.altKey && active !== undefined ? props.onWidth(active.id, active.width + 16) : goTo(row, column + 1)),
      ArrowLeft: () => (event.altKey && active !== undefined ? props.onWidth(active.id, Math.max(48, active.width - 16)) : goTo(row, column - 1)),
      PageDown: () => goTo(row + page, column),
      PageUp: () => goTo(Math.max(0, row - page), column),
      Home: () => (event.ctrlKey || event.metaKey ? goTo(0, -1) : goTo(row, -1)),
      End: () => (event.ctrlKey || event.metaKey ? goTo(rows - 1, columns.length - 1) : goTo(row, columns.length - 1)),
      ' ': () => (row === -1 ? sortBy(active?.id ?? '', event.shiftKey) : toggle(row, event.shiftKey)),
      Enter: () => {
        const run = data.run(row);
        if (row === -1) {
          sortBy(active?.id ?? '', event.shiftKey);
        } else if (run !== undefined) {
          onOpen(run.run_id);
        }
      },
      ContextMenu: () => openMenu(column),
      F10: () => (event.shiftKey ? openMenu(column) : undefined),
    };
    const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (move !== undefined) {
      event.preventDefault();
      move();
    }
  };

  /** All digits of a figure, and all of a long text, are there to read where the pointer rests. */
  const explain = ({ row, column }: Place, cell: HTMLElement): void => {
    const [run, shown] = [data.run(row), columns[column]];
    cell.title = column === -1 && run !== undefined ? `${run.name}\n${run.run_id}\n${moment(run.created)}` : shown === undefined ? '' : String(data.cell(row, shown.column) ?? '');
    explained.current = cell;
  };

  const openMenu = (index: number): void => {
    const column = columns[index];
    const element = box.current;
    if (column !== undefined && element !== null) {
      const shown = element.querySelector(`#head-${index}`)?.getBoundingClientRect() ?? element.getBoundingClientRect();
      setMenu({ column, left: Math.max(4, Math.min(shown.left, window.innerWidth - 200)), top: shown.bottom });
    }
  };

  const { firstColumn, lastColumn } = sight;
  const { baseline } = data;
  // Rows call the handlers of the last drawing: a row that did not change is not drawn again.
  const handlers = useRef({ toggle, onOpen });
  handlers.current = { toggle, onOpen };
  const slots = slotsOf(view.height - head);
  // With another number of slots each row stands in another one.
  const kept = useMemo(() => new Kept<number>(), [slots]);
  const mostFresh = kept.empty ? slots : freshAtOnce;
  const drawRow = (row: number, mayBeFresh: boolean): JSX.Element | null => {
    const run = data.run(row);
    const active = place.row === row ? place.column : null;
    const isSelected = run !== undefined && selected.has(run.run_id);
    const slot = row % slots;
    const from = [row, layout, firstColumn, lastColumn, active, isSelected, run, props.toBaseline, baseline, props.news];
    if (!mayBeFresh) {
      return kept.find(slot, from) ?? null;
    }
    return kept.draw(slot, from, () => (
      <Row
        key={slot}
        layout={layout}
        firstColumn={firstColumn}
        lastColumn={lastColumn}
        active={active}
        row={row}
        run={run}
        data={data}
        selected={isSelected}
        toBaseline={props.toBaseline && baseline !== null}
        top={row * rowHeight}
        onToggle={(range) => handlers.current.toggle(row, range)}
        onOpen={(run_id) => handlers.current.onOpen(run_id)}
      />
    ));
  };
  // The row that had to wait goes first in the next frame: none waits while a person scrolls on.
  const next = useRef(0);
  const rowsDrawn = new Array<JSX.Element | null>(slots).fill(null);
  const count = sight.lastRow - sight.firstRow;
  const start = next.current >= sight.firstRow && next.current < sight.lastRow ? next.current : sight.firstRow;
  let fresh = 0;
  let waits: number | null = null;
  for (let index = 0; index < count; index += 1) {
    const row = sight.firstRow + ((start - sight.firstRow + index) % count);
    let drawing = drawRow(row, false);
    if (drawing === null && fresh < mostFresh) {
      fresh += 1;
      drawing = drawRow(row, true);
    } else if (drawing === null) {
      waits ??= row;
    }
    rowsDrawn[row % slots] = drawing ?? kept.last(row % slots) ?? null;
  }
  next.current = waits ?? sight.firstRow;
  useLayoutEffect(() => {
    // By hand: a row that is drawn already is not drawn again for it.
    for (const track of box.current?.querySelectorAll<HTMLElement>('.track') ?? []) {
      track.style.transform = `translateX(${-view.left}px)`;
    }
  });
  useEffect(() => {
    if (waits !== null) {
      drawAgain.current();
    }
  });
  return (
    <>
      <div
        ref={box}
        class="grid"
        role="grid"
        tabIndex={0}
        aria-label="Runs"
        aria-rowcount={rows + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={cellId(place.row, place.column)}
        onKeyDown={onKeyDown}
      >
        <div class="grid-inside" style={{ width: `${layout.width}px`, height: `${rows * rowHeight + head}px` }}>
          <div class="grid-head" role="presentation" style={{ width: `${view.width}px` }}>
            <HeaderRow layout={layout} sight={sight} place={place} sort={sort} allSelected={rows > 0 && selected.size >= rows} onSelectAll={props.onSelectAll} onSort={sortBy} onMenu={openMenu} onWidth={props.onWidth} onPlace={setPlace} />
            {baseline === null ? null : (
              <Row layout={layout} firstColumn={firstColumn} lastColumn={lastColumn} active={null} row={null} run={baseline} data={data} selected={selected.has(baseline.run_id)} toBaseline={false} onToggle={() => onSelect([baseline.run_id], !selected.has(baseline.run_id))} onOpen={onOpen} />
            )}
          </div>
          <div class="grid-body" role="presentation" style={{ width: `${view.width}px`, height: `${rows * rowHeight}px` }} onClick={(event) => void onCell(event.target, setPlace)} onPointerMove={(event) => void onCell(event.target, explain)}>
            {rowsDrawn}
          </div>
        </div>
      </div>
      {menu === null ? null : (
        <ColumnMenu
          place={menu}
          onClose={() => {
            setMenu(null);
            box.current?.focus();
          }}
          onSort={(descending) => onSort([{ column: menu.column.column, descending }])}
          onPin={() => props.onPin(menu.column.id, !menu.column.pinned)}
          onHide={() => props.onHide(menu.column.id)}
          onAggregate={(aggregate) => props.onAggregate(menu.column.column.key, aggregate)}
        />
      )}
    </>
  );
}
