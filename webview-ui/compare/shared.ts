// What the parts of the comparison are given.
import type { FromComparePanel, ToComparePanel } from '../../src/contracts/panels/compare.ts';
import type { CompareView as SavedView, RunTableQuery } from '../../src/contracts/runTable.ts';
import type { Comparison } from '../../src/contracts/runs.ts';
import type { PanelProps } from '../bridge/start.tsx';
import type { Arranged, View } from './arrangement.ts';
import type { Ask } from './asks.ts';
import type { TableData } from './tableData.ts';

export type Opened = Extract<ToComparePanel, { type: 'opened' }>;

export interface CompareState {
  opened: Opened | null;
  views: readonly SavedView[];
  /** The view that was saved, renamed or (null) deleted last; undefined where none was. */
  chosenView: string | null | undefined;
  comparison: Comparison | null;
  /** Raised when runs changed. */
  changes: number;
  failed: string | null;
}

export type CompareProps = PanelProps<CompareState, View, FromComparePanel>;

/** What all tabs need: which runs, and how they are arranged. `news` is raised when `data` has something new. */
export interface Shared {
  data: TableData;
  news: number;
  arrangement: Arranged;
  arrange(change: Partial<Arranged>): void;
}

/** Charts are about the selected runs, or about all that the filter leaves. */
export interface ChartTabProps extends Shared {
  ask: Ask;
  query: RunTableQuery;
  selected: readonly string[];
  changes: number;
  onOpen(run_id: string): void;
  onSelect(run_ids: string[]): void;
}
