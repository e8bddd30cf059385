import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CurveRange } from '../../src/contracts/panels/run.ts';
import { Button, Checkbox, Dropdown, LinkButton, TextField } from '../components/controls.tsx';
import { figure } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';
import { grouped, matching, type ChartPlan } from './charts.ts';
import { Plot, type Line, type Reading } from './Plot.tsx';
import { drawnOf, smoothed, type Axis, type CurvesState, type Series } from './series.ts';

installStyles(`
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr)); gap: 16px 24px; }
.curves .full { grid-column: 1 / -1; }
.curves .title { display: flex; justify-content: space-between; gap: 8px; margin-bottom: 4px; min-height: 1.4em; } .curves .title button { font-weight: 600; overflow-wrap: anywhere; color: inherit; min-width: 0; }
.curves .reading { text-align: right; font-variant-numeric: tabular-nums; color: var(--muted); } .curves .legend { display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--muted); font-size: 0.9em; }
.curves .mark { display: inline-block; width: 12px; height: 0; border-top: 2px solid; margin-right: 4px; vertical-align: 3px; }
.plot { position: relative; width: 100%; } .plot svg { display: block; touch-action: pan-y; cursor: crosshair; user-select: none; } .plot > svg:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.plot .axes path { stroke: var(--line); stroke-width: 1; opacity: 0.6; fill: none; } .plot .axes text { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
.plot .line { stroke-width: 1.5; } .plot .raw { stroke-width: 1; opacity: 0.3; } .plot .rule { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 2; } .plot .selection { fill: var(--accent); opacity: 0.2; } .plot .odd path { stroke-width: 1.5; }
body.vscode-high-contrast .plot .raw, body.vscode-high-contrast-light .plot .raw { opacity: 0.55; }
.toolbar .smoothing { display: flex; align-items: center; gap: 8px; } .toolbar input[type=range] { width: 110px; accent-color: var(--accent); } .toolbar .value { font-variant-numeric: tabular-nums; min-width: 2.6em; }
details.group > summary { font-weight: 600; margin: 12px 0; }
`);

/** What a person set up for all charts. `full`: the chart that is shown at full size. */
export interface CurvesView {
  smoothing: number;
  axis: Axis;
  logarithmic: boolean;
  filter: string;
  zoom: CurveRange | null;
  full: string;
}

export const initialCurvesView: CurvesView = { smoothing: 0, axis: 'step', logarithmic: false, filter: '', zoom: null, full: '' };

/** More charts than this at once help nobody; the rest is a click away. */
const firstCharts = 24;
const colours = ['blue', 'purple', 'green', 'yellow', 'red'].map((name) => `var(--vscode-charts-${name})`);

interface Props {
  title: string;
  plans: readonly ChartPlan[];
  curves: CurvesState;
  view: CurvesView;
  setView(change: Partial<CurvesView>): void;
  start: number;
  /** Tells which metrics are in sight. */
  onShow(keys: string[]): void;
  /** Whether the tools stand here; those of another section hold for this one too otherwise. */
  tools: boolean;
}

/** Charts with their tools. All share the x axis, and what is zoomed into. */
export function Curves({ title, plans, curves, view, setView, start, onShow, tools }: Props): JSX.Element | null {
  const [all, setAll] = useState(false);
  const found = useMemo(() => matching(plans, view.filter), [plans, view.filter]);
  const shown = useMemo(() => (all ? found : found.slice(0, firstCharts)), [found, all]);
  const keys = JSON.stringify(shown.flatMap(({ lines }) => lines.map(({ key }) => key)));
  useEffect(() => onShow(JSON.parse(keys) as string[]), [keys]);
  if (plans.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-label={title}>
      <h2>{title}</h2>
      {tools ? <Tools view={view} setView={setView} many={plans.length > 3} /> : null}
      {found.length === 0 ? <p class="muted">No chart has “{view.filter}” in its name.</p> : null}
      {grouped(shown).map(([group, some]) => {
        const grid = (
          <div class="curves">
            {some.map((plan) => (
              <Chart key={plan.title} plan={plan} series={plan.lines.map(({ key }) => seriesOf(curves, key, view.zoom))} view={view} setView={setView} start={start} />
            ))}
          </div>
        );
        return group === '' ? (
          grid
        ) : (
          <details class="group" key={group} open>
            <summary>
              {group} <span class="muted">{some.length === 1 ? '1 chart' : `${some.length} charts`}</span>
            </summary>
            {grid}
          </details>
        );
      })}
      {found.length > shown.length ? (
        <p style={{ marginTop: '12px' }}>
          <LinkButton onClick={() => setAll(true)}>{`Show ${found.length - shown.length} more`}</LinkButton>
        </p>
      ) : null}
    </section>
  );
}

