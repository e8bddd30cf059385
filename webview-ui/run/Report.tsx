import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { VegaSpec } from '../../src/contracts/query.ts';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import type { TrainingReport } from '../../src/contracts/training.ts';
import { Chart } from '../charts/Chart.tsx';
import { count, metricName, percent, score } from '../components/format.ts';
import { Banner, Card, Prose, Stat } from '../components/layout.tsx';

/** What came out of a training: verdicts first, then the figures that they rest on. */
export function Report({ report, charts }: { report: TrainingReport; charts: Record<string, VegaSpec> }): JSX.Element {
  const headline = report.metrics[report.headline];
  const chosen = report.candidates.find((candidate) => candidate.chosen);
  return (
    <>
      <div class="stats">
        {headline === undefined ? null : <Stat value={score(headline.value)} label={`${metricName(report.headline)}, 95 % interval ${score(headline.low)} to ${score(headline.high)}`} title={String(headline.value)} />}
        {report.headline !== 'roc_auc' && report.metrics['roc_auc'] !== undefined ? <Stat value={score(report.metrics['roc_auc'].value)} label="ROC AUC" title={String(report.metrics['roc_auc'].value)} /> : null}
        {report.base_rate === undefined ? null : <Stat value={percent(report.base_rate)} label={`of rows are ${report.positive ?? 'positive'}`} />}
        <Stat value={count(report.rows.evaluated)} label={report.evaluation === 'nested' ? 'rows, each measured by a model that did not see it' : 'rows that no fit saw'} />
      </div>
      <section class="section" aria-label="Verdicts">
        {report.verdicts.map(({ kind, text }) => (
          <Banner key={text} kind={kind}>
            <Prose text={text} />
          </Banner>
        ))}
      </section>
      <Card title="Beside its baselines">
        <Comparison report={report} spec={charts['intervals']} />
        <p class="muted" style={{ marginTop: '12px' }}>
          {report.split.sentence} {report.evaluation === 'set_aside' ? looksOf(report.holdout_looks) : ''}
        </p>
      </Card>
      <div class="section columns">
        <Card title="Who competed">
          <table>
            <thead>
              <tr>
                <th>Candidate</th>
                <th class="number">{metricName(report.metric)} in cross-validation</th>
              </tr>
            </thead>
            <tbody>
              {report.candidates.map((candidate) => {
                const spread = candidate.cv[report.metric];
                return (
                  <tr key={candidate.name}>
                    <td>
                      {candidate.chosen ? <strong>{candidate.label} (chosen)</strong> : candidate.label}
                    </td>
                    <td class="number">{spread === undefined ? '–' : `${score(spread.mean)} ± ${score(spread.sd)}`}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <p class="muted" style={{ marginTop: '12px' }}>
            These figures chose the model, so they are not its score. Within one standard error of the best, the simplest wins.
          </p>
        </Card>
        <Card title="What it reads">
          <p>
            {count(report.inputs.length)} columns: {report.inputs.slice(0, 40).join(', ')}
            {report.inputs.length > 40 ? ' …' : ''}
          </p>
          {report.excluded.length === 0 ? null : (
            <>
              <h3>Left out</h3>
              {report.excluded.map(({ column, reason }) => (
                <p key={column}>
                  <code>{column}</code> {reason}
                </p>
              ))}
            </>
          )}
          <p class="muted">
            {chosen?.label ?? report.trainer}, fitted on {count(report.rows.fitted)} rows in {report.seconds.toFixed(1)} s with TensorFlow.js ({report.backend}).
          </p>
        </Card>
      </div>
    </>
  );
}

/** Rows that are looked at again and again are no longer unseen. */
function looksOf(looks: number): string {
  return looks === 1 ? 'No earlier run has used them.' : `${looks} runs have used them by now.`;
}

function Comparison({ report, spec }: { report: TrainingReport; spec: VegaSpec | undefined }): JSX.Element {
  const metrics = Object.keys(report.metrics);
  const headline = report.metrics[report.headline];
  const values = useMemo(
    () => [
      ...(headline === undefined ? [] : [{ label: 'This model', kind: 'model', ...headline }]),
      ...report.baselines.flatMap((baseline) => {
        const value = baseline.metrics[report.headline];
        return value === undefined ? [] : [{ label: baseline.label.replaceAll('`', ''), kind: 'baseline', value }];
      }),
    ],
    [report, headline],
  );
  /** null where two share the best value: a star would say nothing. */
  const best = (metric: string): number | null => {
    const sign = higherIsBetter(metric) ? 1 : -1;
    const all = [report.metrics[metric]?.value, ...report.baselines.map((baseline) => baseline.metrics[metric])].filter((value) => value !== undefined).sort((a, b) => sign * (b - a));
    return all[0] !== undefined && all[0] !== all[1] ? all[0] : null;
  };
  const cell = (metric: string, value: number | undefined, extra?: string): JSX.Element => (
    <td key={metric} class={value !== undefined && value === best(metric) ? 'number best' : 'number'} title={value === undefined ? '' : String(value)}>
      {score(value)}
      {extra === undefined ? null : <div class="muted">{extra}</div>}
    </td>
  );
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>On the same rows</th>
              {metrics.map((metric) => (
                <th key={metric} class="number">
                  {metricName(metric)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>
                <strong>This model</strong>
                <div class="muted">95 % interval</div>
              </td>
              {metrics.map((metric) => {
                const estimate = report.metrics[metric];
                return cell(metric, estimate?.value, estimate === undefined ? undefined : `${score(estimate.low)} – ${score(estimate.high)}`);
              })}
            </tr>
            {report.baselines.map((baseline) => (
              <tr key={baseline.label}>
                <td>
                  <Prose text={baseline.label} />
                </td>
                {metrics.map((metric) => cell(metric, baseline.metrics[metric]))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3 style={{ marginTop: '16px' }}>
        {metricName(report.headline)}, {higherIsBetter(report.headline) ? 'more' : 'less'} is better
      </h3>
      <Chart spec={spec} values={values} height={28 * values.length + 28} label={`${metricName(report.headline)}: ${values.map((each) => `${each.label} ${score(each.value)}`).join(', ')}`} />
    </>
  );
}
