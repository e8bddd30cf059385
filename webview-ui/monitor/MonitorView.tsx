import type { JSX } from 'preact';
import type { EndpointStats } from '../../src/contracts/endpoints.ts';
import type { Monitor, WatchedVersion } from '../../src/contracts/monitoring.ts';
import type { FromMonitorPanel, ToMonitorPanel } from '../../src/contracts/panels/monitor.ts';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, Dropdown, LinkButton, Waiting } from '../components/controls.tsx';
import { count, metricName, percent } from '../components/format.ts';
import { Banner, Card, Empty, Header } from '../components/layout.tsx';
import { Live, type History } from '../components/Live.tsx';
import { lookOf, VersionMark } from '../components/versions.tsx';
import { ClosedAlerts, OpenAlerts } from './Alerts.tsx';
import { Drift } from './Drift.tsx';
import { Quality } from './Quality.tsx';
import { Retrainings } from './Retrainings.tsx';
import { Scores } from './Scores.tsx';

export interface MonitorPanelState {
  shown: Extract<ToMonitorPanel, { type: 'monitor' }> | null;
  stats: EndpointStats | null;
  history: History;
  failed: string | null;
}

export interface View {
  /** The version whose drift and quality are shown; empty: the first. */
  ulid: string;
  /** The columns whose distribution is shown. */
  open: string[];
  /** Whether columns are shown that are as in training. */
  all: boolean;
}

export const initialView: View = { ulid: '', open: [], all: false };

type Props = PanelProps<MonitorPanelState, View, FromMonitorPanel>;

export function MonitorView({ state, view, setView, post }: Props): JSX.Element {
  const { shown } = state;
  if (shown === null) {
    return (
      <main class="page">
        <Header title="Monitor" />
        {state.failed === null ? <Waiting>Opening the monitor…</Waiting> : <Failed message={state.failed} post={post} />}
      </main>
    );
  }
  const { monitor, decisions, retraining, charts } = shown;
  const version = monitor.versions.find((each) => each.ulid === view.ulid) ?? monitor.versions[0];
  const windows = monitor.windows.filter((window) => window.ulid === version?.ulid);
  const metric = monitor.settings.metric ?? monitor.windows.findLast((window) => window.performance !== null)?.performance?.metric ?? null;
  const asked = monitor.versions.some((each) => each.predictions > 0);
  return (
    <main class="page">
      <Header
        title={
          <>
            {monitor.endpoint} <span class="muted">monitor</span>
          </>
        }
        subtitle={
          <>
            {settingsOf(monitor)} <LinkButton onClick={() => post({ type: 'open_settings' })}>Settings in ml.yaml</LinkButton>
          </>
        }
      >
        <Button primary={monitor.alerts.some((alert) => alert.closed === null)} onClick={() => post({ type: 'retrain' })}>
          Retrain…
        </Button>
        {asked ? <Button onClick={() => post({ type: 'add_labels' })}>Add labels…</Button> : null}
        <Button onClick={() => post({ type: 'open_endpoint' })}>Open endpoint</Button>
      </Header>
      {state.failed === null ? null : <Failed message={state.failed} post={post} />}
      <OpenAlerts alerts={monitor.alerts} post={post} />
      {monitor.versions.map((each) =>
        each.problem === null ? null : (
          <Banner key={each.ulid} kind="warning">
            {lookOf(each.version).name} cannot be watched: {each.problem}
          </Banner>
        ),
      )}
      {asked ? (
        <Card title="Predictions">
          <Versions monitor={monitor} post={post} />
        </Card>
      ) : (
        <Card title="Predictions">
          <Empty actions={<Button onClick={() => post({ type: 'open_endpoint' })}>Open endpoint</Button>}>Nothing was predicted yet. The endpoint’s panel has snippets that ask it, ready to be pasted.</Empty>
        </Card>
      )}
      <Card title="Traffic and latency">
        <Live history={state.history} stats={state.stats} served={monitor.versions.map((each) => each.ulid)} />
      </Card>
      <Card title={metric === null ? 'Score over time' : `${metricName(metric)} over time, ${higherIsBetter(metric) ? 'more' : 'less'} is better`}>
        <Scores monitor={monitor} decisions={decisions} spec={charts['timeline']} asked={asked} post={post} />
      </Card>
      {version === undefined || !asked ? null : (
        <>
          {monitor.versions.length < 2 ? null : (
            <div class="toolbar">
              <span class="muted">Drift and data quality of</span>
              <Dropdown inline label="Version" value={version.ulid} options={monitor.versions.map((each) => ({ value: each.ulid, label: `${lookOf(each.version).name}${each.shadow ? ', shadow' : ''}` }))} onChange={(ulid) => setView({ ulid })} />
            </div>
          )}
          <Card title="Drift">
            <Drift windows={windows} waiting={version.waiting} size={monitor.settings.window} spec={charts['bins']} open={view.open} setOpen={(open) => setView({ open })} all={view.all} setAll={(all) => setView({ all })} />
          </Card>
          <Card title="Data quality">
            <Quality windows={windows} />
          </Card>
        </>
      )}
      <div class="section columns">
        <Labels monitor={monitor} />
        <Retrainings decisions={decisions} entry={retraining} post={post} />
      </div>
      <ClosedAlerts alerts={monitor.alerts} />
    </main>
  );
}

