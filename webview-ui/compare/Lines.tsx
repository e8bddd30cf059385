import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { prepared, useWidth, type Axis, type Theme } from './plot.ts';

/** From and to, along an axis from 0 to 1. */
export type Brush = [number, number];

interface LineAxis {
  label: string;
  scale: Axis;
  /** Of each run, 0…1; null where it lacks the value. */
  positions: readonly (number | null)[];
  brush: Brush | null;
}

interface LinesProps {
  axes: readonly LineAxis[];
  /** Of each run, 0…1. */
  colour: readonly (number | null)[] | null;
  /** Which runs lie in all ranges. */
  matching: readonly boolean[];
  theme: Theme;
  onBrush(index: number, brush: Brush | null): void;
}

const height = 400;
const margin = { side: 70, top: 36, bottom: 30 };
/** Runs without a value pass here, under the axis. */
const below = height - 12;
/** So many lines are drawn in one frame: thousands take a few frames, and nothing stands still meanwhile. */
const linesAtOnce = 400;

/** Parallel coordinates on a canvas. */
export function Lines({ axes, colour, matching, theme, onBrush }: LinesProps): JSX.Element {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const [drag, setDrag] = useState<{ axis: number; from: number; to: number } | null>(null);
  const left = (index: number): number => margin.side + (index * (width - 2 * margin.side)) / Math.max(1, axes.length - 1);
  const top = (position: number): number => height - margin.bottom - position * (height - margin.top - margin.bottom);

  useEffect(() => {
    const context = canvas.current === null || width === 0 ? null : prepared(canvas.current, width, height);
    if (context === null) {
      return undefined;
    }
    const runs = matching.map((_, run) => run);
    // Those outside the ranges first, so that the others lie on top.
    const order = [...runs.filter((run) => !matching[run]), ...runs.filter((run) => matching[run])];
    const opacity = Math.max(0.08, Math.min(0.8, 120 / Math.max(1, order.length)));
    let at = 0;
    let frame = 0;
    const draw = (): void => {
      for (const end = Math.min(order.length, at + linesAtOnce); at < end; at += 1) {
        const run = order[at]!;
        const share = colour?.[run] ?? null;
        context.globalAlpha = matching[run] ? Math.max(opacity, 0.15) : 0.04;
        context.strokeStyle = !matching[run] || share === null ? theme.muted : (theme.scale[Math.min(theme.scale.length - 1, Math.floor(share * theme.scale.length))] ?? theme.accent);
        context.beginPath();
        axes.forEach(({ positions }, index) => {
          const position = positions[run] ?? null;
          const place = position === null ? below : top(position);
          if (index === 0) {
            context.moveTo(left(index), place);
          } else {
            context.lineTo(left(index), place);
          }
        });
        context.stroke();
      }
      if (at < order.length) {
        frame = requestAnimationFrame(draw);
      } else {
        context.globalAlpha = 1;
        drawAxes(context);
      }
    };
    const drawAxes = (on: CanvasRenderingContext2D): void => {
      on.font = theme.font;
      axes.forEach(({ label, scale, brush }, index) => {
        on.fillStyle = theme.muted;
        on.fillRect(left(index) - 0.5, margin.top, 1, height - margin.top - margin.bottom);
        on.textAlign = index === axes.length - 1 ? 'left' : 'right';
        for (const { at: mark, text } of scale.marks) {
          outlined(on, text, left(index) + (index === axes.length - 1 ? 6 : -6), top(mark) + 4, theme.text);
        }
        on.textAlign = 'center';
        const room = Math.max(8, Math.floor((width - 2 * margin.side) / Math.max(1, axes.length - 1) / 7));
        // Neighbours' names at two heights, so that they need not share one line.
        outlined(on, label.length > room ? `${label.slice(0, room - 1)}…` : label, left(index), index % 2 === 0 ? 12 : 26, theme.text);
        if (brush !== null) {
          on.fillStyle = theme.accent;
          on.globalAlpha = 0.35;
          on.fillRect(left(index) - 6, top(brush[1]), 12, Math.max(2, top(brush[0]) - top(brush[1])));
          on.globalAlpha = 1;
        }
      });
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [axes.map(({ positions }) => positions), colour, matching, theme, width].flat());

  const place = (event: PointerEvent): { axis: number; position: number } => {
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const step = (width - 2 * margin.side) / Math.max(1, axes.length - 1);
    const axis = Math.max(0, Math.min(axes.length - 1, Math.round((event.clientX - bounds.left - margin.side) / step)));
    return { axis, position: Math.max(0, Math.min(1, (height - margin.bottom - (event.clientY - bounds.top)) / (height - margin.top - margin.bottom))) };
  };
  return (
    <div class="picture" ref={setBox}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${matching.length} runs as lines over ${axes.map(({ label }) => label).join(', ')}. Ranges can be set under “Axes and ranges”.`}
        style={{ height: `${height}px`, cursor: 'crosshair' }}
        onPointerDown={(event) => {
          const { axis, position } = place(event);
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ axis, from: position, to: position });
        }}
        onPointerMove={(event) => (drag === null ? undefined : setDrag({ ...drag, to: place(event).position }))}
        onPointerUp={() => {
          if (drag !== null) {
            // A click takes the range away.
            onBrush(drag.axis, Math.abs(drag.to - drag.from) < 0.01 ? null : [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]);
            setDrag(null);
          }
        }}
      />
      {drag === null ? null : <div style={{ position: 'absolute', pointerEvents: 'none', left: `${left(drag.axis) - 8}px`, width: '16px', top: `${top(Math.max(drag.from, drag.to))}px`, height: `${Math.abs(top(drag.from) - top(drag.to))}px`, border: '1px solid var(--vscode-focusBorder)' }} />}
    </div>
  );
}

/** Text that can be read over lines. */
function outlined(context: CanvasRenderingContext2D, text: string, left: number, top: number, colour: string): void {
  context.lineWidth = 3;
  context.strokeStyle = getComputedStyle(document.body).backgroundColor;
  context.strokeText(text, left, top);
  context.fillStyle = colour;
  context.fillText(text, left, top);
  context.lineWidth = 1;
}
