import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { BinShares, ColumnDrift, DriftMethod, MonitorWindow } from '../../src/contracts/monitoring.ts';
import type { VegaSpec } from '../../src/contracts/query.ts';
import { Chart } from '../charts/Chart.tsx';
import { LinkButton } from '../components/controls.tsx';
import { count, percent, period } from '../components/format.ts';
import { Icon } from '../components/icons.tsx';
import { Badge, Empty } from '../components/layout.tsx';
import { Sparkline, TwinBars } from '../components/Sparkline.tsx';
import { installStyles } from '../components/styles.ts';

installStyles(`
.drift td { vertical-align: middle; height: 40px; } .drift .badge { vertical-align: middle; } .drift svg { display: block; }
.drift button.plain { display: inline-flex; align-items: center; gap: 4px; } .drift .detail td { height: auto; padding: 8px 0 16px 20px; }
.verdict { display: inline-flex; align-items: center; gap: 4px; white-space: nowrap; } .verdict .icon { flex: none; }
.key { display: inline-flex; align-items: center; vertical-align: middle; gap: 4px; margin-right: 16px; } .key i { width: 12px; height: 8px; display: inline-block; }
`);

interface Props {
  /** Of one version, newest last. */
  windows: readonly MonitorWindow[];
  waiting: number;
  size: number;
  spec: VegaSpec | undefined;
  open: string[];
  setOpen(open: string[]): void;
  /** Whether columns are shown that are as in training. */
  all: boolean;
  setAll(all: boolean): void;
}

const methods: Record<DriftMethod, string> = { ks: 'p-value', chisquare: 'p-value', z: 'p-value', jensenshannon: 'Jensen–Shannon', wasserstein: 'Wasserstein', psi: 'PSI' };

/** A p-value below its threshold drifts; a distance above it does. */
function isPValue(method: DriftMethod): boolean {
  return methods[method] === 'p-value';
}

/** What `statistic` is really held against: the threshold, or what chance alone reaches in windows of this size. */
function limitOf(column: ColumnDrift): number {
  return isPValue(column.method) ? column.threshold : Math.max(column.threshold, column.null_quantile ?? 0);
}

function badness(column: ColumnDrift): number {
  if (column.statistic === null) {
    return -1;
  }
  const ratio = isPValue(column.method) ? column.threshold / Math.max(column.statistic, 1e-12) : column.statistic / Math.max(limitOf(column), 1e-12);
  return (column.drift ? 1e6 : 0) + ratio;
}

/** So many columns are shown even where none drifts. */
const quiet = 10;

