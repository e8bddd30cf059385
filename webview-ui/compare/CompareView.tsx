import type { JSX } from 'preact';
import type { FromComparePanel } from '../../src/contracts/panels/compare.ts';
import type { Comparison, ComparisonColumn, RunSummary } from '../../src/contracts/runs.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Checkbox, LinkButton, Waiting } from '../components/controls.tsx';
import { figure, metricName, moment, score } from '../components/format.ts';
import { Banner, Empty, Header } from '../components/layout.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { installStyles } from '../components/styles.ts';

export interface CompareState {
  comparison: Comparison | null;
  failed: string | null;
}

/** `sort` is the key of a column, with its group before it; empty keeps the order in which the runs were chosen. */
export interface View {
  differences: boolean;
  sort: string;
  descending: boolean;
}

export const initialView: View = { differences: false, sort: '', descending: true };

type Props = PanelProps<CompareState, View, FromComparePanel>;

installStyles(`
.comparison th.group { color: var(--muted); font-weight: 400; border-bottom: 0; padding-bottom: 0; }
.comparison th:first-child, .comparison td:first-child { position: sticky; left: 0; background: var(--vscode-editor-background); z-index: 1; max-width: 320px; min-width: 180px; }
.comparison td.text { max-width: 260px; overflow-wrap: anywhere; }
.comparison td.differs { background: var(--vscode-list-inactiveSelectionBackground, transparent); }
body.vscode-high-contrast .comparison td.differs, body.vscode-high-contrast-light .comparison td.differs { text-decoration: underline dotted; }
.comparison .bar { height: 3px; background: var(--accent); margin-top: 2px; margin-left: auto; }
.comparison { width: auto; min-width: 60%; } .comparison th.run { vertical-align: top; white-space: normal; min-width: 180px; font-weight: 400; text-align: right; } .comparison th.run .link { text-align: right; } .comparison th.run .run-actions { justify-content: flex-end; } .comparison.standing td.text { text-align: right; padding-left: 24px; max-width: 320px; } .comparison tbody th.group { padding-top: 16px; }
.comparison .run-actions { display: flex; gap: 8px; flex-wrap: wrap; }
`);

const groups: ComparisonColumn['group'][] = ['metric', 'param', 'attribute'];
const groupNames: Record<ComparisonColumn['group'], string> = { metric: 'Metrics', param: 'Parameters', attribute: 'Origin' };

export function CompareView({ state, view, setView, post }: Props): JSX.Element {
  const { comparison } = state;
  if (comparison === null) {
    return (
      <main class="page">
        <Header title="Compare runs" />
        {state.failed === null ? <Waiting>Comparing…</Waiting> : <Banner kind="error">{state.failed}</Banner>}
      </main>
    );
  }
  const shown = comparison.columns.filter((column) => !view.differences || column.differs);
  return (
    <main class="page" style={{ maxWidth: 'none' }}>
      <Header title={`Compare ${comparison.runs.length} runs`} subtitle="★ marks the best of each metric; a shaded cell differs from the others of its column.">
        <Checkbox checked={view.differences} onChange={(differences) => setView({ differences })}>
          Only what differs
        </Checkbox>
      </Header>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      {comparison.warnings.map((warning) => (
        <Banner key={warning} kind="warning">
          {warning}
        </Banner>
      ))}
      {shown.length === 0 ? <Empty>{comparison.columns.length === 0 ? 'These runs have no metrics and no parameters.' : 'These runs do not differ.'}</Empty> : null}
      <div class="scroll">{comparison.runs.length <= fewRuns ? <Standing comparison={comparison} shown={shown} post={post} /> : <Lying comparison={comparison} shown={shown} view={view} setView={setView} post={post} />}</div>
      {comparison.runs.length < 2 ? (
        <Empty actions={<Button onClick={() => post({ type: 'open_run', run_id: comparison.runs[0]?.run_id ?? '' })}>Open the run</Button>}>Only one run is left. Choose several in the Experiments view to compare them.</Empty>
      ) : null}
    </main>
  );
}

/** Few runs stand side by side, a row for each metric and parameter; many lie in rows that can be sorted. */
const fewRuns = 6;

interface TableProps {
  comparison: Comparison;
  shown: ComparisonColumn[];
  post: Props['post'];
}

