// How the comparison is arranged, and which columns that shows.
import { columnId, type Aggregate, type Arranged, type Arrangement, type ColumnGroup, type KnownColumn, type RunColumn, type RunScope, type RunTableQuery } from '../../src/contracts/runTable.ts';
import { metricName } from '../components/format.ts';

export type { Arranged };
export type Tab = Arranged['tab'];

/** `touched`: the person changed something since the page was drawn first; until then the last arrangement counts. */
export interface View {
  arrangement: Arrangement;
  touched: boolean;
  selected: string[];
  viewName: string | null;
}

export const initialView: View = { arrangement: {}, touched: false, selected: [], viewName: null };

/** Few runs are easier to read side by side. */
export const fewRuns = 6;

export function arranged(arrangement: Arrangement, { run_ids }: RunScope): Arranged {
  const few = run_ids !== undefined && run_ids.length <= fewRuns;
  const tab = arrangement.tab === 'side' && !few ? 'table' : (arrangement.tab ?? (few ? 'side' : 'table'));
  return {
    filter: '',
    sort: [],
    differences: false,
    toBaseline: false,
    aggregate: 'last',
    aggregates: {},
    pinned: [],
    hidden: [],
    unhidden: [],
    widths: {},
    curve: null,
    axes: null,
    colour: null,
    scatter: null,
    ...defined(arrangement),
    tab,
  };
}

function defined(arrangement: Arrangement): Partial<Arranged> {
  return Object.fromEntries(Object.entries(arrangement).filter(([, value]) => value !== undefined));
}

export function queryOf({ filter, sort }: Arranged, scope: RunScope): RunTableQuery {
  return { scope, filter, sort };
}

/** A column as the table draws it. `key` is `RunColumn`'s id with what of the metric stands in it. */
export interface ShownColumn {
  id: string;
  column: RunColumn;
  numbers: boolean;
  pinned: boolean;
  width: number;
  label: string;
}

/** The order of the groups from left to right. */
export const groups: readonly ColumnGroup[] = ['metric', 'param', 'tag', 'attribute'];
export const groupNames: Record<ColumnGroup, string> = { metric: 'Metrics', param: 'Parameters', tag: 'Tags', attribute: 'Origin' };
export const aggregateNames: Record<Aggregate, string> = { last: 'Last', best: 'Best', min: 'Lowest', max: 'Highest' };

/** What says little to a person: curves of each fold, what a run cost the machine, tags of programs, what stands elsewhere. */
function isQuiet({ group, key }: KnownColumn): boolean {
  switch (group) {
    case 'metric':
      return /^((train|validation)_loss|system)\//.test(key);
    case 'tag':
      return /^(mlflow|ml_lifecycle)\.|^(headline|data_sha256|data_rows|evaluation|host)$/.test(key);
    case 'attribute':
      return ['run_id', 'name', 'user', 'created', 'started', 'ended', 'error', 'kind', 'status'].includes(key);
    default:
      return false;
  }
}

/** Whether the person wants to see a column, whatever its values. */
export function isWanted(column: KnownColumn, { hidden, unhidden }: Pick<Arranged, 'hidden' | 'unhidden'>): boolean {
  const id = columnId(column);
  return isQuiet(column) ? unhidden.includes(id) : !hidden.includes(id);
}

/** Hides or shows columns. */
export function withShown(columns: readonly KnownColumn[], shown: boolean, { hidden, unhidden }: Pick<Arranged, 'hidden' | 'unhidden'>): Pick<Arranged, 'hidden' | 'unhidden'> {
  const [loud, quiet] = [columns.filter((column) => !isQuiet(column)).map(columnId), columns.filter(isQuiet).map(columnId)];
  const without = (list: readonly string[], taken: readonly string[]): string[] => list.filter((id) => !taken.includes(id));
  return { hidden: [...without(hidden, loud), ...(shown ? [] : loud)], unhidden: [...without(unhidden, quiet), ...(shown ? quiet : [])] };
}

export function labelOf({ group, key }: Pick<RunColumn, 'group' | 'key'>): string {
  return group === 'metric' ? metricName(key) : key;
}

/** The columns of the table from left to right: pinned ones, then by group. */
export function shownColumns(known: readonly KnownColumn[], arrangement: Arranged): ShownColumn[] {
  const { pinned, differences, widths, aggregates, aggregate } = arrangement;
  const [hidden, unhidden, places] = [new Set(arrangement.hidden), new Set(arrangement.unhidden), new Map(pinned.map((id, index) => [id, index]))];
  const shown = known
    .filter((column) => (isQuiet(column) ? unhidden.has(columnId(column)) : !hidden.has(columnId(column))) && (!differences || column.differs))
    .map((column): ShownColumn => {
      const id = columnId(column);
      const label = labelOf(column);
      const of = column.group === 'metric' ? (aggregates[column.key] ?? aggregate) : 'last';
      return {
        id,
        column: { group: column.group, key: column.key, ...(of === 'last' ? {} : { aggregate: of }) },
        numbers: column.group === 'metric' || column.numbers,
        pinned: places.has(id),
        width: widths[id] ?? Math.min(220, Math.max(88, 44 + label.length * 8)),
        label,
      };
    });
  const rank = ({ id, column }: ShownColumn): number => places.get(id) ?? 1000 + 10 * groups.indexOf(column.group) + Number(column.key.startsWith('cv_'));
  return shown.sort((a, b) => rank(a) - rank(b));
}