/** The columns of the newest window, worst first, each with its course over the windows. */
export function Drift({ windows, waiting, size, spec, open, setOpen, all, setAll }: Props): JSX.Element {
  const judged = useMemo(() => windows.filter((window) => window.drift !== null), [windows]);
  const newest = judged.at(-1);
  const report = newest?.drift;
  if (newest === undefined || report === null || report === undefined) {
    return (
      <Empty>
        No window is full yet: {count(waiting)} of {count(size)} predictions are there. Then every input and the output are compared with the data that the model was trained on.
      </Empty>
    );
  }
  const columns = report.columns.toSorted((a, b) => badness(b) - badness(a));
  const rows = columns.filter((column, index) => all || index < quiet || column.drift || open.includes(column.name));
  const drifted = columns.filter((column) => column.drift).length;
  const course = (name: string): (number | null)[] => judged.slice(-40).map((window) => window.drift?.columns.find((column) => column.name === name)?.statistic ?? null);
  return (
    <>
      <p>
        {drifted === 0 ? 'No column drifts' : drifted === 1 ? '1 column drifts' : `${drifted} columns drift`} in the newest window{' '}
        <span class="muted">
          ({count(newest.rows)} predictions, {period(newest.from, newest.to)}).
        </span>
      </p>
      {report.problems.map((problem) => (
        <p key={problem} class="muted">
          {problem}
        </p>
      ))}
      <p class="muted">
        <span class="key">
          <i style={{ background: 'var(--accent)', opacity: 0.7 }} /> this window
        </span>
        <span class="key">
          <i style={{ border: '1px solid var(--vscode-foreground)', borderBottom: 0 }} /> training
        </span>
        <span class="key">
          <i style={{ height: 0, borderTop: '1px dashed var(--warn)' }} /> limit
        </span>
      </p>
      <div class="scroll">
        <table class="drift">
          <thead>
            <tr>
              <th>Column</th>
              <th>Distribution</th>
              <th class="number" title="How far the values of the newest window lie from those of training">{methods[columns[0]?.method ?? 'psi']}</th>
              <th class="number" title="Beyond it a column drifts">Limit</th>
              <th>Over windows</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((column) => {
              const shown = open.includes(column.name);
              const toggle = (): void => setOpen(shown ? open.filter((name) => name !== column.name) : [...open, column.name]);
              return (
                <>
                  <tr key={column.name}>
                    <td>
                      <button type="button" class="plain" aria-expanded={shown} onClick={toggle}>
                        <Icon name={shown ? 'down' : 'right'} />
                        <strong>{column.name}</strong>
                      </button>{' '}
                      {column.role === 'prediction' ? <Badge tone="accent">prediction</Badge> : null}
                    </td>
                    <td>{column.bins === null ? <span class="muted">–</span> : <TwinBars reference={column.bins.reference} current={column.bins.current} />}</td>
                    <td class="number" title={titleOf(column)}>
                      {statistic(column.statistic)}
                    </td>
                    <td class="number" title={column.null_quantile === null ? '' : `99 % of windows without a change stay below ${column.null_quantile}`}>
                      {statistic(limitOf(column))}
                    </td>
                    <td>{isPValue(column.method) || column.statistic === null ? null : <Sparkline values={course(column.name)} level={limitOf(column)} />}</td>
                    <td>
                      <Verdict column={column} />
                    </td>
                  </tr>
                  {shown ? (
                    <tr class="detail" key={`${column.name} detail`}>
                      <td colSpan={6}>
                        {column.bins === null ? <span class="muted">Its distribution is not known.</span> : <Distribution name={column.name} bins={column.bins} spec={spec} />}
                        <p class="muted" style={{ marginTop: '8px' }}>
                          {count(column.n_current)} values beside {count(column.n_reference)} of training{column.note === null ? '' : `, ${column.note}`}.
                        </p>
                      </td>
                    </tr>
                  ) : null}
                </>
              );
            })}
          </tbody>
        </table>
      </div>
      {rows.length === columns.length ? null : (
        <p class="muted" style={{ marginTop: '12px' }}>
          {columns.length - rows.length} more as in training. <LinkButton onClick={() => setAll(true)}>Show all columns</LinkButton>
        </p>
      )}
    </>
  );
}

function Verdict({ column }: { column: ColumnDrift }): JSX.Element {
  if (column.statistic === null) {
    return (
      <span class="verdict muted" title={column.note ?? ''}>
        <Icon name="skipped" /> not judged
      </span>
    );
  }
  return (
    <span class="verdict">
      <span style={{ color: column.drift ? 'var(--warn)' : 'var(--good)', display: 'inline-flex' }}>
        <Icon name={column.drift ? 'warning' : 'good'} />
      </span>
      {column.drift ? 'drifts' : 'as in training'}
    </span>
  );
}

function Distribution({ name, bins, spec }: { name: string; bins: BinShares; spec: VegaSpec | undefined }): JSX.Element {
  const values = useMemo(() => bins.labels.flatMap((label, index) => [{ label, side: 'reference', share: bins.reference[index] ?? 0 }, { label, side: 'current', share: bins.current[index] ?? 0 }]), [bins]);
  const label = `${name}: ${bins.labels.map((each, index) => `${each} ${percent(bins.current[index] ?? 0)}, in training ${percent(bins.reference[index] ?? 0)}`).join('; ')}`;
  return <Chart spec={spec} values={values} height={140} label={label} />;
}

function statistic(value: number | null): string {
  return value === null ? '–' : value < 0.001 && value > 0 ? '< 0.001' : value.toFixed(3);
}

function titleOf(column: ColumnDrift): string {
  return [column.statistic === null ? '' : `${methods[column.method]} ${column.statistic}`, column.p_value === null ? '' : `p-value ${column.p_value}`].filter((part) => part !== '').join('\n');
}
