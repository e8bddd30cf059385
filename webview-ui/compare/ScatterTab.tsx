import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { higherIsBetter } from '../../src/contracts/metrics.ts';
import { columnId, type KnownColumn, type RunColumn } from '../../src/contracts/runTable.ts';
import { Dropdown, LinkButton, Waiting } from '../components/controls.tsx';
import { figure } from '../components/format.ts';
import { Banner, Empty } from '../components/layout.tsx';
import { labelOf, type Arranged } from './arrangement.ts';
import { paretoFront } from './pareto.ts';
import { prepared, short, ticks, useTheme, useWidth } from './plot.ts';
import type { ChartTabProps } from './shared.ts';
import { aboutRuns, useValues } from './useValues.ts';

const height = 420;
const margin = { left: 64, right: 16, top: 16, bottom: 40 };
/** A point is found when the pointer is so near, in pixels. */
const reach = 8;

type Side = NonNullable<Arranged['scatter']>['x'];

interface Point {
  run_id: string;
  name: string;
  x: number;
  y: number;
}

/** Two columns against each other, with the runs that no other beats in both. */
export function ScatterTab(props: ChartTabProps): JSX.Element {
  const { data, arrangement, arrange, selected, onOpen } = props;
  const choices = useMemo(() => data.columns.filter((column) => column.numbers && !['created', 'started', 'ended'].includes(column.key)), [data.columns]);
  const sides = useMemo(() => chosenSides(choices, arrangement), [choices, arrangement]);
  const { answer, problem } = useValues(props, sides === null ? [] : [sides.x.column, sides.y.column]);
  const points = useMemo((): Point[] => {
    const [xs = [], ys = []] = answer?.cells ?? [];
    return (answer?.runs ?? []).flatMap((run, index) => {
      const [x, y] = [numberOf(xs[index]), numberOf(ys[index])];
      return x === null || y === null ? [] : [{ ...run, x, y }];
    });
  }, [answer]);
  const front = useMemo(
    () => (sides === null ? [] : paretoFront(points.map(({ x, y }) => ({ x: sides.x.higherIsBetter ? x : -x, y: sides.y.higherIsBetter ? y : -y })))),
    [points, sides],
  );
  if (sides === null) {
    return <Empty>A scatter needs two columns with numbers.</Empty>;
  }
  const side = (name: 'x' | 'y'): JSX.Element => (
    <>
      <Dropdown
        inline
        label={name === 'x' ? 'Across' : 'Up'}
        value={columnId(sides[name].column)}
        options={choices.map((column) => ({ value: columnId(column), label: `${name === 'x' ? 'Across' : 'Up'}: ${labelOf(column)}` }))}
        onChange={(id) => {
          const column = choices.find((each) => columnId(each) === id);
          if (column !== undefined) {
            arrange({ scatter: { ...sides, [name]: sideOf(column) } });
          }
        }}
      />
      <Dropdown
        inline
        label={`What is better ${name === 'x' ? 'across' : 'up'}`}
        value={sides[name].higherIsBetter ? 'higher' : 'lower'}
        options={[{ value: 'higher', label: 'higher is better' }, { value: 'lower', label: 'lower is better' }]}
        onChange={(value) => arrange({ scatter: { ...sides, [name]: { ...sides[name], higherIsBetter: value === 'higher' } } })}
      />
    </>
  );
  return (
    <div class="pane">
      <div class="toolbar">
        {side('x')}
        {side('y')}
      </div>
      {problem === null ? null : <Banner kind="error">{problem}</Banner>}
      {answer === null && problem === null ? <Waiting>Reading the values…</Waiting> : null}
      {answer === null ? null : (
        <>
          <Picture points={points} front={front} x={labelOf(sides.x.column)} y={labelOf(sides.y.column)} onOpen={onOpen} />
          <p class="muted">
            {aboutRuns(answer, selected, points.length)} {front.length === 1 ? 'One run is beaten by none' : `${front.length.toLocaleString('en')} runs are beaten by none`} in both directions at once.
          </p>
          <Front points={front.slice(0, 50).map((index) => points[index]!)} x={labelOf(sides.x.column)} y={labelOf(sides.y.column)} onOpen={onOpen} />
        </>
      )}
    </div>
  );
}

