import type { JSX } from 'preact';
import type { FromDecisionPanel } from '../../src/contracts/panels/decision.ts';
import type { Contestant, Decision } from '../../src/contracts/retraining.ts';
import type { GitState } from '../../src/contracts/runs.ts';
import { LinkButton } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { Card } from '../components/layout.tsx';
import { lookOf, VersionMark } from '../components/versions.tsx';

interface Props {
  decision: Decision;
  post(message: FromDecisionPanel): void;
}

/** What champion and challenger were fitted on, and which rows were left out because one of them knew them. */
export function WhatEachSaw({ decision, post }: Props): JSX.Element {
  const { champion, challenger, comparison, model } = decision;
  const cell = (contestant: Contestant | null, of: (contestant: Contestant) => JSX.Element | string): JSX.Element => <td class="number">{contestant === null ? '–' : of(contestant)}</td>;
  const row = (label: string, of: (contestant: Contestant) => JSX.Element | string): JSX.Element => (
    <tr>
      <td>{label}</td>
      {cell(champion, of)}
      {cell(challenger, of)}
    </tr>
  );
  const seen = comparison?.rows;
  return (
    <Card title="What each saw">
      {champion === null ? <p class="muted">There was no champion to compare with.</p> : null}
      <table>
        <thead>
          <tr>
            <th>
              <span class="sr">What</span>
            </th>
            <th class="number">Champion</th>
            <th class="number">Challenger</th>
          </tr>
        </thead>
        <tbody>
          {row('Version', (contestant) =>
            contestant.version === null ? (
              'not registered'
            ) : (
              <LinkButton onClick={() => post({ type: 'open_model', model, version: contestant.version })}>
                <VersionMark version={contestant.version} />
                {lookOf(contestant.version).name}
              </LinkButton>
            ),
          )}
          {row('Run', (contestant) => {
            const { run_id } = contestant;
            return run_id === null ? '–' : <LinkButton title={run_id} onClick={() => post({ type: 'open_run', run_id })}>{`…${run_id.slice(-6)}`}</LinkButton>;
          })}
          {row('Trainer', (contestant) => contestant.trainer)}
          {row('Rows it was fitted on', (contestant) => (contestant.fitted_rows === null ? 'not known' : count(contestant.fitted_rows)))}
          {row('Newest row among them', (contestant) => contestant.fitted_until ?? '–')}
          {seen === undefined ? null : (
            <tr>
              <td>Rows on offer that it had seen</td>
              <td class="number">{champion === null ? '–' : count(seen.seen_by_champion)}</td>
              <td class="number">{count(seen.seen_by_challenger)}</td>
            </tr>
          )}
        </tbody>
      </table>
      {seen === undefined ? null : (
        <p class="muted" style={{ marginTop: '12px' }}>
          Of {count(seen.offered)} rows on offer, {count(seen.compared)} are compared: those that neither model’s fit, tuning, calibration or early stopping saw.
        </p>
      )}
    </Card>
  );
}

export function Origin({ decision, git, post }: Props & { git: GitState | null }): JSX.Element {
  const { data, comparison, endpoint, model, challenger } = decision;
  const run_id = challenger?.run_id ?? null;
  return (
    <Card title="Where it comes from">
      <dl class="pairs">
        <dt>Model</dt>
        <dd>
          <LinkButton onClick={() => post({ type: 'open_model', model, version: null })}>{model}</LinkButton>
        </dd>
        {endpoint === null ? null : (
          <>
            <dt>Endpoint</dt>
            <dd>
              <LinkButton onClick={() => post({ type: 'open_endpoint', endpoint })}>{endpoint}</LinkButton>
            </dd>
          </>
        )}
        {decision.retraining === model ? null : (
          <>
            <dt>Entry in ml.yaml</dt>
            <dd>{decision.retraining}</dd>
          </>
        )}
        {run_id === null ? null : (
          <>
            <dt>Run</dt>
            <dd>
              <LinkButton onClick={() => post({ type: 'open_run', run_id })}>{run_id}</LinkButton>
            </dd>
          </>
        )}
        {data === null ? null : (
          <>
            <dt>Data</dt>
            <dd>
              {data.path}, {count(data.rows)} rows,{' '}
              <span class="mono" title={data.sha256}>
                {data.sha256.slice(0, 12)}
              </span>
            </dd>
          </>
        )}
        {comparison === null || comparison.from === null ? null : (
          <>
            <dt>Newest rows</dt>
            <dd>
              {comparison.from} to {comparison.to}
            </dd>
          </>
        )}
        {git === null ? null : (
          <>
            <dt>Git</dt>
            <dd>
              <span class="mono">{git.commit.slice(0, 10)}</span>
              {git.branch === null ? ' (no branch)' : ` on ${git.branch}`}
              {git.dirty ? ', with uncommitted changes' : ''}
            </dd>
          </>
        )}
        <dt>Decision</dt>
        <dd class="mono">{decision.decision_id}</dd>
      </dl>
    </Card>
  );
}
