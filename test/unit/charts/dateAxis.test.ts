import assert from 'node:assert/strict';
import { parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compileCharts } from '../../../src/core/charts/api.ts';

/** What stands under the axis of a timeline with windows at these moments, as the panels draw it. */
async function labels(...at: number[]): Promise<string[]> {
  const { timeline } = await compileCharts(['timeline']);
  const view = new View(parse(timeline as unknown as Spec, {}, { ast: true }), { renderer: 'none', expr: expressionInterpreter });
  view.width(900).height(200).data('values', at.map((each) => ({ kind: 'window', at: each, when: '', value: 1, low: 0.5, high: 1.5, series: 'Version 1', colour: 'blue', shape: 'circle' })));
  const svg = await view.toSVG();
  view.finalize();
  const axis = /role-axis-label(?:(?!role-axis-label)[\s\S])*?<\/g>/.exec(svg)?.[0] ?? '';
  return [...axis.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((each) => each[1] ?? '').filter((text) => text !== '');
}

const day = 86_400_000;
const start = new Date(2006, 2, 1).getTime();

describe('the dates under a timeline', () => {
  it('have their year over years and months', async () => {
    const years = await labels(start, start + 1200 * day);
    assert.ok(years.length >= 3 && years.every((label) => /^[A-Z][a-z]{2} 20\d\d$/.test(label)), years.join());
    const weeks = await labels(start, start + 30 * day);
    assert.ok(weeks.length >= 3 && weeks.every((label) => /^[A-Z][a-z]{2} \d{1,2}, 2006$/.test(label)), weeks.join());
  });

  it('have their day over hours, and seconds over minutes', async () => {
    const hours = await labels(start, start + day / 4);
    assert.ok(hours.length >= 3 && hours.every((label) => /^Mar 1, \d\d:\d\d$/.test(label)), hours.join());
    const seconds = await labels(start, start + 60_000);
    assert.ok(seconds.length >= 3 && seconds.every((label) => /^00:0\d:\d\d$/.test(label)), seconds.join());
  });

  it('are told in full where all windows lie within a second', async () => {
    const moment = await labels(start, start + 700);
    assert.ok(moment.length <= 2, moment.join());
    assert.equal(moment[0], 'Mar 1, 2006, 00:00:00');
  });
});
