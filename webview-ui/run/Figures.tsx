// Metrics, parameters, data sets and the origin of a run, in tables.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CurvePoint, MetricFigures } from '../../src/contracts/curves.ts';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import type { RunDetail, RunLinks } from '../../src/contracts/runs.ts';
import type { FromRunPanel } from '../../src/contracts/panels/run.ts';
import { Button, LinkButton, TextField } from '../components/controls.tsx';
import { Difference } from '../components/difference.tsx';
import { figure, metricName } from '../components/format.ts';
import { Card } from '../components/layout.tsx';
import { systemPrefix } from './charts.ts';

interface Props {
  detail: RunDetail;
  links: RunLinks;
  post(message: FromRunPanel): void;
}

/** Rows that a table shows at first. */
const firstRows = 100;

/** Each metric: its last value, its minimum and maximum, the step of its best, and how far it is from the baseline's. */
export function Metrics({ detail, figures }: { detail: RunDetail; figures: Readonly<Record<string, MetricFigures>> }): JSX.Element | null {
  const [filter, setFilter] = useState('');
  const [all, setAll] = useState(false);
  const { run, baseline } = detail;
  const wanted = (key: string): boolean => !key.startsWith(systemPrefix) && (run.kind !== 'training' || !key.includes('/'));
  const keys = Object.keys(run.metrics).filter(wanted);
  if (keys.length === 0) {
    return run.kind === 'script' && run.status !== 'queued' ? <p class="muted">No metrics yet. Lines such as “epoch=3 loss=0.21” or “roc_auc: 0.93” in the output become metrics.</p> : null;
  }
  const found = keys.filter((key) => key.toLowerCase().includes(filter.toLowerCase()));
  return (
    <Card title="Metrics">
      {keys.length > 12 ? <TextField label="Filter metrics" placeholder="Filter metrics" value={filter} onInput={setFilter} /> : null}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Metric</th>
              <th class="number">Last</th>
              {baseline === null ? null : (
                <th class="number" title={`The difference to ${baseline.name}, the pinned baseline`}>
                  To baseline
                </th>
              )}
              <th class="number">Min</th>
              <th class="number">Max</th>
              <th class="number">Best at step</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, all ? undefined : firstRows).map((key) => {
              const each = figures[key];
              return (
                <tr key={key}>
                  <td style={{ overflowWrap: 'anywhere' }}>{run.kind === 'training' ? metricName(key) : key}</td>
                  <Value point={each?.last} value={run.metrics[key]} />
                  {baseline === null ? null : (
                    <td class="number">
                      <Difference metric={key} value={run.metrics[key]} baseline={baseline.metrics[key]} />
                    </td>
                  )}
                  <Value point={each?.min} />
                  <Value point={each?.max} />
                  <td class="number">{bestStep(key, each)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {!all && found.length > firstRows ? <LinkButton onClick={() => setAll(true)}>{`Show ${found.length - firstRows} more`}</LinkButton> : null}
    </Card>
  );
}

function Value({ point, value }: { point: CurvePoint | null | undefined; value?: number | null | undefined }): JSX.Element {
  const shown = point?.value ?? value;
  return (
    <td class="number" title={shown === undefined || shown === null ? '' : String(shown)}>
      {shown === 'NaN' ? 'not a number' : shown === 'Infinity' ? '∞' : shown === '-Infinity' ? '−∞' : figure(shown)}
    </td>
  );
}

function bestStep(metric: string, figures: MetricFigures | undefined): string {
  const best = higherIsBetter(metric) ? figures?.max : figures?.min;
  return best === null || best === undefined || figures === undefined || figures.count < 2 ? '–' : best.step.toLocaleString('en');
}

export function Parameters({ detail }: { detail: RunDetail }): JSX.Element | null {
  const params = Object.entries(detail.run.params);
  return (
    <Card title="Parameters">
      {params.length === 0 ? <p class="muted">None.</p> : null}
      <dl class="pairs">
        {params.map(([key, value]) => (
          <>
            <dt style={{ overflowWrap: 'anywhere' }}>{key}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
}

/** Where it came from: the code, the command, the data. */
export function Origin({ detail, links, post }: Props): JSX.Element {
  const { run, git, command, exit_code } = detail;
  const diff = detail.artifacts.some((artifact) => artifact.path === 'uncommitted.diff');
  return (
    <Card title="Origin">
      <dl class="pairs">
        <dt>Run</dt>
        <dd class="mono">{run.run_id}</dd>
        <dt>Code</dt>
        <dd>
          {git === null ? (
            <span class="muted">It lay in no Git repository when it ran, so its code was not kept.</span>
          ) : (
            <>
              <span class="mono">{git.commit.slice(0, 10)}</span>
              {git.branch === null ? ' (no branch)' : ` on ${git.branch}`}
              {git.dirty ? (
                <>
                  {', with '}
                  {diff ? <LinkButton onClick={() => post({ type: 'open_artifact', root: null, path: 'uncommitted.diff' })}>uncommitted changes</LinkButton> : 'uncommitted changes'}
                </>
              ) : null}
            </>
          )}
        </dd>
        {command === null ? null : (
          <>
            <dt>Command</dt>
            <dd class="mono">{command.join(' ')}</dd>
          </>
        )}
        {exit_code === null ? null : (
          <>
            <dt>Exit code</dt>
            <dd>{exit_code}</dd>
          </>
        )}
        {links.datasets.map(({ name, digest, source_type, context }) => (
          <>
            <dt>{context === null ? 'Data' : `Data, ${context}`}</dt>
            <dd>
              {name} <span class="muted mono">{digest}</span> <span class="muted">{source_type}</span>
            </dd>
          </>
        ))}
      </dl>
      {git === null ? null : (
        <p style={{ marginTop: '12px' }}>
          <Button onClick={() => post({ type: 'compare_code' })}>Compare code with…</Button>
        </p>
      )}
    </Card>
  );
}