function Picture({ points, front, x, y, onOpen }: { points: readonly Point[]; front: readonly number[]; x: string; y: string; onOpen(run_id: string): void }): JSX.Element {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = useTheme();
  const [near, setNear] = useState<number | null>(null);
  const scales = useMemo(() => ({ x: scaleOf(points.map((point) => point.x), margin.left, width - margin.right), y: scaleOf(points.map((point) => point.y), height - margin.bottom, margin.top) }), [points, width]);

  useEffect(() => {
    const context = canvas.current === null || width === 0 ? null : prepared(canvas.current, width, height);
    if (context === null) {
      return;
    }
    context.font = theme.font;
    context.lineWidth = 1;
    const faintly = (places: [number, number][]): void => {
      context.globalAlpha = 0.4;
      line(context, theme.line, places);
      context.globalAlpha = 1;
    };
    for (const tick of ticks(scales.x.low, scales.x.high, Math.max(2, width / 120))) {
      faintly([[scales.x.at(tick), margin.top], [scales.x.at(tick), height - margin.bottom]]);
      write(context, theme.muted, short(tick), scales.x.at(tick), height - margin.bottom + 14, 'center');
    }
    for (const tick of ticks(scales.y.low, scales.y.high, 6)) {
      faintly([[margin.left, scales.y.at(tick)], [width - margin.right, scales.y.at(tick)]]);
      write(context, theme.muted, short(tick), margin.left - 8, scales.y.at(tick) + 4, 'right');
    }
    write(context, theme.text, x, (margin.left + width - margin.right) / 2, height - 6, 'center');
    context.save();
    context.rotate(-Math.PI / 2);
    write(context, theme.text, y, -(margin.top + height - margin.bottom) / 2, 12, 'center');
    context.restore();
    context.globalAlpha = points.length > 2000 ? 0.35 : 0.6;
    context.fillStyle = theme.accent;
    for (const point of points) {
      context.fillRect(scales.x.at(point.x) - 2, scales.y.at(point.y) - 2, 4, 4);
    }
    context.globalAlpha = 1;
    const places = front.map((index): [number, number] => [scales.x.at(points[index]!.x), scales.y.at(points[index]!.y)]);
    line(context, theme.text, places);
    for (const [left, top] of places) {
      context.beginPath();
      context.arc(left, top, 4.5, 0, 2 * Math.PI);
      context.fillStyle = theme.accent;
      context.fill();
      context.strokeStyle = theme.text;
      context.stroke();
    }
  }, [points, front, scales, theme, width]);

  const nearest = (event: MouseEvent): number | null => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    let [found, least]: [number | null, number] = [null, reach ** 2];
    points.forEach((point, index) => {
      const distance = (scales.x.at(point.x) - event.clientX + left) ** 2 + (scales.y.at(point.y) - event.clientY + top) ** 2;
      if (distance < least) {
        [found, least] = [index, distance];
      }
    });
    return found;
  };
  const shown = near === null ? undefined : points[near];
  return (
    <div class="picture" ref={setBox}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${y} against ${x} of ${points.length} runs; ${front.length} on the front. The table below lists them.`}
        style={{ height: `${height}px`, cursor: near === null ? 'default' : 'pointer' }}
        onMouseMove={(event) => setNear(nearest(event))}
        onMouseLeave={() => setNear(null)}
        onClick={(event) => {
          const index = nearest(event);
          if (index !== null) {
            onOpen(points[index]!.run_id);
          }
        }}
      />
      {shown === undefined ? null : (
        <div class="tip" style={{ left: `${Math.min(scales.x.at(shown.x) + 10, Math.max(0, width - 200))}px`, top: `${scales.y.at(shown.y) + 10}px` }}>
          <strong>{shown.name}</strong>
          <div>
            {x}: {figure(shown.x)}
          </div>
          <div>
            {y}: {figure(shown.y)}
          </div>
        </div>
      )}
    </div>
  );
}

function Front({ points, x, y, onOpen }: { points: readonly Point[]; x: string; y: string; onOpen(run_id: string): void }): JSX.Element {
  return (
    <table style={{ width: 'auto' }}>
      <thead>
        <tr>
          <th>Beaten by none</th>
          <th class="number">{x}</th>
          <th class="number">{y}</th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.run_id}>
            <td>
              <LinkButton onClick={() => onOpen(point.run_id)}>{point.name}</LinkButton>
            </td>
            <td class="number">{figure(point.x)}</td>
            <td class="number">{figure(point.y)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function chosenSides(choices: readonly KnownColumn[], { scatter }: Arranged): NonNullable<Arranged['scatter']> | null {
  const there = ({ column }: Side): boolean => choices.some((each) => columnId(each) === columnId(column));
  if (scatter !== null && there(scatter.x) && there(scatter.y)) {
    return scatter;
  }
  const ordered = [...choices].sort((a, b) => Number(b.differs) - Number(a.differs) || b.runs - a.runs);
  const metrics = ordered.filter(({ group, key }) => group === 'metric' && !key.includes('/'));
  const [first] = metrics;
  const second = metrics[1] ?? ordered.find((column) => column !== first);
  return first === undefined || second === undefined ? null : { x: sideOf(second), y: sideOf(first) };
}

/** Of parameters and durations less is better. */
function sideOf({ group, key }: KnownColumn): Side {
  return { column: { group, key } satisfies RunColumn, higherIsBetter: group === 'metric' && higherIsBetter(key) };
}

interface Scale {
  low: number;
  high: number;
  at(value: number): number;
}

function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const room = most > least ? (most - least) * 0.04 : Math.abs(most) * 0.1 || 1;
  const [low, high] = values.length === 0 ? [0, 1] : [least - room, most + room];
  return { low, high, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

function line(context: CanvasRenderingContext2D, colour: string, places: readonly (readonly [number, number])[]): void {
  context.strokeStyle = colour;
  context.beginPath();
  places.forEach(([left, top], index) => (index === 0 ? context.moveTo(left, top) : context.lineTo(left, top)));
  context.stroke();
}

function write(context: CanvasRenderingContext2D, colour: string, text: string, left: number, top: number, align: CanvasTextAlign): void {
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(text, left, top);
}

function numberOf(cell: unknown): number | null {
  const number = cell === null || cell === undefined || cell === '' ? NaN : Number(cell);
  return Number.isFinite(number) ? number : null;
}

