import type { JSX } from 'preact';
import type { ComparedPart, FairComparison } from '../../src/contracts/retraining.ts';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import { count, score } from '../components/format.ts';
import { Icon } from '../components/icons.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`
.compared td { vertical-align: middle; } .compared .met { display: inline-flex; align-items: center; gap: 4px; white-space: nowrap; vertical-align: middle; }
.compared svg.interval { display: block; width: 100%; min-width: 160px; height: 24px; overflow: visible; } .compared td.drawn { width: 30%; } .compared td.must { min-width: 132px; } .compared td:first-child { min-width: 120px; }
`);

interface Row {
  part: ComparedPart;
  label: string;
  /** The gain's lower end must lie above it. */
  floor: number;
  condition: string;
}

/**
 * Both models on the rows that neither saw; the gain with its interval, drawn on one scale. Where no row is newer than
 * the champion the rows that both set aside decide, and being newer is no merit then: the challenger must be better.
 */
export function Comparison({ comparison }: { comparison: FairComparison }): JSX.Element {
  const { newest, old, slices, min_gain, margin, policy, metric } = comparison;
  const notWorse = `not worse by more than ${score(margin)}`;
  const outright = min_gain === 0 ? 'better' : `better by more than ${score(min_gain)}`;
  const better = policy === 'better' ? outright : notWorse;
  const rows: Row[] = [
    ...(newest === null ? [] : [{ part: newest, label: 'Newest rows', floor: policy === 'better' ? min_gain : -margin, condition: better }]),
    ...(old === null ? [] : [newest === null ? { part: old, label: 'Rows that both set aside', floor: min_gain, condition: outright } : { part: old, label: 'Older rows', floor: -margin, condition: notWorse }]),
    ...slices.map((part) => ({ part, label: part.name, floor: -margin, condition: notWorse })),
  ];
  const positives = rows.some((row) => row.part.positives !== null);
  const ends = rows.flatMap(({ part, floor }) => [floor, 0, ...(part.gain === null ? [] : [part.gain.low, part.gain.high])]);
  const scale = scaleOf(Math.min(...ends), Math.max(...ends));
  return (
    <>
      <div class="scroll">
        <table class="compared">
          <thead>
            <tr>
              <th>On</th>
              <th class="number">Rows</th>
              {positives ? <th class="number">Positives</th> : null}
              <th class="number">Champion</th>
              <th class="number">Challenger</th>
              <th class="number">Gain</th>
              <th>{confidences(rows)} interval of the gain</th>
              <th>Must be</th>
              <th>Met</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ part, label, floor, condition }) => (
              <tr key={part.name}>
                <td>
                  {part === (newest ?? old) ? <strong>{label}</strong> : label}
                  {part.note === null ? null : <div class="muted">{part.note}</div>}
                </td>
                <td class="number">{count(part.rows)}</td>
                {positives ? <td class="number">{part.positives === null ? '–' : count(part.positives)}</td> : null}
                <td class="number" title={String(part.champion ?? '')}>
                  {score(part.champion)}
                </td>
                <td class="number" title={String(part.challenger ?? '')}>
                  {score(part.challenger)}
                </td>
                <td class="number" title={part.gain === null ? '' : String(part.gain.value)}>
                  {part.gain === null ? '–' : signed(part.gain.value)}
                </td>
                <td class="drawn">{part.gain === null ? null : <Interval gain={part.gain} floor={floor} scale={scale} confidence={part.confidence} />}</td>
                <td class="must">{condition}</td>
                <td>
                  <Met holds={part.holds} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="muted" style={{ marginTop: '12px' }}>
        A gain is how much better the challenger is, whatever the metric; {higherIsBetter(metric) ? 'more' : 'less'} of this one is better. The upright line is no change{rows.some((row) => row.floor !== 0) ? ', the dashed one what the whole interval must lie above' : ', and the whole interval must lie above it'}.{slices.length > 1 ? ' An interval of several slices is wider, so that not one of many wins by chance.' : ''}
      </p>
    </>
  );
}

interface Scale {
  low: number;
  high: number;
}

function scaleOf(low: number, high: number): Scale {
  const room = (high - low || 1) * 0.06;
  return { low: low - room, high: high + room };
}

function Interval({ gain, floor, scale, confidence }: { gain: { value: number; low: number; high: number }; floor: number; scale: Scale; confidence: number }): JSX.Element {
  const x = (value: number): string => `${((value - scale.low) / (scale.high - scale.low)) * 100}%`;
  const colour = gain.low > floor ? 'var(--good)' : gain.high < floor ? 'var(--bad)' : 'var(--accent)';
  return (
    <svg class="interval" role="img" aria-label={`${signed(gain.low)} to ${signed(gain.high)} with ${Math.round(confidence * 1000) / 10} % confidence`}>
      <line x1={x(0)} x2={x(0)} y1="0" y2="24" stroke="var(--muted)" />
      {floor === 0 ? null : <line x1={x(floor)} x2={x(floor)} y1="0" y2="24" stroke="var(--warn)" stroke-dasharray="3 2" />}
      <line x1={x(gain.low)} x2={x(gain.high)} y1="12" y2="12" style={{ stroke: colour }} stroke-width="2" />
      <line x1={x(gain.low)} x2={x(gain.low)} y1="8" y2="16" style={{ stroke: colour }} stroke-width="2" />
      <line x1={x(gain.high)} x2={x(gain.high)} y1="8" y2="16" style={{ stroke: colour }} stroke-width="2" />
      <circle cx={x(gain.value)} cy="12" r="4" style={{ fill: colour }} />
      <title>
        {signed(gain.low)} to {signed(gain.high)}, {Math.round(confidence * 1000) / 10} % interval
      </title>
    </svg>
  );
}

function Met({ holds }: { holds: boolean | null }): JSX.Element {
  if (holds === null) {
    return (
      <span class="met muted">
        <Icon name="skipped" /> not judged
      </span>
    );
  }
  return (
    <span class="met">
      <span style={{ color: holds ? 'var(--good)' : 'var(--warn)', display: 'inline-flex' }}>
        <Icon name={holds ? 'good' : 'warning'} />
      </span>
      {holds ? 'yes' : 'no'}
    </span>
  );
}

/** "95 %", or "95 to 98.3 %" where slices are held to more. */
function confidences(rows: readonly Row[]): string {
  const all = rows.map(({ part }) => Math.round(part.confidence * 1000) / 10);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low === high ? `${low} %` : `${low} to ${high} %`;
}

function signed(value: number): string {
  const size = score(Math.abs(value));
  return Number(size) === 0 ? size : `${value < 0 ? '−' : '+'}${size}`;
}
