// A chart of curves: hover to read, drag to zoom, double-click to see all again; the same with keys.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { axisScale, axisText, valueScale, type Scale } from './scale.ts';
import { nearest, type Axis, type Drawn } from './series.ts';

export interface Line {
  name: string;
  colour: string;
  raw: Drawn;
  /** Drawn before the raw line, which then is faint; null: the raw line alone. */
  smooth: Drawn | null;
}

interface Props {
  lines: readonly Line[];
  axis: Axis;
  logarithmic: boolean;
  /** Both ends of what is shown; null: all. */
  zoom: readonly [number, number] | null;
  /** The moment from which relative times count. */
  start: number;
  height: number;
  label: string;
  onZoom(range: readonly [number, number] | null): void;
  /** What is under the pointer; null: nothing. */
  onRead(reading: Reading | null): void;
}

export interface Reading {
  place: string;
  values: { name: string; colour: string; raw: number; smooth: number | null }[];
}

const margin = { left: 56, right: 8, top: 6, bottom: 20 };
/** A drag shorter than this is a click. In pixels. */
const shortest = 4;

export function Plot(props: Props): JSX.Element {
  const { lines, axis, logarithmic, zoom, start, height, label, onZoom, onRead } = props;
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const [pointed, setPointed] = useState<number | null>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const domain = zoom ?? extent(lines);
  const x = axisScale(axis, domain, [margin.left, Math.max(margin.left + 1, width - margin.right)], start);
  const y = valueScale(valueDomain(lines, domain, logarithmic), [height - margin.bottom, margin.top], logarithmic);
  const reading = pointed === null ? null : read(lines, pointed, domain);

  const point = (at: number | null): void => {
    setPointed(at);
    const found = at === null ? null : read(lines, at, domain);
    onRead(found === null ? null : { place: axisText(axis, found.x, start), values: found.values });
  };
  const offset = (event: PointerEvent): number => Math.min(width - margin.right, Math.max(margin.left, event.clientX - (place.current?.getBoundingClientRect().left ?? 0)));
  const end = (event: PointerEvent): void => {
    if (drag !== null && Math.abs(offset(event) - drag.from) >= shortest) {
      const [a, b] = [x.at(drag.from), x.at(offset(event))];
      onZoom([Math.min(a, b), Math.max(a, b)]);
    }
    setDrag(null);
  };
  const press = (event: KeyboardEvent): void => {
    const span = domain[1] - domain[0];
    const at = pointed ?? (domain[0] + domain[1]) / 2;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      point(neighbour(lines, at, event.key === 'ArrowRight', domain));
    } else if (event.key === '+' || event.key === '=') {
      onZoom([Math.max(domain[0], at - span / 4), Math.min(domain[1], at + span / 4)]);
    } else if (event.key === '-' || event.key === 'Escape') {
      onZoom(null);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div ref={place} class="plot" style={{ height: `${height}px` }}>
      {width === 0 ? null : (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={`${label}. Arrow keys read values, plus zooms in, minus shows all.`}
          tabIndex={0}
          onPointerDown={(event) => {
            if (event.button === 0) {
              event.currentTarget.setPointerCapture(event.pointerId);
              setDrag({ from: offset(event), to: offset(event) });
            }
          }}
          onPointerMove={(event) => {
            point(x.at(offset(event)));
            setDrag((now) => (now === null ? null : { ...now, to: offset(event) }));
          }}
          onPointerUp={end}
          onPointerCancel={() => setDrag(null)}
          onPointerLeave={() => point(null)}
          onBlur={() => point(null)}
          onDblClick={() => onZoom(null)}
          onKeyDown={press}
        >
          <Axes x={x} y={y} width={width} height={height} />
          <svg x={margin.left} y={0} width={Math.max(1, width - margin.left - margin.right)} height={height - margin.bottom + 1} viewBox={`${margin.left} 0 ${Math.max(1, width - margin.left - margin.right)} ${height - margin.bottom + 1}`}>
            {lines.map(({ name, colour, raw, smooth }) => (
              <g key={name} style={{ stroke: colour }} fill="none" stroke-linejoin="round">
                <path d={pathOf(raw, x, y, domain, logarithmic)} class={smooth === null ? 'line' : 'raw'} />
                {smooth === null ? null : <path d={pathOf(smooth, x, y, domain, logarithmic)} class="line" />}
              </g>
            ))}
            {lines.map((line) => (
              <Odd key={line.name} line={line} x={x} domain={domain} logarithmic={logarithmic} height={height} />
            ))}
            {drag === null || Math.abs(drag.to - drag.from) < shortest ? null : <rect class="selection" x={Math.min(drag.from, drag.to)} width={Math.abs(drag.to - drag.from)} y={margin.top} height={height - margin.bottom - margin.top} />}
            {reading === null ? null : (
              <>
                <path class="rule" d={`M${x.place(reading.x)} ${margin.top}V${height - margin.bottom}`} />
                {reading.values.map(({ name, colour, raw, smooth }) => (Number.isFinite(smooth ?? raw) && (!logarithmic || (smooth ?? raw) > 0) ? <circle key={name} cx={x.place(reading.x)} cy={y.place(smooth ?? raw)} r="3" style={{ fill: colour }} /> : null))}
              </>
            )}
          </svg>
        </svg>
      )}
    </div>
  );
}