/** What was zoomed into in full, where the whole is thinned and the full has come. */
function seriesOf({ series, zoomed }: CurvesState, key: string, zoom: CurveRange | null): Series | undefined {
  const whole = series[key];
  const came = zoomed !== null && zoom !== null && zoomed.range.axis === zoom.axis && zoomed.range.from === zoom.from && zoomed.range.to === zoom.to;
  return whole === undefined || whole.means === null || !came ? whole : (zoomed.series[key] ?? whole);
}

function Tools({ view, setView, many }: { view: CurvesView; setView: Props['setView']; many: boolean }): JSX.Element {
  return (
    <div class="toolbar">
      <label class="smoothing">
        Smoothing
        <input type="range" min="0" max="0.99" step="0.01" value={view.smoothing} aria-label="Smoothing" onInput={(event) => setView({ smoothing: Number(event.currentTarget.value) })} />
        <span class="value">{view.smoothing.toFixed(2)}</span>
      </label>
      <Dropdown
        inline
        label="Axis"
        value={view.axis}
        options={[
          { value: 'step', label: 'By step' },
          { value: 'relative', label: 'By time since the start' },
          { value: 'wall', label: 'By time of day' },
        ]}
        onChange={(axis) => setView({ axis: axis as Axis, ...((axis === 'step') === (view.axis === 'step') ? {} : { zoom: null }) })}
      />
      <Checkbox checked={view.logarithmic} onChange={(logarithmic) => setView({ logarithmic })}>
        Log scale
      </Checkbox>
      {many ? <TextField inline label="Filter charts" placeholder="Filter charts" value={view.filter} onInput={(filter) => setView({ filter })} /> : null}
      {view.zoom === null ? null : <Button onClick={() => setView({ zoom: null })}>Show all</Button>}
    </div>
  );
}

interface ChartProps {
  plan: ChartPlan;
  series: (Series | undefined)[];
  view: CurvesView;
  setView: Props['setView'];
  start: number;
}

const Chart = memo(DrawnChart, (a, b) => a.plan === b.plan && a.view === b.view && a.start === b.start && a.series.length === b.series.length && a.series.every((each, index) => each === b.series[index]));

function DrawnChart({ plan, series, view, setView, start }: ChartProps): JSX.Element {
  const [reading, setReading] = useState<Reading | null>(null);
  const { axis, smoothing } = view;
  const lines = useMemo(
    () =>
      plan.lines.flatMap(({ name }, index): Line[] => {
        const each = series[index];
        const smooth = each === undefined || smoothing === 0 ? null : smoothed(drawnOf(each.means ?? each.points, axis), smoothing);
        return each === undefined ? [] : [{ name, colour: colours[index % colours.length] ?? '', raw: drawnOf(each.points, axis), smooth }];
      }),
    [plan, axis, smoothing, ...series],
  );
  const full = view.full === plan.title;
  const last = lines[0]?.raw.ys.at(-1);
  const range = view.zoom === null ? null : ([view.zoom.from, view.zoom.to] as const);
  return (
    <div class={full ? 'full' : ''}>
      <div class="title">
        <button type="button" class="plain" aria-expanded={full} title={full ? 'Make it small again' : 'Show it at full size'} onClick={() => setView({ full: full ? '' : plan.title })}>
          {plan.title}
        </button>
        <span class="reading" aria-live="polite">
          {reading === null ? (lines.length === 1 ? valueText(last) : '') : reading.values.length === 1 ? `${reading.place}: ${readingText(reading.values[0])}` : reading.place}
        </span>
      </div>
      <Plot
        lines={lines}
        axis={axis}
        logarithmic={view.logarithmic}
        zoom={range}
        start={start}
        height={full ? 420 : 150}
        label={`${plan.title}, last ${valueText(last)}`}
        onZoom={(zoomed) => setView({ zoom: zoomed === null ? null : { axis: axis === 'step' ? 'step' : 'time', from: zoomed[0], to: zoomed[1] } })}
        onRead={setReading}
      />
      {lines.length < 2 ? null : (
        <div class="legend">
          {lines.map(({ name, colour }) => (
            <span key={name}>
              <span class="mark" style={{ borderColor: colour }} />
              {name} {reading === null ? '' : readingText(reading.values.find((each) => each.name === name))}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function valueText(value: number | undefined): string {
  return value === undefined ? '–' : Number.isFinite(value) ? figure(value) : Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
}

/** Every digit that was logged, and the smooth value beside it. */
function readingText(value: Reading['values'][number] | undefined): string {
  if (value === undefined) {
    return '';
  }
  const raw = Number.isFinite(value.raw) ? String(value.raw) : valueText(value.raw);
  return value.smooth === null ? raw : `${raw} (smooth ${valueText(value.smooth)})`;
}
