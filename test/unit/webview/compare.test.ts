import assert from 'node:assert/strict';
import type { KnownColumn } from '../../../src/contracts/runTable.ts';
import { arranged, isWanted, shownColumns, withShown } from '../../../webview-ui/compare/arrangement.ts';
import { inSight, layoutOf, rowHeight, slotsOf } from '../../../webview-ui/compare/gridLayout.ts';
import { contrast, lineLooks, type Rgb } from '../../../webview-ui/compare/lineLooks.ts';
import { nearestLine, placed } from '../../../webview-ui/compare/nearestLine.ts';
import { paretoFront } from '../../../webview-ui/compare/pareto.ts';

const column = (group: KnownColumn['group'], key: string, differs = true): KnownColumn => ({ group, key, runs: 2, differs, numbers: group === 'metric' });
const known = [column('attribute', 'run_id'), column('attribute', 'source', false), column('metric', 'auc'), column('metric', 'cv_auc'), column('metric', 'system/cpu_percent'), column('param', 'lr'), column('param', 'seed', false), column('tag', 'mlflow.user'), column('tag', 'team')];

describe('the Pareto front', () => {
  it('holds what nothing beats in both directions, from the best in x to the best in y', () => {
    const points = [{ x: 1, y: 5 }, { x: 3, y: 3 }, { x: 2, y: 2 }, { x: 5, y: 1 }, { x: 5, y: 0 }, { x: 0, y: 5 }];
    assert.deepEqual(paretoFront(points), [3, 1, 0]);
  });

  it('holds all of equal points, and one where one is best', () => {
    assert.deepEqual(paretoFront([{ x: 1, y: 1 }, { x: 1, y: 1 }, { x: 0, y: 1 }]), [0, 1]);
    assert.deepEqual(paretoFront([{ x: 0, y: 0 }, { x: 1, y: 1 }]), [1]);
    assert.deepEqual(paretoFront([]), []);
  });

  it('is what comparing all with all gives', () => {
    const points = Array.from({ length: 400 }, (_, index) => ({ x: (index * 7919) % 23, y: (index * 104_729) % 19 }));
    const beats = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x >= b.x && a.y >= b.y && (a.x > b.x || a.y > b.y);
    const slow = points.flatMap((point, index) => (points.some((other) => beats(other, point)) ? [] : [index]));
    assert.deepEqual(paretoFront(points).sort((a, b) => a - b), slow);
  });
});

describe('the columns of a comparison', () => {
  const ids = (change: Parameters<typeof arranged>[0]): string[] => shownColumns(known, arranged(change, {})).map(({ id }) => id);

  it('stand by group, without what says little', () => {
    assert.deepEqual(ids({}), ['metric:auc', 'metric:cv_auc', 'param:lr', 'param:seed', 'tag:team', 'attribute:source']);
  });

  it('can be pinned, hidden, shown after all, and left out where the runs do not differ', () => {
    assert.deepEqual(ids({ pinned: ['tag:team'], differences: true }), ['tag:team', 'metric:auc', 'metric:cv_auc', 'param:lr']);
    const hidden = withShown([known[2]!, known[5]!], false, { hidden: [], unhidden: [] });
    const shown = withShown([known[4]!], true, hidden);
    assert.deepEqual(ids(shown), ['metric:system/cpu_percent', 'metric:cv_auc', 'param:seed', 'tag:team', 'attribute:source']);
    assert.deepEqual(known.map((each) => isWanted(each, withShown(known, false, shown))), known.map(() => false));
    assert.deepEqual(known.map((each) => isWanted(each, withShown(known, true, shown))), known.map(() => true));
  });

  it('show of each metric what is chosen for it, else for all', () => {
    const of = shownColumns(known, arranged({ aggregate: 'best', aggregates: { auc: 'min', cv_auc: 'last' } }, {})).map(({ column: { key, aggregate } }) => [key, aggregate]);
    assert.deepEqual(of.slice(0, 3), [['auc', 'min'], ['cv_auc', undefined], ['lr', undefined]]);
  });

  it('of a few chosen runs stand side by side at first', () => {
    assert.equal(arranged({}, { run_ids: ['a', 'b'] }).tab, 'side');
    assert.equal(arranged({ tab: 'scatter' }, { run_ids: ['a', 'b'] }).tab, 'scatter');
    assert.equal(arranged({ tab: 'side' }, {}).tab, 'table');
  });
});

