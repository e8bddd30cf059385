// Small drawings without axes, for rows of a table. What they show stands in words beside them.
import type { JSX } from 'preact';

/** A line over time with the level that it is held against. */
export function Sparkline({ values, level, width = 88, height = 24 }: { values: readonly (number | null)[]; level: number; width?: number; height?: number }): JSX.Element {
  const known = values.filter((value) => value !== null);
  const top = Math.max(level, ...known) * 1.1 || 1;
  const x = (index: number): number => (values.length < 2 ? width / 2 : 2 + (index / (values.length - 1)) * (width - 4));
  const y = (value: number): number => height - 2 - (value / top) * (height - 4);
  const path = pathOf(values, x, y);
  const last = values.findLastIndex((value) => value !== null);
  const end = values[last];
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`M0 ${y(level)}H${width}`} stroke="var(--warn)" stroke-dasharray="3 2" fill="none" />
      <path d={path} stroke="var(--accent)" stroke-width="1.5" fill="none" />
      {end === undefined || end === null ? null : <circle cx={x(last)} cy={y(end)} r="2" fill={end > level ? 'var(--warn)' : 'var(--accent)'} />}
    </svg>
  );
}

/** A line through the known values, broken where one is missing. */
export function pathOf(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let pen = 'M';
  return values
    .map((value, index) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const piece = `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
      return piece;
    })
    .join('');
}

/** Two distributions: the reference as an outline, the current one as bars. */
export function TwinBars({ reference, current, width = 120, height = 28 }: { reference: readonly number[]; current: readonly number[]; width?: number; height?: number }): JSX.Element {
  const top = Math.max(...reference, ...current, 1e-9);
  const step = width / Math.max(1, reference.length);
  const y = (share: number): number => height - (share / top) * (height - 2);
  return (
    <svg class="twins" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {current.map((share, index) => (
        <rect key={index} x={index * step + 0.5} width={Math.max(1, step - 1)} y={y(share)} height={height - y(share)} fill="var(--accent)" opacity="0.7" />
      ))}
      <path d={reference.map((share, index) => `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y(share).toFixed(1)}H${((index + 1) * step).toFixed(1)}`).join('')} stroke="var(--vscode-foreground)" stroke-width="1" fill="none" opacity="0.8" />
    </svg>
  );
}