function Axes({ x, y, width, height }: { x: Scale; y: Scale; width: number; height: number }): JSX.Element {
  return (
    <g class="axes" aria-hidden="true">
      {y.ticks.map(({ value, label }) => (
        <>
          <path d={`M${margin.left} ${y.place(value)}H${width - margin.right}`} />
          <text x={margin.left - 6} y={y.place(value)} dy="0.32em" text-anchor="end">
            {label}
          </text>
        </>
      ))}
      <path d={`M${margin.left} ${height - margin.bottom}H${width - margin.right}`} />
      {x.ticks.map(({ value, label }) => (
        <text x={x.place(value)} y={height - 5} text-anchor={x.place(value) > width - 40 ? 'end' : 'middle'}>
          {label}
        </text>
      ))}
    </g>
  );
}

/** What has no height stands at the border: NaN as a cross, infinities as arrows. */
function Odd({ line, x, domain, logarithmic, height }: { line: Line; x: Scale; domain: readonly [number, number]; logarithmic: boolean; height: number }): JSX.Element {
  const { xs, ys } = line.raw;
  const bottom = height - margin.bottom;
  return (
    <g style={{ stroke: line.colour, fill: line.colour }} class="odd">
      {ys.map((value, index) => {
        const at = xs[index] ?? 0;
        if ((Number.isFinite(value) && !(logarithmic && value <= 0)) || at < domain[0] || at > domain[1]) {
          return null;
        }
        const place = x.place(at);
        const d = value === Infinity ? `M${place - 4} ${margin.top + 7}l4 -7l4 7z` : Number.isNaN(value) ? `M${place - 3} ${bottom - 7}l6 6m0 -6l-6 6` : `M${place - 4} ${bottom - 8}l4 7l4 -7z`;
        return (
          <path key={index} d={d}>
            <title>{`${line.name}: ${Number.isNaN(value) ? 'not a number' : String(value)}`}</title>
          </path>
        );
      })}
    </g>
  );
}

function useWidth(place: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}

function extent(lines: readonly Line[]): [number, number] {
  const ends = lines.flatMap(({ raw: { xs } }) => [xs[0], xs.at(-1)]).filter((end) => end !== undefined);
  return ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
}

/** The least and the greatest value in sight. */
function valueDomain(lines: readonly Line[], [from, to]: readonly [number, number], logarithmic: boolean): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { raw } of lines) {
    raw.ys.forEach((value, index) => {
      const at = raw.xs[index] ?? 0;
      if (at >= from && at <= to && Number.isFinite(value) && (!logarithmic || value > 0)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    });
  }
  return low > high ? [logarithmic ? 0.1 : 0, 1] : [low, high];
}

/** The line through what is in sight and one neighbour on each side; broken where a value has no height. */
function pathOf({ xs, ys }: Drawn, x: Scale, y: Scale, [from, to]: readonly [number, number], logarithmic: boolean): string {
  let path = '';
  let pen = 'M';
  const only = xs.length === 1;
  xs.forEach((at, index) => {
    const value = ys[index] ?? NaN;
    if ((xs[index + 1] ?? at) < from || (xs[index - 1] ?? at) > to) {
      return;
    }
    if (!Number.isFinite(value) || (logarithmic && value <= 0)) {
      pen = 'M';
      return;
    }
    path += `${pen}${x.place(at).toFixed(1)} ${y.place(value).toFixed(1)}`;
    // A point without neighbours is seen as well.
    path += only || (pen === 'M' && !Number.isFinite(ys[index + 1] ?? NaN)) ? 'h0.1' : '';
    pen = 'L';
  });
  return path;
}

function read(lines: readonly Line[], at: number, [from, to]: readonly [number, number]): { x: number; values: Reading['values'] } | null {
  const near = lines.flatMap((line) => {
    const index = nearest(line.raw.xs, at);
    const x = line.raw.xs[index];
    return x === undefined || x < from || x > to ? [] : [{ line, x, raw: line.raw.ys[index] ?? NaN }];
  });
  const closest = near.reduce<number | null>((best, { x }) => (best === null || Math.abs(x - at) < Math.abs(best - at) ? x : best), null);
  if (closest === null) {
    return null;
  }
  return {
    x: closest,
    values: near.map(({ line, raw }) => ({ name: line.name, colour: line.colour, raw, smooth: line.smooth === null ? null : (line.smooth.ys[nearest(line.smooth.xs, closest)] ?? null) })),
  };
}

/** The next point of any line to the left or right. */
function neighbour(lines: readonly Line[], at: number, right: boolean, [from, to]: readonly [number, number]): number {
  const others = lines.flatMap(({ raw: { xs } }) => {
    const next = right ? xs.find((x) => x > at) : xs.findLast((x) => x < at);
    return next === undefined || next < from || next > to ? [] : [next];
  });
  return others.length === 0 ? at : right ? Math.min(...others) : Math.max(...others);
}
