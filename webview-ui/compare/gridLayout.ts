// Where the columns and rows of the grid lie, and which of them are in sight. All in pixels.
import type { ShownColumn } from './arrangement.ts';

export const rowHeight = 28;
export const headerHeight = 48;
/** The box that selects a row. */
export const checkWidth = 32;
/** Beyond what is in sight, so that a small step shows nothing empty. */
const spareRows = 6;
const spareColumns = 2;

export interface GridLayout {
  nameWidth: number;
  pinned: readonly ShownColumn[];
  /** With the box and the name. */
  pinnedWidth: number;
  moving: readonly ShownColumn[];
  /** From the end of the pinned ones, where each begins. */
  starts: readonly number[];
  width: number;
}

export interface Sight {
  firstRow: number;
  lastRow: number;
  firstColumn: number;
  lastColumn: number;
}

/** The cell that the keyboard is on: row -1 is the head, column -1 the run itself. */
export interface Place {
  row: number;
  column: number;
}

/** In a narrow view only the name stays at the edge, and takes at most half of it. */
export function layoutOf(columns: readonly ShownColumn[], nameWidth: number, viewWidth: number): GridLayout {
  const name = Math.max(96, Math.min(nameWidth, viewWidth / 2 - checkWidth));
  const pinned: ShownColumn[] = [];
  let pinnedWidth = checkWidth + name;
  for (const column of columns) {
    if (!column.pinned || pinnedWidth + column.width > viewWidth * 0.7) {
      break;
    }
    pinned.push(column);
    pinnedWidth += column.width;
  }
  const moving = columns.slice(pinned.length);
  const starts: number[] = [];
  let width = 0;
  for (const column of moving) {
    starts.push(width);
    width += column.width;
  }
  return { nameWidth: name, pinned, pinnedWidth, moving, starts, width: pinnedWidth + width };
}

/** So many rows are drawn, wherever the view stands: row r in slot r % slots, whose elements it takes over. @param height what rows may fill. */
export function slotsOf(height: number): number {
  return Math.max(0, Math.ceil(height / rowHeight)) + 1 + 2 * spareRows;
}

/** @param head the height of what stays at the top. */
export function inSight({ starts, moving, pinnedWidth }: GridLayout, view: { left: number; top: number; width: number; height: number }, rows: number, head: number): Sight {
  const slots = slotsOf(view.height - head);
  const firstRow = Math.max(0, Math.min(rows - slots, Math.floor(view.top / rowHeight) - spareRows));
  const right = view.left + view.width - pinnedWidth;
  const firstColumn = Math.max(0, lastAtOrBefore(starts, view.left) - spareColumns);
  const lastColumn = Math.min(moving.length, lastAtOrBefore(starts, right) + 1 + spareColumns);
  return { firstRow, lastRow: Math.min(rows, firstRow + slots), firstColumn, lastColumn };
}

/** The index of the last start that is not beyond `at`. */
function lastAtOrBefore(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((starts[middle] ?? 0) <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return Math.max(0, low - 1);
}
