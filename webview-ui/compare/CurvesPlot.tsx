import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { figure } from '../components/format.ts';
import type { LineLook } from './lineLooks.ts';
import { nearestLine, placed } from './nearestLine.ts';
import { prepared, short, ticks, useWidth, type Theme } from './plot.ts';

export interface PlottedLine {
  id: string;
  name: string;
  look: LineLook;
  /** Step and value, by step. */
  points: readonly (readonly [number, number])[];
}

interface PlotProps {
  lines: readonly PlottedLine[];
  label: string;
  theme: Theme;
  /** The line that stands out; null: all alike. */
  highlit: string | null;
  onHighlight(id: string | null): void;
  onOpen(id: string): void;
}

const height = 380;
const margin = { left: 64, right: 12, top: 10, bottom: 24 };
/** How near the pointer must be to a line, in pixels. */
const reach = 24;

/** Lines on a canvas; the one that stands out on a second one over it, so that pointing at lines draws but one anew. */
export function CurvesPlot({ lines, label, theme, highlit, onHighlight, onOpen }: PlotProps): JSX.Element {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const [tip, setTip] = useState<{ left: number; top: number; step: number; value: number } | null>(null);
  const [x, y] = useMemo(() => [scaleOf(lines, 0, margin.left, width - margin.right), scaleOf(lines, 1, height - margin.bottom, margin.top)], [lines, width]);
  const places = useMemo(() => new Map(lines.map(({ id, points }) => [id, placed(points, x.at, y.at)])), [lines, x, y]);

  useEffect(() => {
    const context = below.current === null || width === 0 ? null : prepared(below.current, width, height);
    if (context === null) {
      return;
    }
    for (const line of lines) {
      drawLine(context, line, places.get(line.id), 1.5);
    }
  }, [lines, places, theme, width]);

  useEffect(() => {
    const context = above.current === null || width === 0 ? null : prepared(above.current, width, height);
    if (context === null) {
      return;
    }
    // They stay as they are while the other lines fade.
    drawAxes(context, x, y, width, theme);
    const line = lines.find(({ id }) => id === highlit);
    if (line !== undefined) {
      drawLine(context, line, places.get(line.id), 3);
    }
  }, [lines, places, theme, width, highlit]);

  const point = (event: MouseEvent): void => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const found = nearestLine(places, event.clientX - left, event.clientY - top, reach);
    onHighlight(found?.id ?? null);
    const at = found === null ? undefined : lines.find(({ id }) => id === found.id)?.points[found.index];
    setTip(at === undefined ? null : { left: x.at(at[0]), top: y.at(at[1]), step: at[0], value: at[1] });
  };
  const named = lines.find(({ id }) => id === highlit);
  return (
    <div class="picture" ref={setBox}>
      <canvas ref={below} role="img" aria-label={label} style={{ height: `${height}px`, opacity: named === undefined ? 1 : 0.35 }} />
      <canvas
        ref={above}
        aria-hidden="true"
        style={{ height: `${height}px`, position: 'absolute', inset: 0, cursor: tip === null ? 'default' : 'pointer' }}
        onMouseMove={point}
        onMouseLeave={() => {
          setTip(null);
          onHighlight(null);
        }}
        onClick={() => (tip !== null && named !== undefined ? onOpen(named.id) : undefined)}
      />
      {tip === null || named === undefined ? null : (
        <div class="tip" style={{ left: `${Math.min(tip.left + 12, Math.max(0, width - 220))}px`, top: `${Math.min(tip.top + 12, height - 64)}px` }}>
          <strong>{named.name}</strong>
          <div>
            {figure(tip.value)} at step {figure(tip.step)}
          </div>
        </div>
      )}
    </div>
  );
}

interface Scale {
  low: number;
  high: number;
  at(value: number): number;
}

/** @param part 0: steps, which fill the width; 1: values, with a little room. */
function scaleOf(lines: readonly PlottedLine[], part: 0 | 1, from: number, to: number): Scale {
  let [least, most] = [Infinity, -Infinity];
  for (const { points } of lines) {
    for (const point of points) {
      least = Math.min(least, point[part]);
      most = Math.max(most, point[part]);
    }
  }
  const room = most > least ? (most - least) * (part === 0 ? 0 : 0.03) : Math.abs(most) * 0.1 || 1;
  const [low, high] = least > most ? [0, 1] : [least - room, most + room];
  return { low, high, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

function drawAxes(context: CanvasRenderingContext2D, x: Scale, y: Scale, width: number, theme: Theme): void {
  context.font = theme.font;
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.textAlign = 'right';
  for (const tick of ticks(y.low, y.high, 5)) {
    const top = Math.round(y.at(tick)) + 0.5;
    context.globalAlpha = 0.4;
    context.beginPath();
    context.moveTo(margin.left, top);
    context.lineTo(width - margin.right, top);
    context.stroke();
    context.globalAlpha = 1;
    context.fillText(short(tick), margin.left - 8, top + 4);
  }
  for (const tick of ticks(x.low, x.high, Math.max(2, width / 120)).filter(Number.isInteger)) {
    context.textAlign = x.at(tick) > width - 40 ? 'right' : 'center';
    context.fillText(short(tick), x.at(tick), height - margin.bottom + 16);
  }
}

function drawLine(context: CanvasRenderingContext2D, { look }: PlottedLine, places: Float64Array | undefined, thickness: number): void {
  if (places === undefined || places.length === 0) {
    return;
  }
  context.strokeStyle = look.colour;
  context.fillStyle = look.colour;
  context.lineWidth = thickness;
  context.lineJoin = 'round';
  context.setLineDash([...look.dash]);
  if (places.length === 2) {
    // One point is no line.
    context.beginPath();
    context.arc(places[0]!, places[1]!, thickness + 1, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.beginPath();
  for (let index = 0; index < places.length; index += 2) {
    context.lineTo(places[index]!, places[index + 1]!);
  }
  context.stroke();
  context.setLineDash([]);
}
