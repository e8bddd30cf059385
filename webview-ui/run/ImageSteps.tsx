// Pictures that a program logged step by step: one at a time, with a slider over the steps.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { imageStep } from '../../src/contracts/imageSteps.ts';
import type { ArtifactEntry } from '../../src/contracts/panels/run.ts';
import type { Preview } from '../../src/contracts/panels/preview.ts';
import { count } from '../components/format.ts';
import { installStyles } from '../components/styles.ts';

installStyles(`
.steps { display: flex; gap: 12px; align-items: center; margin-bottom: 8px; } .steps input { flex: 1; min-width: 80px; accent-color: var(--accent); } .steps output { font-variant-numeric: tabular-nums; white-space: nowrap; }
`);

/** Names of files, by what their pictures are called; in the order of their steps. */
export type ImageSeries = ReadonlyMap<string, readonly { name: string; step: number; timestamp: number }[]>;

/** The series among the files of a folder. */
export function seriesIn(entries: readonly ArtifactEntry[]): ImageSeries {
  const found = new Map<string, { name: string; step: number; timestamp: number }[]>();
  for (const { name, folder } of entries) {
    const said = folder ? null : imageStep(name);
    if (said !== null) {
      found.set(said.key, [...(found.get(said.key) ?? []), { name, step: said.step, timestamp: said.timestamp }]);
    }
  }
  for (const pictures of found.values()) {
    pictures.sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
  }
  return found;
}

/** @param name the file in sight @param preview undefined until it came: the last picture stays meanwhile */
export function ImageSteps({ name, pictures, preview, choose }: { name: string; pictures: readonly { name: string; step: number }[]; preview: Preview | undefined; choose(name: string): void }): JSX.Element {
  const at = Math.max(0, pictures.findIndex((picture) => picture.name === name));
  const last = useRef<Preview | undefined>(undefined);
  last.current = preview ?? last.current;
  const shown = last.current;
  const step = pictures[at]?.step ?? 0;
  return (
    <>
      <div class="steps">
        <input type="range" min={0} max={pictures.length - 1} value={at} aria-label="Step" aria-valuetext={`Step ${step}`} disabled={pictures.length < 2} onInput={(event) => choose(pictures[Number(event.currentTarget.value)]?.name ?? name)} />
        <output>{`Step ${count(step)}`}</output>
        <span class="muted">{`${at + 1} of ${count(pictures.length)}`}</span>
      </div>
      {shown?.kind === 'image' ? <img src={`data:${shown.mime};base64,${shown.data}`} alt={`Step ${step}`} /> : shown?.kind === 'none' ? <p class="muted">{shown.reason}</p> : null}
    </>
  );
}
