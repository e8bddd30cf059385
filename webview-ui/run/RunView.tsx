import type { JSX } from 'preact';
import type { FromRunPanel } from '../../src/contracts/panels/run.ts';
import type { MetricPoint, RunDetail } from '../../src/contracts/runs.ts';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, LinkButton, Waiting } from '../components/controls.tsx';
import { bytes, duration, figure, metricName, moment } from '../components/format.ts';
import { Banner, Card, Header, Progress, Prose } from '../components/layout.tsx';
import { StatusBadge } from '../components/StatusBadge.tsx';
import { Curves } from './Curves.tsx';
import { Log } from '../components/Log.tsx';
import { Notes } from './Notes.tsx';
import { Report } from './Report.tsx';

export interface RunState {
  detail: RunDetail | null;
  points: MetricPoint[];
  charts: Record<string, VegaSpec>;
  output: string;
  /** Whether the output's beginning is not shown. */
  cut: boolean;
  failed: string | null;
  /** Why the last change of the note, the tags or the baseline was not kept. */
  notEdited: { message: string } | null;
}

export interface View {
  allCurves: boolean;
}

export const initialView: View = { allCurves: false };

type Props = PanelProps<RunState, View, FromRunPanel>;

export function RunView({ state, post }: Props): JSX.Element {
  const { detail } = state;
  if (detail === null) {
    return (
      <main class="page">
        <Header title="Run" />
        {state.failed === null ? <Waiting>Opening the run…</Waiting> : <Failed message={state.failed} post={post} />}
      </main>
    );
  }
  const { run, report } = detail;
  const running = run.status === 'running' || run.status === 'queued';
  const hasModel = report !== null && run.status === 'finished';
  return (
    <main class="page">
      <Header
        title={
          <>
            {run.name} <StatusBadge status={run.status} />
          </>
        }
        subtitle={
          <>
            <LinkButton onClick={() => post({ type: 'open_source' })}>{run.source}</LinkButton>
            {` · ${moment(run.created)}`}
            {run.started === null || run.ended === null ? '' : ` · took ${duration(run.ended - run.started)}`}
          </>
        }
      >
        {running ? (
          run.kind === 'external' ? null : <Button onClick={() => post({ type: 'cancel' })}>Cancel</Button>
        ) : (
          <>
            {hasModel ? (
              <Button primary={detail.registered.length === 0} onClick={() => post({ type: 'register' })}>
                Register model…
              </Button>
            ) : null}
            <Button onClick={() => post({ type: 'compare' })}>Compare…</Button>
          </>
        )}
      </Header>
      {state.failed === null ? null : <Failed message={state.failed} post={post} />}
      {run.error === null ? null : (
        <Banner kind={run.status === 'cancelled' ? 'note' : 'error'}>
          <Prose text={run.error} /> {run.status === 'failed' ? <LinkButton onClick={() => post({ type: 'show_output' })}>Show the whole output</LinkButton> : null}
        </Banner>
      )}
      {detail.registered.map(({ model, version }) => (
        <Banner key={`${model}/${version}`} kind="good">
          Registered as <LinkButton onClick={() => post({ type: 'open_model', model: `${model}/${version}` })}>{`${model} version ${version}`}</LinkButton>.
        </Banner>
      ))}
      {run.status === 'queued' ? <Progress fraction={null} message="Waiting for its turn" /> : null}
      {run.status === 'running' ? <Progress fraction={run.progress?.fraction ?? null} message={run.progress === null ? 'Running' : capital(run.progress.message)} /> : null}
      {report === null ? <Metrics detail={detail} /> : <Report report={report} charts={state.charts} />}
      <Curves points={state.points} spec={state.charts['curves']} about={run.kind === 'training' ? 'training' : 'script'} />
      {run.kind === 'external' ? null : <Log text={state.output} cut={state.cut} running={running} showAll={() => post({ type: 'show_output' })} />}
      <Curves points={state.points} spec={state.charts['curves']} about="system" />
      <Notes detail={detail} problem={state.notEdited} post={post} />
      <div class="columns">
        <Facts detail={detail} post={post} />
        <Artifacts detail={detail} post={post} />
      </div>
    </main>
  );
}

function Failed({ message, post }: { message: string; post: Props['post'] }): JSX.Element {
  return (
    <Banner kind="error">
      <Prose text={message} /> <LinkButton onClick={() => post({ type: 'ready' })}>Try again</LinkButton>
    </Banner>
  );
}

/** A script's own metrics, as it last printed them. */
function Metrics({ detail }: { detail: RunDetail }): JSX.Element | null {
  const metrics = Object.entries(detail.run.metrics).filter(([key]) => (detail.run.kind === 'training' ? !key.includes('/') : !key.startsWith('system/')));
  if (metrics.length === 0) {
    return detail.run.kind === 'script' && detail.run.status !== 'queued' ? <p class="muted">No metrics yet. Lines such as “epoch=3 loss=0.21” or “roc_auc: 0.93” in the output become metrics.</p> : null;
  }
  return (
    <Card title="Metrics">
      <table style={{ width: 'auto', minWidth: '280px' }}>
        <tbody>
          {metrics.map(([key, value]) => (
            <tr key={key}>
              <td>{detail.run.kind === 'training' ? metricName(key) : key}</td>
              <td class="number" title={String(value)}>
                {value === null ? 'not a number' : figure(value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Facts({ detail, post }: { detail: RunDetail; post: Props['post'] }): JSX.Element {
  const { run, git, command, exit_code } = detail;
  const diff = detail.artifacts.some((artifact) => artifact.path === 'uncommitted.diff');
  const params = Object.entries(run.params);
  return (
    <Card title="Parameters and origin">
      <dl class="pairs">
        {params.map(([key, value]) => (
          <>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </>
        ))}
        <dt>Run</dt>
        <dd class="mono">{run.run_id}</dd>
        {git === null ? null : (
          <>
            <dt>Git</dt>
            <dd>
              <span class="mono">{git.commit.slice(0, 10)}</span>
              {git.branch === null ? ' (no branch)' : ` on ${git.branch}`}
              {git.dirty ? (
                <>
                  {', with '}
                  {diff ? <LinkButton onClick={() => post({ type: 'open_artifact', path: 'uncommitted.diff' })}>uncommitted changes</LinkButton> : 'uncommitted changes'}
                </>
              ) : null}
            </dd>
          </>
        )}
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
      </dl>
    </Card>
  );
}

function Artifacts({ detail, post }: { detail: RunDetail; post: Props['post'] }): JSX.Element {
  return (
    <Card title="Artifacts">
      {detail.artifacts.length === 0 ? <p class="muted">None yet.</p> : null}
      <table>
        <tbody>
          {detail.artifacts.map((artifact) => (
            <tr key={artifact.path}>
              <td>
                <LinkButton onClick={() => post({ type: 'open_artifact', path: artifact.path })}>{artifact.path}</LinkButton>
              </td>
              <td class="number">{bytes(artifact.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
