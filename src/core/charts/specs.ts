// The charts in Vega-Lite. Colours and fonts are set by the panel, from the theme.
import type { TopLevelSpec } from 'vega-lite';
import type { ChartName } from '../../contracts/query.ts';

const base = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', data: { name: 'values' }, width: 240, height: 80, autosize: { type: 'fit', contains: 'padding' }, padding: 2 } as const;

/** The model in the accent, what it is compared with in a quiet colour. */
const kinds = { field: 'kind', type: 'nominal', legend: null, scale: { domain: ['model', 'baseline'], range: ['#4c78a8', 'var(--muted)'] } } as const;

const quiet = { grid: false, ticks: false, domain: false, title: null } as const;

const contestants = ['truth', 'champion', 'challenger'];

const scoreAxis = { type: 'quantitative', scale: { zero: false }, axis: { labelPadding: 8, title: null, tickCount: 4, format: '~g', domain: false, ticks: false } } as const;

const span = "(domain('x')[1] - domain('x')[0])";
const [minute, day] = [60_000, 86_400_000];

/** Labels as fine as the axis is long, each with enough around it to be read alone: a month has its year, an hour its day. */
const formats: [shorterThan: number, format: string][] = [[10_000, '%b %-d, %Y, %H:%M:%S'], [2 * minute, '%H:%M:%S'], [2 * day, '%b %-d, %H:%M'], [90 * day, '%b %-d, %Y'], [6 * 365 * day, '%b %Y']];
const formatOfSpan = formats.reduceRight((longer, [shorterThan, format]) => `${span} < ${shorterThan} ? '${format}' : ${longer}`, "'%Y'");
const dateLabel = `timeFormat(datum.value, ${formatOfSpan})`;
/** Within seconds one tick says when it was: more would all be the same second. */
const ticks = { expr: `${span} < 10000 ? 1 : 8` };
const dateAxis = { ...quiet, labelFlush: true, tickCount: ticks, labelOverlap: true, labelSeparation: 12, labelExpr: dateLabel } as const;

/** The panel gives each row the colour of its version, the same everywhere. */
const ownColour = { field: 'colour', type: 'nominal', scale: null } as const;

/** A level that holds from window to window, of one version. */
function lineOf(field: 'reference' | 'limit', strokeDash: number[], opacity: number): Extract<TopLevelSpec, { layer: unknown }>['layer'] {
  return [
    {
      mark: { type: 'line', strokeWidth: 1, interpolate: 'step', strokeDash, opacity },
      transform: [{ filter: `datum.kind === 'window' && isValid(datum.${field})` }],
      encoding: { y: { field, ...scoreAxis }, detail: { field: 'series' }, color: field === 'limit' ? { value: 'var(--warn)' } : ownColour },
    },
  ];
}

