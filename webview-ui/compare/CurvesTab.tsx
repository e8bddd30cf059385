import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Dropdown, LinkButton, Waiting } from '../components/controls.tsx';
import { count, figure, metricName } from '../components/format.ts';
import { Banner, Empty } from '../components/layout.tsx';
import { CurvesPlot, type PlottedLine } from './CurvesPlot.tsx';
import { lineLooks } from './lineLooks.ts';
import { useTheme } from './plot.ts';
import type { ChartTabProps } from './shared.ts';
import { useCurves } from './useCurves.ts';
import { useValues } from './useValues.ts';

/** More lines than this cannot be told apart. */
const mostCurves = 150;

/** One metric of many runs over its steps. */
export function CurvesTab({ data, arrangement, arrange, ask, query, selected, changes, onOpen }: ChartTabProps): JSX.Element {
  const metrics = data.columns.filter(({ group }) => group === 'metric').map(({ key }) => key);
  const metric = arrangement.curve !== null && metrics.includes(arrangement.curve) ? arrangement.curve : (metrics.find((key) => /loss/.test(key)) ?? metrics[0]);
  const { answer } = useValues({ ask, query, selected, changes }, [], mostCurves);
  const ids = selected.length > 0 ? selected.slice(0, mostCurves) : (answer?.runs.map(({ run_id }) => run_id) ?? []);
  const { curves, reading, problem } = useCurves({ ask, changes }, ids, metric);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [highlit, setHighlit] = useState<string | null>(null);
  const theme = useTheme();
  const looks = useMemo(() => lineLooks(theme.lines, theme.behind), [theme]);
  // A run keeps its look while others are taken out.
  const lines = useMemo(() => (curves ?? []).filter(({ points }) => points.length > 0).map(({ run_id, name, points }, index): PlottedLine => ({ id: run_id, name, points, look: looks[index % looks.length]! })), [curves, looks]);
  const drawn = useMemo(() => lines.filter(({ id }) => !off.has(id)), [lines, off]);
  const of = selected.length > 0 ? selected.length : (answer?.found ?? 0);
  if (metric === undefined) {
    return data.looked < data.of ? <Waiting>Looking for metrics…</Waiting> : <Empty>These runs have no metrics.</Empty>;
  }
  const toggle = (id: string): void => setOff(off.has(id) ? new Set([...off].filter((each) => each !== id)) : new Set([...off, id]));
  return (
    <div class="pane">
      <div class="toolbar">
        <Dropdown inline label="Metric" value={metric} options={metrics.map((value) => ({ value, label: metricName(value) }))} onChange={(curve) => arrange({ curve })} />
        <span class="muted" aria-live="polite">
          {count(lines.length)} of {count(of)} {selected.length > 0 ? 'selected runs' : 'runs'}
          {reading ? ' so far' : of > mostCurves ? `: the first ${mostCurves} are drawn; select others in the table.` : ids.length > lines.length ? '; the others have no such metric.' : '.'}
        </span>
      </div>
      {problem === null ? null : <Banner kind="error">{problem}</Banner>}
      {curves === null && problem === null ? <Waiting>Reading the histories…</Waiting> : null}
      {lines.length === 0 ? null : (
        <>
          <CurvesPlot lines={drawn} label={`${metricName(metric)} of ${drawn.length} runs over their steps. The list below names them.`} theme={theme} highlit={highlit} onHighlight={setHighlit} onOpen={onOpen} />
          {lines.length < 2 ? null : (
            <div class="toolbar">
              <LinkButton onClick={() => setOff(new Set())}>Show all</LinkButton>
              <LinkButton onClick={() => setOff(new Set(lines.map(({ id }) => id)))}>Hide all</LinkButton>
            </div>
          )}
          <Legend lines={lines} off={off} highlit={highlit} onHighlight={setHighlit} onToggle={toggle} onOpen={onOpen} />
        </>
      )}
    </div>
  );
}

interface LegendProps {
  lines: readonly PlottedLine[];
  off: ReadonlySet<string>;
  highlit: string | null;
  onHighlight(id: string | null): void;
  onToggle(id: string): void;
  onOpen(id: string): void;
}

/** Each run with its line, which hides and shows it, and its last value. Pointing at one, or reaching it by keys, makes its line stand out. */
function Legend({ lines, off, highlit, onHighlight, onToggle, onOpen }: LegendProps): JSX.Element {
  return (
    <div class="legend curves" role="group" aria-label="Runs">
      {lines.map(({ id, name, look, points }) => (
        <span class={`key${highlit === id ? ' highlit' : ''}${off.has(id) ? ' off' : ''}`} key={id} onMouseEnter={() => onHighlight(id)} onMouseLeave={() => onHighlight(null)} onFocusIn={() => onHighlight(id)} onFocusOut={() => onHighlight(null)}>
          <button type="button" class="swatch" aria-pressed={!off.has(id)} aria-label={`Show ${name}`} title={off.has(id) ? 'Show' : 'Hide'} onClick={() => onToggle(id)}>
            <svg width="22" height="10" aria-hidden="true">
              <path d="M0 5H22" fill="none" stroke={look.colour} stroke-width="2" stroke-dasharray={look.dash.join(' ')} />
            </svg>
          </button>
          <LinkButton title={id} onClick={() => onOpen(id)}>
            {name}
          </LinkButton>
          <span class="muted">{figure(points.at(-1)?.[1])}</span>
        </span>
      ))}
    </div>
  );
}
