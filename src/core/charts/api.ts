// Charts for the panels: Vega-Lite specifications, compiled here because its compiler is too large for a webview.
export { compileCharts } from './compile.ts';
