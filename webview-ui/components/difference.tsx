import type { JSX } from 'preact';
import { differenceTo } from '../../src/contracts/metrics.ts';
import { figure } from './format.ts';

interface Props {
  /** Null: a number of which more is neither better nor worse, such as a duration. */
  metric: string | null;
  value: number | null | undefined;
  /** The baseline's value of the same metric. */
  baseline: number | null | undefined;
  /** Where there is no room for the word beside the number: it is still spoken and shown on hover. */
  brief?: boolean;
}

const starts = { better: 'Better than', worse: 'Worse than', same: 'The same as', none: 'Beside' };

/** How far a number lies from the baseline's, as "+0.012 better"; nothing where either is missing. */
export function Difference({ metric, value, baseline, brief }: Props): JSX.Element | null {
  const difference = differenceTo(metric ?? '', value, baseline);
  if (difference === null) {
    return null;
  }
  const { text } = difference;
  const verdict = metric === null ? null : difference.verdict;
  return (
    <span class={`difference ${verdict ?? ''}`} title={`${starts[verdict ?? 'none']} the baseline, ${figure(baseline)}`}>
      {text}
      {verdict === null ? null : <span class={brief ? 'sr' : ''}> {verdict}</span>}
    </span>
  );
}
