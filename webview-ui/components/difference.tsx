import type { JSX } from 'preact';
import { differenceTo } from '../../src/contracts/metrics.ts';
import { figure } from './format.ts';

interface Props {
  metric: string;
  value: number | null | undefined;
  /** The baseline's value of the same metric. */
  baseline: number | null | undefined;
  /** Where there is no room for the word beside the number: it is still spoken and shown on hover. */
  brief?: boolean;
}

/** How far a metric lies from the baseline's, as "+0.012 better"; nothing where either is missing. */
export function Difference({ metric, value, baseline, brief }: Props): JSX.Element | null {
  const difference = differenceTo(metric, value, baseline);
  if (difference === null) {
    return null;
  }
  const { text, verdict } = difference;
  return (
    <span class={`difference ${verdict}`} title={`${verdict === 'same' ? 'The same as' : `${verdict === 'better' ? 'Better' : 'Worse'} than`} the baseline, ${figure(baseline)}`}>
      {text}
      <span class={brief ? 'sr' : ''}> {verdict}</span>
    </span>
  );
}