function Standing({ comparison, shown, post }: TableProps): JSX.Element {
  return (
    <table class="comparison standing">
      <thead>
        <tr>
          <th>
            <span class="sr">Metric or parameter</span>
          </th>
          {comparison.runs.map((run) => (
            <th key={run.run_id} class="run">
              <RunHead comparison={comparison} run={run} post={post} />
            </th>
          ))}
        </tr>
      </thead>
      {groups.map((group) => {
        const rows = shown.filter((column) => column.group === group);
        return rows.length === 0 ? null : (
          <tbody key={group}>
            <tr>
              <th class="group" colSpan={comparison.runs.length + 1}>
                {groupNames[group]}
              </th>
            </tr>
            {rows.map((column) => (
              <tr key={column.key}>
                <td title={column.key}>{column.group === 'metric' ? metricName(column.key) : column.key}</td>
                {comparison.runs.map((run, index) => (
                  <Cell key={run.run_id} column={column} index={index} />
                ))}
              </tr>
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

function Lying({ comparison, shown, view, setView, post }: TableProps & Pick<Props, 'view' | 'setView'>): JSX.Element {
  const sortBy = (id: string): void => setView(view.sort === id ? (view.descending ? { descending: false } : { sort: '', descending: true }) : { sort: id, descending: true });
  return (
    <table class="comparison">
      <thead>
        <tr>
          <th class="group">
            <span class="sr">Runs</span>
          </th>
          {groups.map((group) => {
            const count = shown.filter((column) => column.group === group).length;
            return count === 0 ? null : (
              <th key={group} class="group" colSpan={count}>
                {groupNames[group]}
              </th>
            );
          })}
        </tr>
        <tr>
          <th>Run</th>
          {shown.map((column) => {
            const id = idOf(column);
            const sorted = view.sort === id;
            return (
              <th key={id} class={column.group === 'metric' ? 'number' : ''} aria-sort={sorted ? (view.descending ? 'descending' : 'ascending') : 'none'}>
                <button type="button" title={column.key} onClick={() => sortBy(id)}>
                  {column.group === 'metric' ? metricName(column.key) : column.key}
                  {sorted ? (view.descending ? ' ↓' : ' ↑') : ''}
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {orderOf(comparison, view).map((index) => {
          const run = comparison.runs[index]!;
          return (
            <tr key={run.run_id}>
              <td>
                <RunHead comparison={comparison} run={run} post={post} />
              </td>
              {shown.map((column) => (
                <Cell key={idOf(column)} column={column} index={index} />
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function RunHead({ comparison, run, post }: { comparison: Comparison; run: RunSummary; post: Props['post'] }): JSX.Element {
  return (
    <>
      <LinkButton onClick={() => post({ type: 'open_run', run_id: run.run_id })}>{run.name}</LinkButton> <StatusBadge status={run.status} />
      <div class="muted">{moment(run.created)}</div>
      <div class="run-actions">
        {run.kind === 'training' && run.status === 'finished' ? <LinkButton onClick={() => post({ type: 'register', run_id: run.run_id })}>Register…</LinkButton> : null}
        {comparison.runs.length > 1 ? <LinkButton onClick={() => post({ type: 'remove', run_id: run.run_id })}>Take out</LinkButton> : null}
      </div>
    </>
  );
}

function idOf(column: ComparisonColumn): string {
  return `${column.group}:${column.key}`;
}

function Cell({ column, index }: { column: ComparisonColumn; index: number }): JSX.Element {
  const value = column.values[index] ?? null;
  if (column.group !== 'metric') {
    const common = mostCommon(column.values);
    return <td class={column.differs && value !== common ? 'text differs' : 'text'}>{value === null ? <span class="muted">–</span> : String(value)}</td>;
  }
  const numbers = column.values.filter((each): each is number => typeof each === 'number');
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const share = typeof value === 'number' && high > low ? 0.1 + (0.9 * (value - low)) / (high - low) : 0;
  return (
    <td class={column.best === index ? 'number best' : 'number'} title={value === null ? '' : String(value)}>
      {typeof value === 'number' ? (Math.abs(value) < 10 ? score(value) : figure(value)) : '–'}
      {share === 0 ? null : <div class="bar" style={{ width: `${Math.round(share * 60)}px` }} />}
    </td>
  );
}

/** The value that most runs have; the first of equally frequent ones. */
function mostCommon(values: ComparisonColumn['values']): string | number | null {
  const counts = new Map<string | number | null, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].reduce((top, each) => (each[1] > top[1] ? each : top), [null, 0] as [string | number | null, number])[0];
}

function orderOf(comparison: Comparison, view: View): number[] {
  const order = comparison.runs.map((_, index) => index);
  const column = comparison.columns.find((each) => idOf(each) === view.sort);
  if (column === undefined) {
    return order;
  }
  const sign = view.descending ? -1 : 1;
  return order.sort((a, b) => {
    const [x, y] = [column.values[a] ?? null, column.values[b] ?? null];
    if (x === null || y === null) {
      return x === y ? 0 : x === null ? 1 : -1;
    }
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
  });
}
