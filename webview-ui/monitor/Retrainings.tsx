import type { JSX } from 'preact';
import type { FromMonitorPanel } from '../../src/contracts/panels/monitor.ts';
import type { Decision } from '../../src/contracts/retraining.ts';
import { LinkButton } from '../components/controls.tsx';
import { moment } from '../components/format.ts';
import { Card, Prose } from '../components/layout.tsx';
import { Outcome, triggers } from '../components/Outcome.tsx';

interface Props {
  decisions: readonly Decision[];
  /** The entry of ml.yaml that retrains this endpoint's model. */
  entry: string | null;
  post(message: FromMonitorPanel): void;
}

/** What retraining decided for this endpoint, newest first. */
export function Retrainings({ decisions, entry, post }: Props): JSX.Element {
  return (
    <Card title="Retraining">
      {entry === null ? (
        <p>
          Nothing retrains this model by itself. An entry in <code>retraining</code> of ml.yaml starts it on drift, on a worse score, on new data or on a schedule. <LinkButton onClick={() => post({ type: 'add_retraining' })}>Add an entry</LinkButton>
        </p>
      ) : (
        <p class="muted">
          By <LinkButton onClick={() => post({ type: 'add_retraining' })}>{entry}</LinkButton> in ml.yaml.
        </p>
      )}
      {decisions.length === 0 ? (
        <p class="muted">It was not retrained yet.</p>
      ) : (
        <table>
          <tbody>
            {decisions.map((decision) => (
              <tr key={decision.decision_id}>
                <td class="tight">
                  <LinkButton onClick={() => post({ type: 'open_decision', decision_id: decision.decision_id })}>
                    <Outcome decision={decision} />
                  </LinkButton>
                </td>
                <td>
                  <Prose text={decision.sentence} />
                  <div class="muted">
                    {moment(decision.created)}, {triggers[decision.trigger.kind]}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
