// What pictures that are drawn by hand share: scales, ticks, the theme's colours, a sharp canvas.
import { useEffect, useState } from 'preact/hooks';
import type { RunCell } from '../../src/contracts/runTable.ts';
import type { Rgb } from './lineLooks.ts';

/** Round numbers between two, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low)) {
    return [low];
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power >= 5 ? 10 : rough / power >= 2 ? 5 : rough / power >= 1 ? 2 : 1);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Where values lie on an axis, 0…1; null for what is missing. Texts that are not numbers stand in their order. */
export interface Axis {
  position(cell: RunCell): number | null;
  /** What to write, and where. */
  marks: { at: number; text: string }[];
  /** The ends; null where texts stand on the axis. */
  range: [number, number] | null;
}

/** More texts than this cannot be told apart on an axis. */
const mostTexts = 24;

export function axisOf(cells: readonly RunCell[]): Axis {
  const there = cells.filter((cell) => cell !== null);
  const numbers = there.map(Number);
  if (there.length > 0 && numbers.filter(Number.isFinite).length > 0.5 * there.length) {
    const finite = numbers.filter(Number.isFinite);
    const [low, high] = finite.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
    const place = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
    const marks = [...new Set([low, ...ticks(low, high, 4).filter((tick) => place(tick) > 0.08 && place(tick) < 0.92), high])];
    return { range: [low, high], marks: marks.map((value) => ({ at: place(value), text: short(value) })), position: (cell) => (cell === null || cell === '' || !Number.isFinite(Number(cell)) ? null : place(Number(cell))) };
  }
  const texts = [...new Set(there.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const places = new Map(texts.map((text, index) => [text, texts.length === 1 ? 0.5 : index / (texts.length - 1)]));
  return { range: null, marks: texts.length > mostTexts ? [] : texts.map((text) => ({ at: places.get(text) ?? 0, text: text.length > 14 ? `${text.slice(0, 13)}…` : text })), position: (cell) => (cell === null ? null : (places.get(String(cell)) ?? null)) };
}

export function short(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

export interface Theme {
  text: string;
  muted: string;
  line: string;
  accent: string;
  /** From low to high, as CSS colours. */
  scale: string[];
  /** The colours for lines that the theme has. */
  lines: Rgb[];
  behind: Rgb;
  font: string;
}

const steps = 24;

/** The names that VS Code gives colours of charts, in an order in which neighbours differ, and what stands in for missing ones. */
const lineColours = [['blue', '#3794ff'], ['orange', '#d18616'], ['green', '#388a34'], ['red', '#e51400'], ['purple', '#b180d7'], ['yellow', '#bf8803']] as const;

/** The colours as they are now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const variable = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  const text = variable('--vscode-foreground', '#888888');
  const from = rgb(variable('--vscode-charts-blue', '#3794ff'));
  const to = rgb(variable('--vscode-charts-yellow', '#cca700'));
  return {
    text,
    muted: variable('--vscode-descriptionForeground', text),
    line: variable('--vscode-contrastBorder', variable('--vscode-panel-border', '#80808059')),
    accent: variable('--vscode-charts-blue', '#3794ff'),
    scale: Array.from({ length: steps }, (_, step) => `rgb(${from.map((part, index) => Math.round(part + ((to[index] ?? 0) - part) * (step / (steps - 1)))).join(' ')})`),
    lines: lineColours.map(([name, otherwise]) => rgb(variable(`--vscode-charts-${name}`, otherwise))),
    behind: rgb(variable('--vscode-editor-background', '#ffffff')),
    font: `11px ${style.fontFamily}`,
  };
}

/** The parts of any CSS colour, as the browser reads it. */
function rgb(colour: string): Rgb {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d');
  if (context === null) {
    return [128, 128, 128];
  }
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** The theme, anew when it changes. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(readTheme()));
    observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
    return () => observer.disconnect();
  }, []);
  return theme;
}

/** The width of an element as it changes, in pixels. */
export function useWidth(element: HTMLElement | null): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element === null) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** Clears a canvas and makes it as sharp as the screen. Null where there is none to draw on. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context?.scale(ratio, ratio);
  return context;
}