function Failed({ message, post }: { message: string; post: Props['post'] }): JSX.Element {
  return (
    <Banner kind="error">
      {message} <LinkButton onClick={() => post({ type: 'ready' })}>Try again</LinkButton>
    </Banner>
  );
}

function settingsOf({ model, settings }: Monitor): string {
  const consecutive = settings.consecutive === 1 ? '' : `, ${settings.consecutive} in a row for an alert`;
  return `Watches ${model} in windows of ${count(settings.window)} predictions${consecutive}.`;
}

function Versions({ monitor, post }: { monitor: Monitor; post: Props['post'] }): JSX.Element {
  const waits = monitor.versions.some((version) => version.waiting > 0);
  const labels = (version: WatchedVersion): string => (version.predictions === 0 ? '–' : percent(version.labelled / version.predictions));
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Version</th>
              <th class="number">Predictions</th>
              <th class="number">With a label</th>
              <th class="number">Share</th>
              <th class="number" title="A window is judged as soon as it holds so many predictions">Next window</th>
            </tr>
          </thead>
          <tbody>
            {monitor.versions.map((version) => (
              <tr key={version.ulid}>
                <td style={{ whiteSpace: 'nowrap' }}>
                  <VersionMark version={version.version} />
                  {lookOf(version.version).name}
                  {version.shadow ? <span class="muted"> shadow</span> : null}
                </td>
                <td class="number">{count(version.predictions)}</td>
                <td class="number">{count(version.labelled)}</td>
                <td class="number">{labels(version)}</td>
                <td class="number">
                  {count(version.waiting)} of {count(monitor.settings.window)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {waits ? (
        <p class="muted" style={{ marginTop: '12px' }}>
          A window is judged as soon as it is full. <LinkButton onClick={() => post({ type: 'look' })}>Judge what is there now</LinkButton>
        </p>
      ) : null}
    </>
  );
}

function Labels({ monitor }: { monitor: Monitor }): JSX.Element {
  const labelled = monitor.versions.reduce((sum, version) => sum + version.labelled, 0);
  const waiting = monitor.versions.reduce((sum, version) => sum + version.waiting_labelled, 0);
  return (
    <Card title="Labels">
      {labelled === 0 ? (
        <p>What turned out to be true is not known yet, so there is no score. Add it from a file with the predictions’ ids, or send it to the endpoint’s /labels.</p>
      ) : (
        <dl class="pairs">
          <dt>Joined by id</dt>
          <dd>{count(labelled)}</dd>
          <dt>Waiting for a full window</dt>
          <dd>{count(waiting)}</dd>
          <dt>For ids never predicted</dt>
          <dd>{count(monitor.unknown_labels)}</dd>
          <dt>Given more than once</dt>
          <dd>
            {count(monitor.repeated_labels)}
            {monitor.repeated_labels === 0 ? '' : ', the last counts'}
          </dd>
        </dl>
      )}
    </Card>
  );
}
