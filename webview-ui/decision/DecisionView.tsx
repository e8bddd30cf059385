import type { JSX } from 'preact';
import type { FromDecisionPanel, ToDecisionPanel } from '../../src/contracts/panels/decision.ts';
import type { Decision } from '../../src/contracts/retraining.ts';
import type { PanelProps } from '../bridge/start.tsx';
import { Button, LinkButton, Waiting } from '../components/controls.tsx';
import { duration, metricName, moment } from '../components/format.ts';
import { Icon } from '../components/icons.tsx';
import { Banner, Card, Header, Prose } from '../components/layout.tsx';
import { lookOfOutcome, triggers } from '../components/Outcome.tsx';
import { installStyles } from '../components/styles.ts';
import { Comparison } from './Comparison.tsx';
import { Origin, WhatEachSaw } from './Origin.tsx';
import { Steps } from './Steps.tsx';
import { Truth } from './Truth.tsx';

installStyles(`
.answer { display: flex; gap: 12px; align-items: flex-start; border: 1px solid var(--line); border-left: 4px solid; border-radius: 4px; padding: 16px; margin-bottom: 20px; }
.answer .icon { width: 24px; height: 24px; flex: none; } .answer .word { font-size: 1.25em; font-weight: 600; color: var(--vscode-foreground); } .answer .sentence { margin-top: 4px; color: var(--vscode-foreground); overflow-wrap: anywhere; }
.reasons { margin: 8px 0 0; padding-left: 20px; color: var(--vscode-foreground); }
`);

export interface DecisionPanelState {
  shown: Extract<ToDecisionPanel, { type: 'decision' }> | null;
  failed: string | null;
}

type Props = PanelProps<DecisionPanelState, object, FromDecisionPanel>;

export function DecisionView({ state, post }: Props): JSX.Element {
  const { shown } = state;
  if (shown === null) {
    return (
      <main class="page">
        <Header title="Decision" />
        {state.failed === null ? (
          <Waiting>Opening the decision…</Waiting>
        ) : (
          <Banner kind="error">
            {state.failed} <LinkButton onClick={() => post({ type: 'ready' })}>Try again</LinkButton>
          </Banner>
        )}
      </main>
    );
  }
  const { decision, git, charts } = shown;
  const { comparison, endpoint } = decision;
  return (
    <main class="page">
      <Header
        title={`Retraining of ${decision.model}`}
        subtitle={
          <>
            <Prose text={startOf(decision)} />
            {` · ${moment(decision.created)}`}
            {decision.ended === null ? '' : ` · took ${duration(decision.ended - decision.created)}`}
          </>
        }
      >
        {decision.outcome === 'proposed' ? (
          <>
            <Button primary title="Registers the challenger, makes it champion and serves it" onClick={() => post({ type: 'promote' })}>
              Promote
            </Button>
            <Button title="Keeps the champion" onClick={() => post({ type: 'discard' })}>
              Discard
            </Button>
          </>
        ) : null}
        {decision.status === 'running' ? <Button onClick={() => post({ type: 'cancel' })}>Cancel</Button> : null}
        {endpoint === null ? (
          <Button onClick={() => post({ type: 'open_model', model: decision.model, version: null })}>Open model</Button>
        ) : (
          <Button onClick={() => post({ type: 'open_monitor', endpoint })}>Open monitor</Button>
        )}
      </Header>
      {state.failed === null ? null : <Banner kind="error">{state.failed}</Banner>}
      <Answer decision={decision} />
      <Card title="Steps">
        <Steps steps={decision.steps} />
      </Card>
      {comparison === null ? null : (
        <>
          <Card title={`${metricName(comparison.metric)} of champion and challenger on the same rows`}>
            <Comparison comparison={comparison} />
          </Card>
          {comparison.points.length === 0 ? null : (
            <Card title="What was, and what both said">
              <Truth points={comparison.points} charts={charts} />
            </Card>
          )}
        </>
      )}
      <div class="section columns">
        <WhatEachSaw decision={decision} post={post} />
        <Origin decision={decision} git={git} post={post} />
      </div>
    </main>
  );
}

/** What started it; by hand the detail says all. */
function startOf({ trigger }: Decision): string {
  const start = `Started ${triggers[trigger.kind]}`;
  return (trigger.detail === '' ? start : trigger.kind === 'manual' ? trigger.detail : `${start}: ${trigger.detail}`).replace(/\.$/, '');
}

/** The answer first, in a word, a colour and a picture; then why. */
function Answer({ decision }: { decision: Decision }): JSX.Element {
  const { word, icon, colour } = lookOfOutcome(decision);
  const more = (decision.comparison?.reasons ?? []).filter((reason) => !decision.sentence.includes(reason));
  return (
    <section class="answer" aria-label="Decision" aria-live="polite" style={{ borderLeftColor: colour, color: colour }}>
      <Icon name={icon} />
      <div>
        <div class="word">{word}</div>
        <div class="sentence">
          <Prose text={decision.sentence === '' && decision.status === 'running' ? 'A challenger is trained and compared with the champion on rows that neither saw.' : decision.sentence} />
        </div>
        {more.length === 0 ? null : (
          <ul class="reasons">
            {more.map((reason) => (
              <li key={reason}>
                <Prose text={reason} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
