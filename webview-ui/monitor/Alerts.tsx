import type { JSX } from 'preact';
import type { Alert } from '../../src/contracts/monitoring.ts';
import type { FromMonitorPanel } from '../../src/contracts/panels/monitor.ts';
import { LinkButton } from '../components/controls.tsx';
import { moment } from '../components/format.ts';
import { Banner, Prose } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';
import { lookOf } from '../components/versions.tsx';

installStyles(`.alert-actions { display: flex; gap: 4px 16px; flex-wrap: wrap; margin-top: 4px; }`);

const day = 86_400_000;

const names: Record<Alert['kind'], string> = { drift: 'Drift', quality: 'Data quality', performance: 'Worse score', errors: 'Errors' };

function titleOf({ kind, column }: Alert): string {
  return column === null ? names[kind] : `${names[kind]} of ${column}`;
}

/** What is open now, each with what can be done about it. */
export function OpenAlerts({ alerts, post }: { alerts: readonly Alert[]; post(message: FromMonitorPanel): void }): JSX.Element | null {
  const open = alerts.filter((alert) => alert.closed === null);
  if (open.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-label="Open alerts">
      {open.map((alert) => {
        const { alert_id } = alert;
        const muted = alert.muted_until !== null && alert.muted_until > Date.now();
        return (
          <Banner key={alert_id} kind={alert.acknowledged !== null || muted ? 'note' : alert.kind === 'errors' ? 'error' : 'warning'}>
            <strong>{titleOf(alert)}:</strong> <Prose text={alert.message} />
            <div class="alert-actions">
              <span class="muted">
                {lookOf(alert.version).name}, since {moment(alert.opened)}
                {alert.windows > 1 ? `, confirmed by ${alert.windows} windows` : ''}
                {alert.acknowledged === null ? '' : ', acknowledged'}
              </span>
              <LinkButton onClick={() => post({ type: 'acknowledge', alert_id, acknowledged: alert.acknowledged === null })}>{alert.acknowledged === null ? 'Acknowledge' : 'Undo acknowledging'}</LinkButton>
              {muted ? (
                <LinkButton onClick={() => post({ type: 'mute', alert_id, muted_for: 0 })}>Muted until {moment(alert.muted_until ?? 0)}: end it</LinkButton>
              ) : (
                <LinkButton title="No new notification for this endpoint, kind and column" onClick={() => post({ type: 'mute', alert_id, muted_for: day })}>
                  Mute for a day
                </LinkButton>
              )}
            </div>
          </Banner>
        );
      })}
    </section>
  );
}

export function ClosedAlerts({ alerts }: { alerts: readonly Alert[] }): JSX.Element | null {
  const closed = alerts.filter((alert) => alert.closed !== null);
  if (closed.length === 0) {
    return null;
  }
  return (
    <details>
      <summary>
        {closed.length === 1 ? '1 earlier alert' : `${closed.length} earlier alerts`}
      </summary>
      <table>
        <thead>
          <tr>
            <th>Alert</th>
            <th>What was found</th>
            <th>Opened</th>
            <th>Closed</th>
          </tr>
        </thead>
        <tbody>
          {closed.map((alert) => (
            <tr key={alert.alert_id}>
              <td>{titleOf(alert)}</td>
              <td>
                <Prose text={alert.message} />
              </td>
              <td style={{ whiteSpace: 'nowrap' }}>{moment(alert.opened)}</td>
              <td style={{ whiteSpace: 'nowrap' }}>{moment(alert.closed ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
