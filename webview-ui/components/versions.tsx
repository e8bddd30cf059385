// How a model version looks everywhere: its colour, its shape and its name.
import type { JSX } from 'preact';

/** Not orange: some themes make it as pale as the page, and in high contrast it has none. */
const colours = ['blue', 'purple', 'green', 'yellow', 'red'];
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'triangle-down'];

export interface VersionLook {
  name: string;
  colour: string;
  /** As Vega names it. */
  shape: string;
}

/** By its number, so that a version looks the same in all panels. A challenger that is not registered has none. */
export function lookOf(version: number | null): VersionLook {
  if (version === null) {
    return { name: 'Challenger', colour: 'var(--muted)', shape: 'cross' };
  }
  const index = (version - 1) % colours.length;
  return { name: `Version ${version}`, colour: `var(--vscode-charts-${colours[index] ?? 'blue'})`, shape: shapes[index] ?? 'circle' };
}

const outlines: Record<string, string> = {
  circle: 'M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z',
  square: 'M1.5 1.5h7v7h-7z',
  'triangle-up': 'M5 1 9.3 8.7H.7z',
  diamond: 'M5 .4 9.6 5 5 9.6.4 5z',
  'triangle-down': 'M5 9 .7 1.3h8.6z',
  cross: 'M3.6 1h2.8v2.6H9v2.8H6.4V9H3.6V6.4H1V3.6h2.6z',
};

export function VersionMark({ version }: { version: number | null }): JSX.Element {
  const { colour, shape } = lookOf(version);
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" style={{ fill: colour, marginRight: '6px', flex: 'none' }}>
      <path d={outlines[shape] ?? outlines['circle']} />
    </svg>
  );
}
