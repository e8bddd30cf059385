// The result of each trial, and the best so far as a line.
import type { JSX } from 'preact';
import type { Study, Trial } from '../../src/contracts/tuning.ts';
import { figure } from '../components/format.ts';
import { valueScale } from '../run/scale.ts';

const size = { width: 520, height: 240, left: 64, right: 12, top: 12, bottom: 34 };

export function TrialChart({ study, onOpen }: { study: Study; onOpen(run_id: string): void }): JSX.Element {
  const { spec } = study;
  const finished = study.trials.filter((trial): trial is Trial & { value: number } => trial.state === 'finished' && trial.value !== null);
  if (finished.length === 0) {
    return <p class="muted">The first result stands here when a trial has finished.</p>;
  }
  const values = finished.map(({ value }) => value).sort((a, b) => a - b);
  // Some values far off, as of a diverged training, must not press all others into a line.
  const [low, high] = shownRange(values);
  const y = valueScale([low, high], [size.height - size.bottom, size.top], false);
  const last = Math.max(2, study.trials.length);
  const x = (number: number): number => size.left + ((number - 1) / (last - 1)) * (size.width - size.left - size.right);
  const inside = (value: number): number => y.place(Math.min(high, Math.max(low, value)));
  const better = (a: number, b: number): number => (spec.direction === 'minimize' ? Math.min(a, b) : Math.max(a, b));
  let sofar = finished[0]?.value ?? 0;
  const line = finished
    .map(({ number, value }, index) => {
      const before = sofar;
      sofar = better(sofar, value);
      return index === 0 ? `M${x(number)} ${inside(sofar)}` : `H${x(number)}${sofar === before ? '' : `V${inside(sofar)}`}`;
    })
    .join('');
  const best = finished.find(({ number }) => number === study.best);
  const ticks = [...new Set([1, Math.round((last + 1) / 2), last])];
  return (
    <svg class="trialchart" viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={`${spec.metric} of ${finished.length} finished trials; the best is ${figure(best?.value)} of trial ${String(study.best)}`}>
      {y.ticks.map(({ value, label }) => (
        <g key={value}>
          <path class="grid" d={`M${size.left} ${y.place(value)}H${size.width - size.right}`} />
          <text x={size.left - 8} y={y.place(value) + 4} text-anchor="end">
            {label}
          </text>
        </g>
      ))}
      {ticks.map((number) => (
        <text key={number} x={x(number)} y={size.height - size.bottom + 16} text-anchor="middle">
          {number}
        </text>
      ))}
      <text x={(size.left + size.width - size.right) / 2} y={size.height - 4} text-anchor="middle">
        trial · line: best so far
      </text>
      <path class="sofar" d={line} />
      {study.trials
        .filter(({ state }) => state === 'failed')
        .map((trial) => (
          <rect key={trial.number} class="trial lost" x={x(trial.number) - 3} y={size.height - size.bottom - 7} width="6" height="6" onClick={() => onOpen(trial.run_id)}>
            <title>{`Trial ${trial.number} failed: ${trial.reason ?? ''}`}</title>
          </rect>
        ))}
      {finished.map((trial) => (
        <circle key={trial.number} class={`trial ${trial.number === study.best ? 'best' : ''}`} cx={x(trial.number)} cy={inside(trial.value)} r={trial.number === study.best ? 5 : 3.5} onClick={() => onOpen(trial.run_id)}>
          <title>{`Trial ${trial.number}: ${spec.metric} ${trial.value}`}</title>
        </circle>
      ))}
    </svg>
  );
}

/** All values; from ten on, those beyond three times the middle half's width to the far side stand at the border. @param values in order. */
function shownRange(values: readonly number[]): [number, number] {
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
  const [low, high] = [values[0] ?? 0, values.at(-1) ?? 0];
  const [first, third] = [at(0.25), at(0.75)];
  const room = 3 * (third - first);
  return values.length < 10 || room === 0 ? [low, high] : [Math.max(low, first - room), Math.min(high, third + room)];
}
