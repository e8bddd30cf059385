import type { JSX } from 'preact';
import type { Endpoint, EndpointPredictions, EndpointStats } from '../../src/contracts/endpoints.ts';
import type { Failure } from '../../src/contracts/errors.ts';
import type { FromEndpointPanel, ToEndpointPanel } from '../../src/contracts/panels/endpoint.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, LinkButton, Waiting } from '../components/controls.tsx';
import { EndpointBadge } from '../components/EndpointBadge.tsx';
import { moment } from '../components/format.ts';
import { Banner, Card, Header, Prose } from '../components/layout.tsx';
import { Live, type History } from '../components/Live.tsx';
import { Log } from '../components/Log.tsx';
import { TryIt } from '../components/TryIt.tsx';
import { installStyles } from '../components/styles.ts';
import { lookOf } from '../components/versions.tsx';
import { Snippets } from './Snippets.tsx';
import { Traffic, type Draft } from './Traffic.tsx';

installStyles(`.changes { overflow-wrap: anywhere; } .changes td:last-child { min-width: 160px; }`);

export interface EndpointPanelState {
  shown: Extract<ToEndpointPanel, { type: 'endpoint' }> | null;
  stats: EndpointStats | null;
  history: History;
  prediction: EndpointPredictions | null;
  wrong: Failure | null;
  failed: string | null;
}

export interface View {
  /** What stands in the form's fields, by input name; untouched fields are not there. */
  fields: Record<string, string>;
  snippet: number;
  /** Traffic as it was changed and not applied yet. */
  draft: Draft | null;
}

export const initialView: View = { fields: {}, snippet: 0, draft: null };

type Props = PanelProps<EndpointPanelState, View, FromEndpointPanel>;

export function EndpointView({ state, view, setView, post }: Props): JSX.Element {
  const { shown } = state;
  if (shown === null) {
    return (
      <main class="page">
        <Header title="Endpoint" />
        {state.failed === null ? <Waiting>Opening the endpoint…</Waiting> : <Banner kind="error">{state.failed}</Banner>}
      </main>
    );
  }
  const { endpoint } = shown;
  const off = endpoint.state === 'stopped' || endpoint.state === 'failed';
  return (
    <main class="page">
      <Header
        title={
          <>
            {endpoint.name} <EndpointBadge state={endpoint.state} />
          </>
        }
        subtitle={
          <>
            <LinkButton title="Copy the address" onClick={() => post({ type: 'copy_url' })}>
              {endpoint.url}
            </LinkButton>
            {factsOf(endpoint).map((fact) => ` · ${fact}`)}
          </>
        }
      >
        {off ? (
          <Button primary onClick={() => post({ type: 'start' })}>
            Start
          </Button>
        ) : (
          <Button onClick={() => post({ type: 'stop' })}>Stop</Button>
        )}
        {endpoint.history.length > 1 ? (
          <Button title="Back to what it served before its last change" onClick={() => post({ type: 'roll_back' })}>
            Roll back
          </Button>
        ) : null}
        <Button primary={!off} onClick={() => post({ type: 'open_monitor' })}>
          Open monitor
        </Button>
      </Header>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      {endpoint.error === null ? null : (
        <Banner kind={endpoint.state === 'failed' ? 'error' : 'warning'}>
          <Prose text={endpoint.error} /> <LinkButton onClick={() => post({ type: 'open_log' })}>Open its log</LinkButton>
        </Banner>
      )}
      {endpoint.log.enabled ? null : <Banner kind="note">Its predictions are not logged, so it cannot be monitored. `log: true` in its entry of ml.yaml changes that.</Banner>}
      <Card title="Live">
        <Live history={state.history} stats={off ? null : state.stats} served={endpoint.versions.map((version) => version.ulid)} />
        {!off && state.stats?.versions.every((version) => version.requests === 0) === true ? (
          <p class="muted" style={{ marginTop: '12px' }}>
            Nothing was asked since it started. Copy a request below and paste it into a terminal.
          </p>
        ) : null}
      </Card>
      <div class="section columns">
        <div>
          {shown.signature === null ? (
            <Card title="Try it">
              <Banner kind="note">The model’s inputs are not known here, so there is no form. Its artifact may be missing on this machine.</Banner>
            </Card>
          ) : (
            <TryIt
              signature={shown.signature}
              fields={view.fields}
              setFields={(fields) => setView({ fields })}
              predict={(ticket, row) => post({ type: 'predict', ticket, row })}
              prediction={state.prediction}
              wrong={state.wrong}
              {...(state.prediction === null ? {} : { note: `Answered by ${lookOf(state.prediction.version).name.toLowerCase()}, id ${state.prediction.ids[0] ?? ''}` })}
              {...(off ? { closed: 'The endpoint does not run. Start it to predict.' } : {})}
            />
          )}
        </div>
        <div>
          <Traffic endpoint={endpoint} models={shown.models} draft={view.draft} setDraft={(draft) => setView({ draft })} post={post} />
          <Snippets shown={shown} selected={view.snippet} select={(snippet) => setView({ snippet })} post={post} />
          <Changes endpoint={endpoint} />
        </div>
      </div>
      <Log text={shown.output} cut={shown.output !== ''} running={!off} showAll={() => post({ type: 'open_log' })} />
    </main>
  );
}

function factsOf(endpoint: Endpoint): string[] {
  return [
    endpoint.needs_key ? 'needs a key' : 'needs no key',
    endpoint.workers === 1 ? '1 worker' : `${endpoint.workers} workers`,
    ...(endpoint.ready_since === null ? [] : [`since ${moment(endpoint.ready_since)}`]),
    ...(endpoint.restarts === 0 ? [] : [endpoint.restarts === 1 ? 'restarted once' : `restarted ${endpoint.restarts} times`]),
  ];
}

/** What it served when, and why it changed. */
function Changes({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  return (
    <Card title="Changes of traffic">
      <div class="scroll">
        <table class="changes">
          <thead>
            <tr>
              <th>When</th>
              <th>Served</th>
              <th>Why</th>
            </tr>
          </thead>
          <tbody>
            {endpoint.history.map((change, index) => (
              <tr key={change.change_id} aria-current={index === 0}>
                <td style={{ whiteSpace: 'nowrap' }}>{moment(change.at)}</td>
                <td>
                  {change.versions.map((version) => (
                    <div key={version.ulid} style={{ whiteSpace: 'nowrap' }}>
                      {lookOf(version.version).name} {version.shadow ? 'shadow' : `${version.weight} %`}
                    </div>
                  ))}
                </td>
                <td>{change.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
