// How many lines are told apart: twelve colours, then the same ones dashed. Pure.

/** Red, green and blue, 0…255. */
export type Rgb = readonly [number, number, number];

export interface LineLook {
  colour: string;
  /** Lengths of strokes and gaps in pixels; empty: a whole line. */
  dash: readonly number[];
}

/** More hues than this look alike. */
const colours = 12;
/** What graphics need against what is behind them (WCAG 1.4.11). */
const leastContrast = 3;
/** As eyes see it, where black and white are 1 apart. */
const leastApart = 0.07;
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** @param theme the theme's own colours, which come first, but for those that look like one before. @param behind what the lines are drawn on. */
export function lineLooks(theme: readonly Rgb[], behind: Rgb): LineLook[] {
  const own = theme.map(toLch);
  const [lightness, chroma] = [mean(own.map(([light]) => light)), mean(own.map(([, each]) => each))];
  const seen: Rgb[] = [];
  for (const lch of own) {
    const rgb = readable(lch, behind);
    if (seen.every((each) => apart(each, rgb) >= leastApart)) {
      seen.push(rgb);
    }
  }
  while (seen.length < colours) {
    seen.push(readable([lightness, chroma, widestGap(seen.map((rgb) => toLch(rgb)[2]))], behind));
  }
  return dashes.flatMap((dash) => seen.slice(0, colours).map((rgb) => ({ colour: `rgb(${rgb.map(Math.round).join(' ')})`, dash })));
}

/** Brightness as eyes weigh it, against that of another colour: 1…21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function apart(a: Rgb, b: Rgb): number {
  const [[light, chroma, hue], [otherLight, otherChroma, otherHue]] = [toLch(a), toLch(b)];
  const turn = ((hue - otherHue) * Math.PI) / 180;
  return Math.hypot(light - otherLight, Math.sqrt(Math.max(0, chroma ** 2 + otherChroma ** 2 - 2 * chroma * otherChroma * Math.cos(turn))));
}

/** The middle of the widest stretch of the circle of hues that has none yet, in degrees. */
function widestGap(hues: readonly number[]): number {
  const sorted = [...hues].sort((a, b) => a - b);
  let [start, width] = [0, 0];
  sorted.forEach((hue, index) => {
    const gap = (sorted[index + 1] ?? (sorted[0] ?? 0) + 360) - hue;
    if (gap > width) {
      [start, width] = [hue, gap];
    }
  });
  return (start + width / 2) % 360;
}

/** Lighter or darker until it stands out. */
function readable(lch: Lch, behind: Rgb): Rgb {
  const step = luminance(behind) < 0.18 ? 0.03 : -0.03;
  let [light] = lch;
  let rgb = toRgb([light, lch[1], lch[2]]);
  while (contrast(rgb, behind) < leastContrast && light > 0 && light < 1) {
    light += step;
    rgb = toRgb([light, lch[1], lch[2]]);
  }
  return rgb;
}

/** OKLCH: lightness 0…1, chroma, hue in degrees. Equal steps there look equal. */
type Lch = readonly [light: number, chroma: number, hue: number];

function toLch(rgb: Rgb): Lch {
  const [r, g, b] = rgb.map(linear) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const [x, y] = [1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, Math.hypot(x, y), ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360];
}

function toRgb([light, chroma, hue]: Lch): Rgb {
  const [x, y] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (light + 0.3963377774 * x + 0.2158037573 * y) ** 3;
  const m = (light - 0.1055613458 * x - 0.0638541728 * y) ** 3;
  const s = (light - 0.0894841775 * x - 1.291485548 * y) ** 3;
  return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s].map(gamma) as unknown as Rgb;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(linear) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linear(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function gamma(share: number): number {
  const part = share <= 0.0031308 ? 12.92 * share : 1.055 * Math.max(0, share) ** (1 / 2.4) - 0.055;
  return 255 * Math.max(0, Math.min(1, part));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
