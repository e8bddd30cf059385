import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { MetricPoint } from '../../src/contracts/runs.ts';
import { Chart } from '../charts/Chart.tsx';
import { figure } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';

installStyles(`
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 20px 24px; }
.curves .title { display: flex; justify-content: space-between; gap: 8px; margin-bottom: 4px; } .curves .title span:first-child { font-weight: 600; overflow-wrap: anywhere; }
`);

interface Curve {
  title: string;
  values: { step: number; value: number; series: string }[];
}

/** More charts than this help nobody; the rest is a click away. */
const firstCharts = 12;

/** `system`: what a run cost the machine, whatever kind it is of. */
type About = 'training' | 'script' | 'system';

const titles: Record<About, string> = { training: 'Loss while fitting, one line per fold', script: 'Curves', system: 'Machine' };
const systemPrefix = 'system/';

/** One small chart for each metric; keys of a training that differ in their last part only share one. */
export function Curves({ points, spec, about }: { points: MetricPoint[]; spec: VegaSpec | undefined; about: About }): JSX.Element | null {
  const curves = useMemo(() => curvesOf(points.filter(({ key }) => key.startsWith(systemPrefix) === (about === 'system')), about === 'training'), [points, about]);
  if (curves.length === 0) {
    return null;
  }
  const grid = (some: Curve[]): JSX.Element => (
    <div class="curves">
      {some.map((curve) => (
        <div key={curve.title}>
          <div class="title">
            <span>{curve.title}</span>
            <span class="muted">{figure(curve.values.at(-1)?.value)}</span>
          </div>
          <Chart spec={spec} values={curve.values} height={120} label={`${curve.title}, ${curve.values.length} points, last ${figure(curve.values.at(-1)?.value)}`} />
        </div>
      ))}
    </div>
  );
  return (
    <section class="section" aria-label={titles[about]}>
      <h2>{titles[about]}</h2>
      {grid(curves.slice(0, firstCharts))}
      {curves.length > firstCharts ? (
        <details style={{ marginTop: '12px' }}>
          <summary>{curves.length - firstCharts} more</summary>
          {grid(curves.slice(firstCharts))}
        </details>
      ) : null}
    </section>
  );
}

function curvesOf(points: MetricPoint[], training: boolean): Curve[] {
  const found = new Map<string, Curve>();
  for (const { key, step, value } of points) {
    const cut = training ? key.lastIndexOf('/') : -1;
    // A training run's final figures are one point each and stand in the report.
    if (value === null || (training && cut < 0)) {
      continue;
    }
    const name = cut < 0 ? key : key.slice(0, cut);
    const curve = found.get(name) ?? { title: titled(name), values: [] };
    curve.values.push({ step, value, series: cut < 0 ? key : key.slice(cut + 1) });
    found.set(name, curve);
  }
  return [...found.values()].filter((curve) => training || curve.values.length > 1);
}

/** `validation_loss/linear_l2_0.01` reads "linear, L2 0.01: validation loss"; `system/memory_mb` "memory, MB". */
function titled(name: string): string {
  if (name.startsWith(systemPrefix)) {
    return name.slice(systemPrefix.length).replace(/^cpu_percent$/, 'processor, % of a core').replace(/^(gpu\d*)_percent$/, '$1, %').replace(/_mb$/, ', MB').replaceAll('_', ' ');
  }
  const match = /^(train|validation)_loss\/(.+)$/.exec(name);
  return match === null ? name : `${(match[2] ?? '').replace(/_l2_/, ', L2 ').replaceAll('_', ' ')}: ${match[1] === 'train' ? 'training' : 'validation'} loss`;
}