describe('what of the grid is in sight', () => {
  const many = Array.from({ length: 1000 }, (_, index) => column('metric', `m${String(index).padStart(3, '0')}`));

  it('is a window of rows and columns, whatever there is', () => {
    const columns = shownColumns(many, arranged({ widths: Object.fromEntries(many.map(({ key }) => [`metric:${key}`, 100])) }, {}));
    const layout = layoutOf(columns, 200, 1000);
    assert.equal(layout.width, layout.pinnedWidth + 100_000);
    const sight = inSight(layout, { left: 50_000, top: 5000 * rowHeight, width: 1000, height: 560 }, 10_000, 48);
    assert.ok(sight.firstRow <= 5000 && sight.lastRow >= 5019 && sight.lastRow - sight.firstRow < 40, JSON.stringify(sight));
    assert.ok(sight.firstColumn <= 500 && sight.lastColumn >= 507 && sight.lastColumn - sight.firstColumn < 16, JSON.stringify(sight));
    const end = inSight(layout, { left: 1e9, top: 1e9, width: 1000, height: 560 }, 10_000, 48);
    assert.deepEqual([end.lastRow, end.lastColumn], [10_000, 1000]);
    assert.deepEqual(inSight(layout, { left: 0, top: 0, width: 1000, height: 560 }, 0, 48).lastRow, 0);
  });

  it('has as many rows wherever the view stands, so that each finds the elements of one that left', () => {
    const layout = layoutOf(shownColumns(many, arranged({}, {})), 200, 1000);
    for (const top of [0, 1, 13, 300, 5000 * rowHeight + 7, 1e9]) {
      const { firstRow, lastRow } = inSight(layout, { left: 0, top, width: 1000, height: 561 }, 10_000, 48);
      assert.equal(lastRow - firstRow, slotsOf(561 - 48), String(top));
      assert.ok(top === 1e9 || (firstRow * rowHeight <= top && lastRow * rowHeight >= top + 561 - 48), String(top));
    }
    assert.deepEqual(inSight(layout, { left: 0, top: 0, width: 1000, height: 561 }, 3, 48), { firstRow: 0, lastRow: 3, firstColumn: 0, lastColumn: inSight(layout, { left: 0, top: 0, width: 1000, height: 561 }, 3, 48).lastColumn });
  });

  it('lets pinned columns take no more of a narrow view than leaves room for the others', () => {
    const pinned = shownColumns(many, arranged({ pinned: many.slice(0, 5).map(({ key }) => `metric:${key}`) }, {}));
    assert.equal(layoutOf(pinned, 200, 1400).pinned.length, 5);
    const narrow = layoutOf(pinned, 400, 320);
    assert.ok(narrow.pinnedWidth <= 0.7 * 320, `${narrow.pinnedWidth}`);
    assert.equal(narrow.pinned.length + narrow.moving.length, 1000);
  });
});

describe('the lines of many curves', () => {
  const hex = (text: string): Rgb => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;
  /** VS Code's own chart colours: blue, orange, green, red, purple, yellow. */
  const themes = {
    light: [['#1a85ff', '#d18616', '#388a34', '#e51400', '#652d90', '#bf8803'], '#ffffff'],
    dark: [['#3794ff', '#d18616', '#89d185', '#f14c4c', '#b180d7', '#cca700'], '#1f1f1f'],
    'high contrast': [['#3794ff', '#d18616', '#89d185', '#f48771', '#b180d7', '#ffd37d'], '#000000'],
  } as const;

  for (const [name, [colours, behind]] of Object.entries(themes)) {
    it(`are told apart in a ${name} theme: twelve colours that stand out, then dashes`, () => {
      const looks = lineLooks(colours.map(hex), hex(behind));
      const drawn = looks.map(({ colour }) => (colour.match(/\d+/g) ?? []).map(Number) as unknown as Rgb);
      const apart = (a: Rgb, b: Rgb): number => Math.hypot(...a.map((part, index) => part - (b[index] ?? 0)));
      const first = drawn.slice(0, 12);
      first.forEach((a, index) => {
        assert.ok(contrast(a, hex(behind)) >= 3, `${String(a)} on ${behind}`);
        first.slice(0, index).forEach((b) => assert.ok(apart(a, b) > 25, `${String(a)} and ${String(b)}`));
      });
      assert.equal(new Set(looks.map((look) => JSON.stringify(look))).size, looks.length);
      assert.ok(looks.length >= 48 && looks.slice(0, 12).every(({ dash }) => dash.length === 0));
    });
  }

  it('are found under the pointer, also between two points far apart', () => {
    const lines = new Map([
      ['flat', placed([[0, 0], [100, 0]], (step) => 10 * step, (value) => 100 - value)],
      ['steep', placed([[0, 0], [50, 80], [51, 0], [100, 90]], (step) => 10 * step, (value) => 100 - value)],
    ]);
    assert.deepEqual(nearestLine(lines, 700, 99, 24), { id: 'flat', index: 1 });
    assert.deepEqual(nearestLine(lines, 505, 60, 24), { id: 'steep', index: 2 });
    assert.deepEqual(nearestLine(lines, 240, 62, 24), { id: 'steep', index: 0 });
    assert.equal(nearestLine(lines, 250, 10, 24), null);
    assert.equal(nearestLine(new Map(), 1, 1, 24), null);
  });
});
