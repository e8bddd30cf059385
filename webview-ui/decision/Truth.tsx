import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { FairComparison } from '../../src/contracts/retraining.ts';
import { Chart } from '../charts/Chart.tsx';
import { count, dateOrMoment } from '../components/format.ts';

const series = ['truth', 'champion', 'challenger'] as const;

/** Row by row of the newest window: the truth and both predictions, by date where rows have one, else in their order. */
export function Truth({ points, charts }: { points: FairComparison['points']; charts: Record<string, VegaSpec> }): JSX.Element {
  const dated = points.every((point) => point.at !== null);
  const values = useMemo(() => points.flatMap((point, step) => series.map((each) => ({ at: point.at, when: point.at === null ? '' : dateOrMoment(point.at), step, value: point[each], series: each }))), [points]);
  return (
    <>
      <Chart spec={charts[dated ? 'truth' : 'curves']} values={values} height={220} label={`The truth and what champion and challenger said of ${count(points.length)} rows`} />
      <p class="muted" style={{ marginTop: '8px', display: 'flex', gap: '4px 16px', flexWrap: 'wrap' }}>
        <Line colour="var(--vscode-foreground)" dash="" name="truth" />
        <Line colour="var(--accent)" dash="6 3" name="champion" />
        <Line colour="var(--vscode-charts-purple)" dash="2 2" name="challenger" />
      </p>
    </>
  );
}

function Line({ colour, dash, name }: { colour: string; dash: string; name: string }): JSX.Element {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: '6px' }}>
      <svg width="24" height="8" aria-hidden="true">
        <line x1="0" x2="24" y1="4" y2="4" style={{ stroke: colour }} stroke-width="2" stroke-dasharray={dash} />
      </svg>
      {name}
    </span>
  );
}
