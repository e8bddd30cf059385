import type { ChartName, VegaSpec } from '../../contracts/query.ts';

/** Compiles charts to Vega. Their data set is `values`; width and height are signals that the panel sets. */
export async function compileCharts(names: readonly ChartName[]): Promise<Record<string, VegaSpec>> {
  const [{ compile }, { chartSpecs }] = await Promise.all([import('vega-lite'), import('./specs.ts')]);
  return Object.fromEntries(names.map((name) => [name, compile(chartSpecs[name]).spec as unknown as VegaSpec]));
}
