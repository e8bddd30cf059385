import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { columnId, type KnownColumn, type RunColumn } from '../../src/contracts/runTable.ts';
import { Dropdown, LinkButton, Waiting } from '../components/controls.tsx';
import { count } from '../components/format.ts';
import { Banner, Empty } from '../components/layout.tsx';
import { labelOf, type Arranged } from './arrangement.ts';
import { Lines, type Brush } from './Lines.tsx';
import { axisOf, short, useTheme } from './plot.ts';
import type { ChartTabProps } from './shared.ts';
import { aboutRuns, useValues } from './useValues.ts';

const firstAxes = 6;

/** Each run a line over several axes, coloured by one of them; a range on an axis chooses among the runs. */
export function ParallelTab(props: ChartTabProps): JSX.Element {
  const { data, arrangement, arrange, selected, onSelect } = props;
  const theme = useTheme();
  const axes = useMemo(() => chosenAxes(data.columns, arrangement), [data.columns, arrangement]);
  const colour = useMemo(() => chosenColour(data.columns, arrangement, axes), [data.columns, arrangement, axes]);
  const { answer, problem } = useValues(props, colour === null ? axes : [...axes, colour]);
  const [brushes, setBrushes] = useState<Record<string, Brush>>({});
  const scales = useMemo(() => answer?.cells.map(axisOf) ?? [], [answer]);
  const ids = axes.map(columnId);
  const positions = useMemo(() => answer?.cells.map((cells, index) => cells.map((cell) => scales[index]?.position(cell) ?? null)) ?? [], [answer, scales]);
  const matching = useMemo(() => {
    const active = ids.flatMap((id, index) => (brushes[id] === undefined ? [] : [{ brush: brushes[id], at: positions[index] ?? [] }]));
    return (answer?.runs ?? []).map((_, run) => active.every(({ brush, at }) => at[run] !== null && at[run] !== undefined && at[run] >= brush[0] && at[run] <= brush[1]));
  }, [answer, brushes, positions]);

  if (axes.length < 2) {
    return <Empty>Parallel coordinates need two columns in which the runs differ.</Empty>;
  }
  const others = data.columns.filter((column) => !ids.includes(columnId(column)) && column.differs && column.key !== 'run_id');
  const colours = data.columns.filter(({ numbers, group }) => numbers && group !== 'attribute');
  const set = (next: readonly RunColumn[]): void => arrange({ axes: next.map(({ group, key }) => ({ group, key })) });
  const brush = (index: number, next: Brush | null): void => {
    const left = Object.fromEntries(Object.entries(brushes).filter(([id]) => id !== ids[index]));
    setBrushes(next === null ? left : { ...left, [ids[index] ?? '']: next });
  };
  const chosen = matching.filter(Boolean).length;
  const scale = scales[axes.length];
  // The answer may still be that of other axes.
  const drawable = answer !== null && positions.length === axes.length + (colour === null ? 0 : 1);
  return (
    <div class="pane">
      <div class="toolbar">
        <Dropdown
          inline
          label="Add an axis"
          value=""
          options={[{ value: '', label: 'Add an axis…' }, ...others.map((column) => ({ value: columnId(column), label: labelOf(column) }))]}
          onChange={(id) => set([...axes, ...others.filter((column) => columnId(column) === id)])}
        />
        <Dropdown
          inline
          label="Colour by"
          value={colour === null ? '' : columnId(colour)}
          options={colours.map((column) => ({ value: columnId(column), label: `Colour: ${labelOf(column)}` }))}
          onChange={(id) => arrange({ colour: colours.filter((column) => columnId(column) === id).map(({ group, key }) => ({ group, key }))[0] ?? null })}
        />
        {scale?.range === null || scale === undefined ? null : (
          <span class="key">
            {short(scale.range[0])} <span class="scale" style={{ display: 'inline-block', background: `linear-gradient(to right, ${theme.scale.join(', ')})` }} /> {short(scale.range[1])}
          </span>
        )}
        {Object.keys(brushes).length === 0 ? null : (
          <>
            <span role="status">
              {count(chosen)} of {count(matching.length)} runs in the ranges
            </span>
            <LinkButton onClick={() => onSelect((answer?.runs ?? []).filter((_, index) => matching[index]).map(({ run_id }) => run_id))}>Select these</LinkButton>
            <LinkButton onClick={() => setBrushes({})}>Clear the ranges</LinkButton>
          </>
        )}
      </div>
      {problem === null ? null : <Banner kind="error">{problem}</Banner>}
      {!drawable && problem === null ? <Waiting>Reading the values…</Waiting> : null}
      {!drawable ? null : (
        <>
          <Lines axes={axes.map((axis, index) => ({ label: labelOf(axis), scale: scales[index]!, positions: positions[index]!, brush: brushes[ids[index] ?? ''] ?? null }))} colour={positions[axes.length] ?? null} matching={matching} theme={theme} onBrush={brush} />
          <p class="muted">{aboutRuns(answer, selected, answer.runs.length)} Drag along an axis to choose a range. What a run lacks stands under the axis.</p>
          <Ranges axes={axes} scales={scales} brushes={brushes} onBrush={brush} onRemove={(index) => set(axes.filter((_, each) => each !== index))} />
        </>
      )}
    </div>
  );
}

