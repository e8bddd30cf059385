import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Monitor, MonitorWindow } from '../../src/contracts/monitoring.ts';
import type { FromMonitorPanel } from '../../src/contracts/panels/monitor.ts';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { Decision } from '../../src/contracts/retraining.ts';
import { Chart } from '../charts/Chart.tsx';
import { Button } from '../components/controls.tsx';
import { count, dateOrMoment, moment, score } from '../components/format.ts';
import { Empty } from '../components/layout.tsx';
import { lookOfOutcome } from '../components/Outcome.tsx';
import { lookOf, VersionMark } from '../components/versions.tsx';

interface Props {
  monitor: Monitor;
  decisions: readonly Decision[];
  spec: VegaSpec | undefined;
  /** Whether anything was predicted that could have a label. */
  asked: boolean;
  post(message: FromMonitorPanel): void;
}

/** The score of labelled predictions, window by window, beside what the model reached in training. */
export function Scores({ monitor, decisions, spec, asked, post }: Props): JSX.Element {
  // Labels come in any order, so a window that was judged later may be of earlier predictions.
  const judged = useMemo(() => monitor.windows.filter((window) => window.performance !== null).sort((a, b) => a.to - b.to), [monitor]);
  const values = useMemo(() => [...marks(judged, decisions), ...judged.map(pointOf)], [judged, decisions]);
  const newest = judged.at(-1);
  if (newest?.performance === undefined || newest.performance === null) {
    if (!asked) {
      return <Empty>Once something was predicted, and it is known what was true, the score stands here, window by window.</Empty>;
    }
    const waiting = monitor.versions.reduce((sum, version) => sum + version.waiting_labelled, 0);
    return waiting > 0 ? (
      <Empty>
        No window of labelled predictions is full yet: {count(waiting)} of {count(monitor.settings.window)} are there.
      </Empty>
    ) : (
      <Empty actions={<Button onClick={() => post({ type: 'add_labels' })}>Add labels…</Button>}>No labels yet. Once it is known what was true for some predictions, their score stands here, window by window.</Empty>
    );
  }
  const { performance } = newest;
  const seen = [...new Map(judged.map((window) => [window.ulid, window.version])).values()];
  return (
    <>
      <p>
        {score(performance.value)} <span class="muted">({score(performance.low)} to {score(performance.high)}, 95 % interval)</span> in the newest window, {performance.worse ? 'worse than the limit' : 'within the limit'}
        {performance.reference === null ? '' : `; ${score(performance.reference)} on the rows set aside in training`}
        {performance.limit === null ? '' : `; limit ${score(performance.limit)}`}.
      </p>
      <Chart spec={spec} values={values} height={200} label={`Score over ${judged.length} windows: ${judged.map((window) => score(window.performance?.value)).join(', ')}`} />
      <p class="muted" style={{ marginTop: '8px', display: 'flex', flexWrap: 'wrap', gap: '4px 16px' }}>
        {seen.map((version) => (
          <span key={String(version)} style={{ display: 'inline-flex', alignItems: 'center' }}>
            <VersionMark version={version} />
            {lookOf(version).name}
          </span>
        ))}
        <span>thin line: in training</span>
        <span>dashed: limit</span>
        {values.some((value) => value.kind === 'mark') ? <span>dotted, upright: a retraining’s decision</span> : null}
      </p>
      {newest.note === null ? null : <p class="muted">{newest.note}</p>}
    </>
  );
}

function pointOf(window: MonitorWindow): { kind: string } & Record<string, unknown> {
  const { name, colour, shape } = lookOf(window.version);
  const { value, low, high, reference, limit } = window.performance ?? {};
  return { kind: 'window', at: window.to, when: dateOrMoment(window.to), value, low, high, reference, limit, series: name, colour, shape };
}

/**
 * When retraining decided. Windows stand where their rows' dates are, which may be years before the decision was made:
 * then it stands at the end of the rows that it was decided on.
 */
function marks(windows: readonly MonitorWindow[], decisions: readonly Decision[]): ({ kind: string } & Record<string, unknown>)[] {
  const from = Math.min(...windows.map((window) => window.from));
  const to = Math.max(...windows.map((window) => window.to));
  const within = (at: number): boolean => at >= from && at <= to;
  return decisions.flatMap((decision) => {
    const at = [decision.ended ?? decision.created, Date.parse(decision.comparison?.to ?? '')].find(within);
    return at === undefined ? [] : [{ kind: 'mark', at, when: moment(decision.created), series: lookOfOutcome(decision).word }];
  });
}
