import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Comparison, ComparisonColumn, RunSummary } from '../../src/contracts/runs.ts';
import { Button, Checkbox, LinkButton, Waiting } from '../components/controls.tsx';
import { figure, metricName, moment, score } from '../components/format.ts';
import { Empty } from '../components/layout.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { installStyles } from '../components/styles.ts';
import type { Shared, CompareProps, CompareState } from './shared.ts';

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

/** A few runs side by side, a row for each metric and parameter. */
export function SideBySide({ state, arrangement, arrange, post }: Pick<Shared, 'arrangement' | 'arrange'> & { state: CompareState; post: CompareProps['post'] }): JSX.Element {
  const { comparison } = state;
  useEffect(() => post({ type: 'side_by_side' }), [state.changes]);
  if (comparison === null) {
    return <Waiting>Comparing…</Waiting>;
  }
  const shown = comparison.columns.filter((column) => !arrangement.differences || column.differs);
  return (
    <div class="pane">
      <div class="toolbar">
        <Checkbox checked={arrangement.differences} onChange={(differences) => arrange({ differences })}>
          Only what differs
        </Checkbox>
        <span class="muted">★ marks the best of each metric; a shaded cell differs from the others of its row.</span>
      </div>
      {shown.length === 0 ? <Empty>{comparison.columns.length === 0 ? 'These runs have no metrics and no parameters.' : 'These runs do not differ.'}</Empty> : <Standing comparison={comparison} shown={shown} post={post} />}
      {comparison.runs.length < 2 ? (
        <Empty actions={<Button onClick={() => post({ type: 'open_run', run_id: comparison.runs[0]?.run_id ?? '' })}>Open the run</Button>}>Only one run is left. Choose several in the Experiments view to compare them.</Empty>
      ) : null}
    </div>
  );
}

interface TableProps {
  comparison: Comparison;
  shown: ComparisonColumn[];
  post: CompareProps['post'];
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

function RunHead({ comparison, run, post }: { comparison: Comparison; run: RunSummary; post: CompareProps['post'] }): JSX.Element {
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