/** Each takes the rows that its comment names. */
export const chartSpecs: Record<ChartName, TopLevelSpec> = {
  /** { low, high, count }: bins of a number. */
  histogram: {
    ...base,
    mark: { type: 'bar', binSpacing: 1 },
    encoding: {
      x: { field: 'low', type: 'quantitative', bin: { binned: true }, axis: { ...quiet, labelFlush: true, tickCount: 4, format: '~s' }, scale: { nice: false } },
      x2: { field: 'high' },
      y: { field: 'count', type: 'quantitative', axis: null },
      tooltip: [
        { field: 'low', type: 'quantitative', title: 'from', format: ',.6~g' },
        { field: 'high', type: 'quantitative', title: 'to', format: ',.6~g' },
        { field: 'count', type: 'quantitative', title: 'rows', format: ',' },
      ],
    },
  },
  /** { low, high, count }: bins of a date, in milliseconds since 1970. */
  date_histogram: {
    ...base,
    mark: { type: 'bar', binSpacing: 1 },
    encoding: {
      x: { field: 'low', type: 'temporal', scale: { type: 'utc' }, axis: { ...quiet, labelFlush: true, tickCount: 4 } },
      x2: { field: 'high' },
      y: { field: 'count', type: 'quantitative', axis: null },
      tooltip: [
        { field: 'low', type: 'temporal', title: 'from', format: '%Y-%m-%d' },
        { field: 'high', type: 'temporal', title: 'to', format: '%Y-%m-%d' },
        { field: 'count', type: 'quantitative', title: 'rows', format: ',' },
      ],
    },
  },
  /** { value, count, share }: the most frequent values, already in order. */
  top_values: {
    ...base,
    encoding: {
      y: { field: 'value', type: 'nominal', sort: null, axis: { ...quiet, labelExpr: "length(datum.label) > 18 ? substring(datum.label, 0, 17) + '…' : datum.label", labelLimit: 130 } },
      x: { field: 'count', type: 'quantitative', axis: null },
      tooltip: [
        { field: 'value', type: 'nominal', title: 'value' },
        { field: 'count', type: 'quantitative', title: 'rows', format: ',' },
        { field: 'share', type: 'quantitative', title: 'share', format: '.1%' },
      ],
    },
    mark: { type: 'bar', height: { band: 0.7 } },
  },
  /** { step, value, series }: lines that grow. */
  curves: {
    ...base,
    mark: { type: 'line', strokeWidth: 1.5 },
    encoding: {
      x: { field: 'step', type: 'quantitative', axis: { grid: false, title: null, tickMinStep: 1, tickCount: 5, format: '~s' }, scale: { nice: false, zero: false } },
      y: { field: 'value', type: 'quantitative', axis: { title: null, tickCount: 4, format: '~g', domain: false, ticks: false }, scale: { zero: false } },
      color: { field: 'series', type: 'nominal', legend: null, sort: null },
      tooltip: [
        { field: 'series', type: 'nominal', title: 'line' },
        { field: 'step', type: 'quantitative', title: 'step' },
        { field: 'value', type: 'quantitative', title: 'value', format: '.5~g' },
      ],
    },
  },
  /** { label, value, low, high, kind }: estimates with their intervals; low and high may be missing. */
  intervals: {
    ...base,
    encoding: { y: { field: 'label', type: 'nominal', sort: null, axis: { ...quiet, labelLimit: 240 } } },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2 },
        transform: [{ filter: 'isValid(datum.low)' }],
        encoding: { x: { field: 'low', type: 'quantitative', scale: { zero: false }, axis: { title: null, grid: true, tickCount: 5, domain: false, ticks: false } }, x2: { field: 'high' }, color: kinds },
      },
      {
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          x: { field: 'value', type: 'quantitative' },
          color: kinds,
          shape: { field: 'kind', type: 'nominal', legend: null },
          tooltip: [
            { field: 'label', type: 'nominal', title: 'of' },
            { field: 'value', type: 'quantitative', title: 'value', format: '.4~g' },
            { field: 'low', type: 'quantitative', title: 'from', format: '.4~g' },
            { field: 'high', type: 'quantitative', title: 'to', format: '.4~g' },
          ],
        },
      },
    ],
  },
  /** { label, side: 'reference' | 'current', share }: two distributions side by side, bins already in order. */
  bins: {
    ...base,
    mark: { type: 'bar' },
    encoding: {
      x: { field: 'label', type: 'nominal', sort: null, axis: { ...quiet, labelAngle: 0, labelOverlap: true, labelSeparation: 8, labelLimit: 90 }, scale: { paddingInner: 0.2 } },
      xOffset: { field: 'side', type: 'nominal', sort: ['reference', 'current'] },
      y: { field: 'share', type: 'quantitative', axis: { title: null, tickCount: 3, format: '.0%', domain: false, ticks: false } },
      color: { field: 'side', type: 'nominal', legend: null, scale: { domain: ['reference', 'current'], range: ['var(--muted)', '#4c78a8'] } },
      tooltip: [
        { field: 'label', type: 'nominal', title: 'values' },
        { field: 'side', type: 'nominal', title: 'of' },
        { field: 'share', type: 'quantitative', title: 'share', format: '.1%' },
      ],
    },
  },
  /**
   * { kind: 'window', at, when, value, low, high, series, colour, shape, reference, limit }: a score over time with its
   * interval, what it is held against, and beyond what it is worse. { kind: 'mark', at, when, series }: what happened.
   * `when` is `at` in words.
   */
  timeline: {
    ...base,
    encoding: { x: { field: 'at', type: 'temporal', axis: dateAxis } },
    layer: [
      {
        mark: { type: 'rule', strokeDash: [2, 3], stroke: 'var(--muted)' },
        transform: [{ filter: "datum.kind === 'mark'" }],
        encoding: { tooltip: [{ field: 'series', type: 'nominal', title: 'retraining' }, { field: 'when', type: 'nominal', title: 'decided' }] },
      },
      ...lineOf('reference', [1, 0], 0.8),
      ...lineOf('limit', [6, 4], 1),
      {
        mark: { type: 'rule', opacity: 0.6, strokeWidth: 2 },
        transform: [{ filter: "datum.kind === 'window'" }],
        encoding: { y: { field: 'low', ...scoreAxis }, y2: { field: 'high' }, color: ownColour },
      },
      {
        mark: { type: 'line', strokeWidth: 1.5 },
        transform: [{ filter: "datum.kind === 'window'" }],
        encoding: { y: { field: 'value', ...scoreAxis }, detail: { field: 'series' }, color: ownColour },
      },
      {
        mark: { type: 'point', filled: true, size: 44, opacity: 1 },
        transform: [{ filter: "datum.kind === 'window'" }],
        encoding: {
          y: { field: 'value', ...scoreAxis },
          color: ownColour,
          shape: { field: 'shape', type: 'nominal', scale: null },
          tooltip: [
            { field: 'series', type: 'nominal', title: 'version' },
            { field: 'when', type: 'nominal', title: 'until' },
            { field: 'value', type: 'quantitative', title: 'value', format: '.4~g' },
            { field: 'low', type: 'quantitative', title: 'from', format: '.4~g' },
            { field: 'high', type: 'quantitative', title: 'to', format: '.4~g' },
          ],
        },
      },
    ],
  },
  /** { at, when, value, series: 'truth' | 'champion' | 'challenger' }: what was, and what two models said of it. */
  truth: {
    ...base,
    mark: { type: 'line', strokeWidth: 1.5 },
    encoding: {
      x: { field: 'at', type: 'temporal', axis: dateAxis },
      y: { field: 'value', type: 'quantitative', axis: { title: null, tickCount: 4, format: '~s', domain: false, ticks: false }, scale: { zero: false } },
      color: { field: 'series', type: 'nominal', legend: null, scale: { domain: contestants, range: ['var(--vscode-foreground)', '#4c78a8', 'var(--vscode-charts-purple)'] } },
      strokeDash: { field: 'series', type: 'nominal', legend: null, scale: { domain: contestants, range: [[1, 0], [6, 3], [2, 2]] } },
      tooltip: [
        { field: 'series', type: 'nominal', title: 'line' },
        { field: 'when', type: 'nominal', title: 'at' },
        { field: 'value', type: 'quantitative', title: 'value', format: '.4~g' },
      ],
    },
  },
};
