// Requests and latency as they come: the last minutes, kept in the panel.
import type { JSX } from 'preact';
import type { EndpointStats, VersionStats } from '../../src/contracts/endpoints.ts';
import { count, latency, rate } from './format.ts';
import { pathOf } from './Sparkline.tsx';
import { installStyles } from './styles.ts';
import { lookOf, VersionMark } from './versions.tsx';

installStyles(`
.live { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); gap: 16px 32px; margin-bottom: 16px; }
.live .title { display: flex; justify-content: space-between; margin-bottom: 4px; } .live .title span:first-child { font-weight: 600; } .live .title span:last-child { font-variant-numeric: tabular-nums; }
.live .plot { position: relative; height: 88px; border-bottom: 1px solid var(--line); } .live .plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.live .plot .top { position: absolute; top: -2px; left: 0; color: var(--muted); font-size: 0.85em; font-variant-numeric: tabular-nums; }
.live .span { display: flex; justify-content: space-between; color: var(--muted); font-size: 0.85em; margin-top: 2px; }
`);

/** What the panel keeps; the server tells every two seconds, so this is ten minutes. */
const longest = 300;
/** Without news for so long the line is broken, in milliseconds. */
const gap = 10_000;

export type History = readonly EndpointStats[];

/** The history with what was just told. A model server that started anew counts from zero, so its latencies do too. */
export function grown(history: History, stats: EndpointStats): History {
  const last = history.at(-1);
  return last !== undefined && last.at >= stats.at ? history : [...history, stats].slice(-longest);
}

interface Line {
  colour: string;
  values: (number | null)[];
}

interface Props {
  history: History;
  /** null while it does not run. */
  stats: EndpointStats | null;
  /** The ULIDs of the versions that it serves now. The counts know all since the start. */
  served: readonly string[];
}

/** Requests a second and the 95th percentile of each served version's latency, then the counts since the start. */
export function Live({ history, stats, served }: Props): JSX.Element {
  const points = broken(history);
  const all = stats?.versions ?? [];
  const versions = all.filter((version) => served.includes(version.ulid));
  const slowest = Math.max(0, ...versions.map((version) => version.p95 ?? 0));
  return (
    <>
      <div class="live">
        <Plot title="Requests a second" now={stats === null ? '–' : rate(stats.requests_per_second)} times={points.map((point) => point.at)} lines={[{ colour: 'var(--vscode-foreground)', values: points.map((point) => point.stats?.requests_per_second ?? null) }]} unit={rate} />
        <Plot
          title="Latency, 95th percentile"
          now={slowest === 0 ? '–' : latency(slowest)}
          times={points.map((point) => point.at)}
          lines={versions.map((version) => ({ colour: lookOf(version.version).colour, values: points.map((point) => point.stats?.versions.find((each) => each.ulid === version.ulid)?.p95 ?? null) }))}
          unit={latency}
        />
      </div>
      <Counts stats={stats} served={versions} left={all.filter((version) => !served.includes(version.ulid))} />
    </>
  );
}

interface Point {
  at: number;
  stats: EndpointStats | null;
}

function broken(history: History): Point[] {
  return history.flatMap((stats, index) => {
    const before = history[index - 1];
    return before !== undefined && stats.at - before.at > gap ? [{ at: before.at + 1, stats: null }, { at: stats.at, stats }] : [{ at: stats.at, stats }];
  });
}

function Plot({ title, now, times, lines, unit }: { title: string; now: string; times: number[]; lines: Line[]; unit(value: number): string }): JSX.Element {
  const from = times[0] ?? 0;
  const to = times.at(-1) ?? 1;
  const top = Math.max(0, ...lines.flatMap((line) => line.values.map((value) => value ?? 0)));
  const x = (index: number): number => (to === from ? 100 : (((times[index] ?? from) - from) / (to - from)) * 100);
  const y = (value: number): number => 98 - (value / (top || 1)) * 74;
  const minutes = Math.max(1, Math.round((to - from) / 60_000));
  return (
    <div role="img" aria-label={`${title}: ${now} now, at most ${unit(top)} over the last ${minutes} min`}>
      <div class="title">
        <span>{title}</span>
        <span>{now}</span>
      </div>
      <div class="plot">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {lines.map((line, index) => (
            <path key={index} d={pathOf(line.values, x, y)} style={{ stroke: line.colour }} stroke-width="1.5" fill="none" vector-effect="non-scaling-stroke" />
          ))}
        </svg>
        {top === 0 ? null : <span class="top">{unit(top)}</span>}
      </div>
      <div class="span">
        <span>{times.length < 2 ? ' ' : `${minutes} min ago`}</span>
        <span>now</span>
      </div>
    </div>
  );
}

function Counts({ stats, served, left }: { stats: EndpointStats | null; served: readonly VersionStats[]; left: readonly VersionStats[] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Since it started</th>
            <th class="number">Requests</th>
            <th class="number">Rows</th>
            <th class="number">Errors</th>
            <th class="number">p50</th>
            <th class="number">p95</th>
            <th class="number">p99</th>
          </tr>
        </thead>
        <tbody>
          {[...served, ...left].map((version) => (
            <tr key={version.ulid} class={left.includes(version) ? 'muted' : ''}>
              <td style={left.includes(version) ? {} : { whiteSpace: 'nowrap' }}>
                <VersionMark version={version.version} />
                {lookOf(version.version).name}
                {left.includes(version) ? ' no longer served' : version.shadow ? <span class="muted"> shadow</span> : null}
              </td>
              <td class="number">{count(version.requests)}</td>
              <td class="number">{count(version.rows)}</td>
              <td class="number">{count(version.errors)}</td>
              <td class="number">{latency(version.p50)}</td>
              <td class="number">{latency(version.p95)}</td>
              <td class="number">{latency(version.p99)}</td>
            </tr>
          ))}
          {stats === null ? (
            <tr>
              <td colSpan={7} class="muted">
                It does not run, so there are no figures.
              </td>
            </tr>
          ) : (
            <tr>
              <td class="muted" title="Requests that the endpoint did not accept: a wrong key, a wrong field, too large.">
                Refused
              </td>
              <td class="number muted">{count(stats.refused)}</td>
              <td colSpan={5} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
