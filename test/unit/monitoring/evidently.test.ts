import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DriftMethod } from '../../../src/contracts/monitoring.ts';
import { compareFiles } from '../../../src/core/monitoring/api.ts';

interface Case {
  file: string;
  reference: [number, number];
  current: [number, number];
  columns: Record<string, { value: number; method: string; threshold: number }>;
  drifted: number;
  share: number;
}

const fixtures = path.join(import.meta.dirname, 'fixtures');
const examples = path.resolve(import.meta.dirname, '../../../examples');
const cases = JSON.parse(readFileSync(path.join(fixtures, 'evidentlyReports.json'), 'utf8')) as Case[];
const names: Record<string, DriftMethod> = {
  'K-S p_value': 'ks',
  'chi-square p_value': 'chisquare',
  'Z-test p_value': 'z',
  'Jensen-Shannon distance': 'jensenshannon',
  'Wasserstein distance (normed)': 'wasserstein',
};

describe('drift in mode evidently', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'evidently-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function part(file: string, [from, to]: [number, number]): Promise<string> {
    const [header = '', ...lines] = (await readFile(file === 'mixed' ? path.join(fixtures, 'mixed.csv') : path.join(examples, file, `${file}.csv`), 'utf8')).trimEnd().split(/\r?\n/);
    const target = path.join(folder, `${file}-${from}-${to}.csv`);
    await writeFile(target, `${[header, ...lines.slice(from, to)].join('\n')}\n`);
    return target;
  }

  for (const { file, reference, current, columns, drifted, share } of cases) {
    it(`is that of Evidently 0.7.21: ${file}, rows ${reference.join('–')} against ${current.join('–')}`, async () => {
      const report = await compareFiles({ reference: await part(file, reference), current: await part(file, current), mode: 'evidently', ignore: [] });
      assert.deepEqual(report.columns.map((column) => column.name).sort(), Object.keys(columns).sort());
      for (const { name, method, statistic, threshold, drift } of report.columns) {
        const expected = columns[name]!;
        assert.equal(method, names[expected.method], name);
        assert.ok(Math.abs(statistic! - expected.value) <= 1e-6, `${name}: ${statistic} instead of ${expected.value}`);
        assert.equal(threshold, expected.threshold, name);
        const far = ['ks', 'chisquare', 'z'].includes(method) ? expected.value < expected.threshold : expected.value >= expected.threshold;
        assert.equal(drift, far, name);
      }
      assert.equal(report.columns.filter((column) => column.drift).length, drifted);
      assert.ok(Math.abs(report.drifted_share - share) < 1e-12);
      assert.equal(report.dataset_drift, share >= 0.5);
    });
  }

  it('judges nothing where a column has no values', async () => {
    await writeFile(path.join(folder, 'a.csv'), `x,y\n${Array.from({ length: 50 }, (_, row) => `${row},${row % 3}`).join('\n')}\n`);
    await writeFile(path.join(folder, 'b.csv'), `x,y\n${Array.from({ length: 50 }, (_, row) => `,${row % 3}`).join('\n')}\n`);
    const report = await compareFiles({ reference: path.join(folder, 'a.csv'), current: path.join(folder, 'b.csv'), mode: 'evidently', ignore: [] });
    assert.deepEqual(report.columns.map((column) => column.name), ['y']);
    assert.equal(report.problems.length, 1);
    assert.match(report.problems[0] ?? '', /`x`/);
  });
});
