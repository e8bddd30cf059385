import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VegaSpec } from '../../src/contracts/query.ts';
import type { DrawnChart } from './vega.ts';

interface ChartProps {
  spec: VegaSpec | undefined;
  values: readonly object[];
  height: number;
  /** What a screen reader says in place of the picture. */
  label: string;
}

/** Draws a chart when it comes into sight and keeps it at the width of its place. Vega loads with the first one. */
export function Chart({ spec, values, height, label }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart | null>(null);
  const latest = useRef(values);
  const [seen, setSeen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  latest.current = values;

  useEffect(() => {
    const element = place.current;
    if (element === null) {
      return undefined;
    }
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        setSeen(true);
        observer.disconnect();
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = place.current;
    if (!seen || element === null || spec === undefined) {
      return undefined;
    }
    let gone = false;
    const resizer = new ResizeObserver(() => chart.current?.resize(Math.max(60, element.clientWidth), height));
    import('./vega.ts').then(
      ({ draw }) => {
        if (!gone) {
          chart.current = draw(element, spec, latest.current, { width: Math.max(60, element.clientWidth), height });
          resizer.observe(element);
        }
      },
      (error: unknown) => setFault(String(error)),
    );
    return () => {
      gone = true;
      resizer.disconnect();
      chart.current?.dispose();
      chart.current = null;
      element.replaceChildren();
    };
  }, [seen, spec, height]);

  useEffect(() => chart.current?.update(values), [values]);

  return (
    <>
      <div ref={place} class="chart" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
      {fault === null ? null : <div class="muted">The chart could not be drawn: {fault}</div>}
    </>
  );
}
