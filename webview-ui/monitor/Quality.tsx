import type { JSX } from 'preact';
import type { ColumnQuality, MonitorWindow } from '../../src/contracts/monitoring.ts';
import { percent } from '../components/format.ts';

/** Missing values, and values that training did not see, in the newest window. */
export function Quality({ windows }: { windows: readonly MonitorWindow[] }): JSX.Element {
  const newest = windows.findLast((window) => window.quality.length > 0);
  if (newest === undefined) {
    return <p class="muted">Missing values and values that training did not see are counted once a window is full.</p>;
  }
  const unusual = newest.quality.filter((column) => column.outside > 0 || column.missing > 0 || column.reference_missing > 0).sort((a, b) => badness(b) - badness(a));
  if (unusual.length === 0) {
    return <p>Nothing is missing, and every value lies within what training saw.</p>;
  }
  return (
    <>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Column</th>
              <th class="number">Missing</th>
              <th class="number">in training</th>
              <th class="number">Outside of training</th>
              <th>Unseen categories</th>
            </tr>
          </thead>
          <tbody>
            {unusual.map((column) => (
              <tr key={column.name}>
                <td>
                  <strong>{column.name}</strong>
                </td>
                <td class="number" title={String(column.missing)}>
                  {percent(column.missing)}
                </td>
                <td class="number muted" title={String(column.reference_missing)}>
                  {percent(column.reference_missing)}
                </td>
                <td class="number" title={String(column.outside)}>
                  {percent(column.outside)}
                </td>
                <td>{column.unseen.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {unusual.length === newest.quality.length ? null : (
        <p class="muted" style={{ marginTop: '12px' }}>
          {newest.quality.length - unusual.length} more without anything to note.
        </p>
      )}
    </>
  );
}

function badness(column: ColumnQuality): number {
  return Math.max(0, column.missing - column.reference_missing) + column.outside;
}
