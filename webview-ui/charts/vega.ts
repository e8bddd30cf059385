// Vega with its interpreter: nothing is compiled at run time, as the Content-Security-Policy wants it.
import { expressionInterpreter } from 'vega-interpreter';
import { parse, View, type Spec } from 'vega';
import type { VegaSpec } from '../../src/contracts/query.ts';

export interface DrawnChart {
  update(values: readonly object[]): void;
  resize(width: number, height: number): void;
  dispose(): void;
}

/** Not orange: some themes make it as pale as the page, and in high contrast it has none. */
const palette = ['blue', 'purple', 'green', 'yellow', 'red'].map((name) => `var(--vscode-charts-${name})`);

/** Draws into `container`. Colours are the theme's variables, so a change of theme needs no new drawing. */
export function draw(container: HTMLElement, spec: VegaSpec, values: readonly object[], size: { width: number; height: number }): DrawnChart {
  const font = getComputedStyle(document.body).fontFamily;
  const config = {
    background: 'transparent',
    axis: { labelColor: 'var(--vscode-descriptionForeground)', titleColor: 'var(--vscode-descriptionForeground)', gridColor: 'var(--line)', domainColor: 'var(--line)', tickColor: 'var(--line)', labelFont: font, titleFont: font, labelFontSize: 11, gridOpacity: 0.6 },
    range: { category: palette },
    style: { cell: { stroke: 'transparent' } },
  };
  const themed = JSON.parse(JSON.stringify(spec).replaceAll('"#4c78a8"', '"var(--accent)"')) as Spec;
  const view = new View(parse({ ...themed, background: 'transparent' } as Spec, config, { ast: true }), { renderer: 'svg', container, hover: true, expr: expressionInterpreter, logLevel: 1 });
  view.tooltip((_handler, _event, _item, value: unknown) => {
    container.title = value !== null && typeof value === 'object' ? Object.entries(value).map(([name, text]) => `${name}: ${String(text)}`).join('\n') : '';
  });
  view.width(size.width).height(size.height).data('values', [...values]);
  void view.runAsync();
  return {
    update: (next) => void view.data('values', [...next]).runAsync(),
    resize: (width, height) => void view.width(width).height(height).runAsync(),
    dispose: () => view.finalize(),
  };
}