/** The same for the keyboard: a range of each axis, and taking an axis away. */
function Ranges({ axes, scales, brushes, onBrush, onRemove }: { axes: readonly RunColumn[]; scales: readonly ReturnType<typeof axisOf>[]; brushes: Record<string, Brush>; onBrush(index: number, brush: Brush | null): void; onRemove(index: number): void }): JSX.Element {
  return (
    <details>
      <summary>Axes and ranges</summary>
      <div class="ranges">
        {axes.map((axis, index) => {
          const range = scales[index]?.range ?? null;
          const brush = brushes[columnId(axis)] ?? null;
          const value = (share: number): string => (range === null ? '' : String(Number((range[0] + share * (range[1] - range[0])).toPrecision(6))));
          const share = (text: string, otherwise: number): number => (range === null || text.trim() === '' || range[1] === range[0] ? otherwise : (Number(text) - range[0]) / (range[1] - range[0]));
          return (
            <div key={columnId(axis)}>
              <strong>{labelOf(axis)}</strong> {axes.length > 2 ? <LinkButton onClick={() => onRemove(index)}>Remove</LinkButton> : null}
              {range === null ? null : (
                <label>
                  from <input type="text" inputMode="decimal" aria-label={`${labelOf(axis)} from`} value={brush === null ? '' : value(brush[0])} placeholder={value(0)} onChange={(event) => onBrush(index, [share(event.currentTarget.value, 0), brush?.[1] ?? 1])} /> to{' '}
                  <input type="text" inputMode="decimal" aria-label={`${labelOf(axis)} to`} value={brush === null ? '' : value(brush[1])} placeholder={value(1)} onChange={(event) => onBrush(index, [brush?.[0] ?? 0, share(event.currentTarget.value, 1)])} />
                </label>
              )}
            </div>
          );
        })}
      </div>
    </details>
  );
}

/** What the person chose; else parameters in which the runs differ, then the first metrics. */
function chosenAxes(known: readonly KnownColumn[], { axes }: Arranged): RunColumn[] {
  const there = (axes ?? []).filter((axis) => known.some((column) => columnId(column) === columnId(axis)));
  if (there.length >= 2) {
    return there;
  }
  // What most runs have tells most.
  const differing = known.filter(({ differs }) => differs).sort((a, b) => b.runs - a.runs);
  const metrics = differing.filter(({ group, key }) => group === 'metric' && !key.includes('/')).slice(0, 2);
  const params = differing.filter(({ group, key }) => group === 'param' && key !== 'target').slice(0, firstAxes - metrics.length);
  return [...params, ...metrics].map(({ group, key }) => ({ group, key }));
}

function chosenColour(known: readonly KnownColumn[], { colour }: Arranged, axes: readonly RunColumn[]): RunColumn | null {
  const found = colour === null ? undefined : known.find((column) => columnId(column) === columnId(colour));
  return found === undefined ? (axes.findLast(({ group }) => group === 'metric') ?? null) : { group: found.group, key: found.key };
}
