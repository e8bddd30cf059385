import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ColumnProfile, ProfileAlert } from '../../src/contracts/profile.ts';
import type { VegaSpec } from '../../src/contracts/query.ts';
import { Chart } from '../charts/Chart.tsx';
import { LinkButton } from '../components/controls.tsx';
import { count, figure, percent } from '../components/format.ts';
import { Icon } from '../components/icons.tsx';
import { Badge, Prose } from '../components/layout.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`
.profile-columns { border-top: 1px solid var(--line); margin-bottom: 12px; }
.column { border-bottom: 1px solid var(--line); padding: 8px 0; }
.column .summary { display: grid; grid-template-columns: minmax(180px, 1.2fr) 130px 130px minmax(160px, 1fr) 260px; gap: 4px 16px; align-items: center; }
.column .name { display: flex; align-items: center; gap: 4px; min-width: 0; } .column .name strong { overflow-wrap: anywhere; }
.column .name button.plain { display: flex; align-items: center; gap: 4px; min-width: 0; }
.column .detail { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 16px 32px; padding: 12px 0 8px 20px; }
.meter { height: 3px; background: var(--line); margin-top: 3px; } .meter > div { height: 100%; background: var(--warn); }
@media (max-width: 900px) { .column .summary { grid-template-columns: 1fr 1fr; } .column .summary > .drawing { grid-column: 1 / -1; } }
`);

interface Props {
  column: ColumnProfile;
  rows: number;
  charts: Record<string, VegaSpec>;
  alerts: ProfileAlert[];
  open: boolean;
  toggle(): void;
  /** null where training is not offered. */
  train: (() => void) | null;
}

export function ColumnRow({ column, rows, charts, alerts, open, toggle, train }: Props): JSX.Element {
  const missing = rows === 0 ? 0 : column.missing / rows;
  return (
    <div class="column" id={`column-${column.name}`}>
      <div class="summary">
        <div class="name">
          <button type="button" class="plain" aria-expanded={open} onClick={toggle}>
            <Icon name={open ? 'down' : 'right'} />
            <strong>{column.name}</strong>
          </button>
          <span class="muted" title={column.sql_type}>
            {column.type}
          </span>
          {alerts.length > 0 ? <Badge tone={alerts.some((alert) => alert.severity === 'warning') ? 'warn' : 'accent'}>{alerts.length === 1 ? (alerts[0]?.kind ?? '').replaceAll('_', ' ') : `${alerts.length} alerts`}</Badge> : null}
        </div>
        <div title={`${count(column.missing)} of ${count(rows)} rows`}>
          {column.missing === 0 ? <span class="muted">none missing</span> : `${percent(missing)} missing`}
          {column.missing === 0 ? null : (
            <div class="meter">
              <div style={{ width: `${Math.max(2, missing * 100)}%` }} />
            </div>
          )}
        </div>
        <div title={count(column.distinct)}>
          {column.distinct_approximate ? '≈ ' : ''}
          {figure(column.distinct)} distinct
        </div>
        <div class="muted">{digest(column)}</div>
        <div class="drawing">
          <Distribution column={column} rows={rows} charts={charts} />
        </div>
      </div>
      {open ? <Detail column={column} rows={rows} alerts={alerts} train={train} /> : null}
    </div>
  );
}

function digest(column: ColumnProfile): string {
  if (column.type === 'number') {
    return column.mean === undefined ? '' : `${figure(column.minimum)} to ${figure(column.maximum)}, mean ${figure(column.mean)}`;
  }
  if (column.first !== undefined && column.last !== undefined) {
    return `${column.first.slice(0, 10)} to ${column.last.slice(0, 10)}`;
  }
  const top = column.top_values?.[0];
  return top === undefined ? '' : `mostly ${shortened(top.value)}`;
}

function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}

const bars = 5;

function Distribution({ column, rows, charts }: Pick<Props, 'column' | 'rows' | 'charts'>): JSX.Element | null {
  const { histogram, top_values } = column;
  const values = useMemo(() => {
    if (histogram !== undefined) {
      const width = (histogram.maximum - histogram.minimum) / histogram.counts.length || 1;
      return histogram.counts.map((size, index) => ({ low: histogram.minimum + index * width, high: histogram.minimum + (index + 1) * width, count: size }));
    }
    return (top_values ?? []).slice(0, bars).map(({ value, count: size }) => ({ value: value === '' ? '(empty)' : value, count: size, share: rows === 0 ? 0 : size / rows }));
  }, [histogram, top_values, rows]);
  if (values.length === 0) {
    return null;
  }
  if (histogram !== undefined) {
    return <Chart spec={charts[column.type === 'number' ? 'histogram' : 'date_histogram']} values={values} height={64} label={`Distribution of ${column.name}: ${digest(column)}`} />;
  }
  return <Chart spec={charts['top_values']} values={values} height={16 * values.length + 8} label={`Most frequent values of ${column.name}: ${(top_values ?? []).slice(0, bars).map(({ value, count: size }) => `${value} ${size}`).join(', ')}`} />;
}

function Detail({ column, rows, alerts, train }: Pick<Props, 'column' | 'rows' | 'alerts' | 'train'>): JSX.Element {
  const facts: [string, string][] = [
    ['Type', `${column.type} (${column.sql_type})`],
    ['Missing', `${count(column.missing)} (${percent(rows === 0 ? 0 : column.missing / rows)})`],
    ['Distinct', `${column.distinct_approximate ? 'about ' : ''}${count(column.distinct)}`],
  ];
  const add = (name: string, value: number | undefined): void => {
    if (value !== undefined) {
      facts.push([name, figure(value)]);
    }
  };
  if (column.type === 'number') {
    add('Minimum', column.minimum);
    add('Maximum', column.maximum);
    add('Mean', column.mean);
    add('Standard deviation', column.standard_deviation);
    add('Skewness', column.skewness);
    add('Zeros', column.zeros);
  } else if (column.first !== undefined && column.last !== undefined) {
    facts.push(['First', column.first.slice(0, 19).replace('T00:00:00', '')], ['Last', column.last.slice(0, 19).replace('T00:00:00', '')]);
  }
  const quantiles = column.quantiles === undefined ? [] : Object.entries(column.quantiles).map(([name, value]) => [`${Number(name.slice(1))} %`, figure(value)] as const);
  return (
    <div class="detail">
      <dl class="pairs">
        {facts.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      {quantiles.length === 0 ? null : (
        <div>
          <h3>Quantiles</h3>
          <dl class="pairs">
            {quantiles.map(([name, value]) => (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            ))}
          </dl>
        </div>
      )}
      {column.top_values === undefined || column.top_values.length === 0 ? null : (
        <div>
          <h3>Most frequent</h3>
          <table>
            <tbody>
              {column.top_values.map(({ value, count: size }) => (
                <tr key={value}>
                  <td>{value === '' ? <em>empty text</em> : shortened(value)}</td>
                  <td class="number">{count(size)}</td>
                  <td class="number">{percent(size / rows)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div>
        {alerts.map((alert) => (
          <p key={alert.kind}>
            <Prose text={alert.message} />
          </p>
        ))}
        {train === null || column.distinct < 2 ? null : <LinkButton onClick={train}>Train a model that predicts this column…</LinkButton>}
      </div>
    </div>
  );
}
