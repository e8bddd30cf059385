import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { AnswerTo } from '../../src/contracts/runTable.ts';
import { Chart } from '../charts/Chart.tsx';
import { Dropdown, LinkButton, Waiting } from '../components/controls.tsx';
import { figure, metricName } from '../components/format.ts';
import { Banner, Empty } from '../components/layout.tsx';
import type { ChartTabProps } from './shared.ts';
import { useValues } from './useValues.ts';

/** More lines than this cannot be told apart. */
const mostCurves = 20;
/** Spans of steps in which the lowest and the highest value are kept. */
const buckets = 400;
/** In the order in which Vega gives them to lines. */
const colours = ['blue', 'purple', 'green', 'yellow', 'red'];

/** One metric of several runs over its steps. */
export function CurvesTab({ data, arrangement, arrange, ask, query, selected, changes, onOpen, spec, onSpec }: ChartTabProps & { spec: VegaSpec | undefined; onSpec(): void }): JSX.Element {
  const metrics = data.columns.filter(({ group }) => group === 'metric').map(({ key }) => key);
  const metric = arrangement.curve !== null && metrics.includes(arrangement.curve) ? arrangement.curve : (metrics.find((key) => /loss/.test(key)) ?? metrics[0]);
  const { answer } = useValues({ ask, query, selected, changes }, [], mostCurves);
  const ids = selected.length > 0 ? selected.slice(0, mostCurves) : (answer?.runs.map(({ run_id }) => run_id) ?? []);
  const [curves, setCurves] = useState<AnswerTo<'curves'>['curves'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => (spec === undefined ? onSpec() : undefined), []);
  useEffect(() => {
    let gone = false;
    if (metric !== undefined && ids.length > 0) {
      ask({ type: 'curves', run_ids: [...ids], key: metric, buckets }).then(
        (found) => (gone ? undefined : (setCurves(found.curves), setProblem(null))),
        (error: unknown) => (gone ? undefined : setProblem(error instanceof Error ? error.message : String(error))),
      );
    }
    return () => {
      gone = true;
    };
  }, [metric, JSON.stringify(ids), changes]);

  const drawn = useMemo(() => (curves ?? []).filter(({ points }) => points.length > 0), [curves]);
  const values = useMemo(() => drawn.flatMap(({ name, run_id, points }) => points.map(([step, value]) => ({ step, value, series: `${name} · ${run_id.slice(-6)}` }))), [drawn]);
  const of = selected.length > 0 ? selected.length : (answer?.found ?? 0);
  if (metric === undefined) {
    return <Empty>These runs have no metrics.</Empty>;
  }
  return (
    <div class="pane">
      <div class="toolbar">
        <Dropdown inline label="Metric" value={metric} options={metrics.map((value) => ({ value, label: metricName(value) }))} onChange={(curve) => arrange({ curve })} />
        <span class="muted">
          {drawn.length} of {of.toLocaleString('en')} {selected.length > 0 ? 'selected runs' : 'runs'}
          {of > mostCurves ? `: the first ${mostCurves} are drawn; select others in the table.` : ids.length > drawn.length ? '; the others have no such metric.' : '.'}
        </span>
      </div>
      {problem === null ? null : <Banner kind="error">{problem}</Banner>}
      {curves === null ? <Waiting>Reading the histories…</Waiting> : <Chart spec={spec} values={values} height={360} label={`${metricName(metric)} of ${drawn.length} runs over their steps`} />}
      <div class="legend">
        {drawn.map(({ run_id, name, points }, index) => (
          <span class="key" key={run_id}>
            <span class="swatch" style={{ background: `var(--vscode-charts-${colours[index % colours.length] ?? 'blue'})` }} />
            <LinkButton title={run_id} onClick={() => onOpen(run_id)}>
              {name}
            </LinkButton>
            <span class="muted">{figure(points.at(-1)?.[1])}</span>
          </span>
        ))}
      </div>
    </div>
  );
}
