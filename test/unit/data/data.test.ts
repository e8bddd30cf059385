import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Profile } from '../../../src/contracts/profile.ts';
import { appendColumns, profileFile, readTable, summariseFile } from '../../../src/core/data/api.ts';

const loans = path.resolve(import.meta.dirname, '../../../examples/loans/loans.csv');

describe('data files', function () {
  this.timeout(30_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'data-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function file(name: string, content: string | Buffer): Promise<string> {
    const target = path.join(folder, name);
    await writeFile(target, content);
    return target;
  }
  const alerts = (profile: Profile): string[] => profile.alerts.map((alert) => `${alert.kind} ${alert.column ?? ''}`.trim());

  describe('are profiled', () => {
    it('with the figures that numpy gives', async () => {
      // numpy.quantile (linear), std, and scipy.stats.skew(bias=False) of 0…9 and 100.
      const { columns, rows } = await profileFile(await file('known.csv', `x\n${[...Array(10).keys(), 100].join('\n')}\n`));
      const [x] = columns;
      assert.equal(rows, 11);
      assert.equal(x?.distinct, 11);
      assert.ok(Math.abs(x.mean! - 145 / 11) < 1e-12);
      assert.ok(Math.abs(x.standard_deviation! - 27.590572) < 1e-5, String(x.standard_deviation));
      assert.ok(Math.abs(x.skewness! - 3.2568925) < 1e-6, String(x.skewness));
      assert.equal(x.quantiles?.p50, 5);
      assert.equal(x.quantiles?.p25, 2.5);
      assert.equal(x.zeros, 1);
      assert.equal(x.histogram?.counts.reduce((sum, count) => sum + count, 0), 11);
    });

    it('on real data', async () => {
      const profile = await profileFile(loans);
      assert.equal(profile.rows, 9857);
      assert.equal(profile.columns.length, 23);
      const target = profile.columns.at(-1);
      assert.deepEqual(target?.top_values, [{ value: 'good', count: 9340 }, { value: 'bad', count: 517 }]);
      assert.ok(alerts(profile).includes('imbalanced Class'));
      assert.ok(profile.columns.every((column) => column.histogram === undefined || column.histogram.counts.reduce((sum, count) => sum + count, 0) === profile.rows - column.missing));
    });

    it('with an alert for each thing that a person should know', async () => {
      const rows = Array.from({ length: 60 }, (_, row) => `${row + 1000},same,${row < 40 ? '' : row},${row},${row * 2 + 1},${row === 0 ? 'x' : row}`);
      const profile = await profileFile(await file('alerts.csv', `id,constant,gaps,a,b,mixed\n${[...rows, rows[3]].join('\n')}\n`));
      const found = alerts(profile);
      for (const wanted of ['constant constant', 'missing gaps', 'correlated a', 'duplicate_rows']) {
        assert.ok(found.includes(wanted), `${wanted} is not among ${found.join(', ')}`);
      }
    });

    it('with infinities, dates, truth values and nothing at all', async () => {
      const profile = await profileFile(await file('odd.csv', 'n,d,t,e\n1.5,2024-01-01,true,\ninf,2024-02-01,false,\nnan,,true,\n2.5,2024-01-15,,\n'));
      const [n, d, t, e] = profile.columns;
      assert.deepEqual([n?.type, d?.type, t?.type], ['number', 'date', 'boolean']);
      assert.equal(n?.missing, 2);
      assert.equal(n.maximum, 2.5);
      assert.equal(d?.first, '2024-01-01T00:00:00.000Z');
      assert.equal(e?.missing, 4);
    });

    it('with long identifiers told apart, although a number of 64 bits does not hold them', async () => {
      const rows = Array.from({ length: 30 }, (_, row) => `${row % 2},${9_007_199_254_740_993n + BigInt(row)}`);
      const { columns } = await profileFile(await file('long.csv', `odd,id\n${rows.join('\n')}\n`));
      assert.deepEqual(columns.map(({ distinct }) => distinct), [2, 30]);
    });

    it('within reason when they are wide', async () => {
      const names = Array.from({ length: 300 }, (_, column) => `c${column}`);
      const profile = await profileFile(await file('wide.csv', `${names.join(',')}\n${names.map((_, column) => column).join(',')}\n${names.map(() => 7).join(',')}\n`));
      assert.equal(profile.columns.length, 300);
    });

    it('until they are cancelled', async () => {
      const stop = new AbortController();
      await assert.rejects(profileFile(loans, { signal: stop.signal, onProgress: (message) => (message.startsWith('Counting') ? stop.abort(new Error('enough')) : undefined) }), /enough/);
    });
  });

  describe('are read honestly', () => {
    it('when lines are ragged: those are counted and named', async () => {
      const ragged = await file('ragged.csv', 'id,name,amount\n1,a,2.5\n2,b\n3,c,4,5\n4,d,6.5\n5,e,7\n');
      const profile = await profileFile(ragged);
      assert.deepEqual([profile.rows, profile.columns.map(({ name }) => name)], [3, ['id', 'name', 'amount']]);
      assert.match(profile.alerts[0]?.message ?? '', /^2 lines do not fit the header and are left out; the first is line 3 \(too few values\)/);
      assert.equal((await readTable(ragged)).dropped, 2);
    });

    it('when a value deep in the file is of another type: the row stays', async () => {
      const late = await file('late.csv', `a,b\n${Array.from({ length: 30_000 }, (_, row) => `${row},${row}`).join('\n')}\n7,seven\n`);
      const { rows, columns } = await summariseFile(late);
      assert.equal(rows, 30_001);
      assert.equal(columns[1]?.type, 'text');
    });

    it('with semicolons and decimal commas, with Latin-1, UTF-16 and gzip', async () => {
      const comma = await readTable(await file('comma.csv', 'a;b\n1,5;x\n2,25;y\n'));
      assert.deepEqual([...(comma.columns[0]?.values ?? [])], [1.5, 2.25]);
      const latin = await readTable(await file('latin.csv', Buffer.from('name,x\nJos\u00e9,1\nAnn,2\n', 'latin1')));
      assert.deepEqual(latin.columns[0]?.values, ['José', 'Ann']);
      const wide = await readTable(await file('utf16.csv', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('name,x\nJosé,1\nAnn,2\n', 'utf16le')])));
      assert.deepEqual(wide.columns[0]?.values, ['José', 'Ann']);
      const packed = await readTable(await file('packed.csv.gz', gzipSync('a,b\n1,x\n2,y\n')));
      assert.equal(packed.rows, 2);
    });

    it('whatever their name and their header hold', async () => {
      await mkdir(path.join(folder, "it's [odd]"), { recursive: true });
      const target = await file(`it's [odd]/q"u*te?.csv`, 'a "x",b\'y,a "x",\n1,2,3,4\n5,6,7,8\n');
      const profile = await profileFile(target);
      assert.equal(profile.rows, 2);
      assert.equal(profile.columns.length, 4);
      assert.ok(alerts(profile).includes('header'));
    });

    it('with Yes and No as they stand, and NA among numbers as missing, but not among texts', async () => {
      const words = await file('words.csv', 'answer,truth,count,country,share\nYes,TRUE,1,NA,NA\nNo,false,2,DE,3\nYes,true,NA,NA,4.5\nno,False,n/a,FR,NaN\n');
      const { columns } = await readTable(words);
      assert.deepEqual(columns.map(({ name, type }) => `${name} ${type}`), ['answer text', 'truth boolean', 'count number', 'country text', 'share number']);
      assert.deepEqual(columns.map(({ values }) => [...values]), [['Yes', 'No', 'Yes', 'no'], [1, 0, 1, 0], [1, 2, Number.NaN, Number.NaN], ['NA', 'DE', 'NA', 'FR'], [Number.NaN, 3, 4.5, Number.NaN]]);
      const { alerts: said } = await profileFile(words);
      assert.ok(said.some(({ column, message }) => column === 'count' && message === '2 cells of `count` say "NA", "n/a" among numbers and are taken as missing.'), JSON.stringify(said));
    });
    it('as JSON lines', async () => {
      const { columns, rows } = await readTable(await file('x.ndjson', '{"a":1,"b":"x"}\n{"a":2}\n'));
      assert.equal(rows, 2);
      assert.deepEqual(columns[1]?.values, ['x', null]);
    });

    it('cell for cell', async () => {
      let count = 0;
      const cell = fc.oneof(fc.string({ maxLength: 12 }).filter((text) => !/[\r\n\0]/.test(text) && text.trim() === text && text !== ''), fc.constantFrom('a "quoted" word', 'comma, inside', 'é ü 漢'));
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(cell, fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })), { minLength: 2, maxLength: 20 }), async (rows) => {
          count += 1;
          const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
          const target = await file(`cells-${count}.csv`, `label,value\n${rows.map(([text, value]) => `${quoted(`t ${text}`)},${value}`).join('\n')}\n`);
          const { columns } = await readTable(target);
          assert.deepEqual(columns[0]?.values, rows.map(([text]) => `t ${text}`));
          assert.deepEqual([...(columns[1]?.values ?? [])].map(Number), rows.map(([, value]) => value + 0));
        }),
        { numRuns: 15 },
      );
    });
  });

  describe('are refused in words', () => {
    const refused = async (target: string, message: RegExp): Promise<void> => {
      for (const read of [profileFile, summariseFile, readTable]) {
        await assert.rejects(read(target), (error: Error & { place?: { file?: string } }) => error.name === 'UserError' && message.test(error.message) && error.place?.file === target);
      }
    };
    it('when empty', async () => refused(await file('empty.csv', ''), /is empty/));
    it('when they hold white space only', async () => refused(await file('blank.csv', ' \n\n'), /white space/));
    it('when they are prose', async () => refused(await file('prose.csv', 'Hello, this is a text\nthat goes on and on\nand has no table\nin it at all, really, it has not\n'), /is no table/));
    it('when they are binary', async () => refused(await file('binary.csv', Buffer.from([0, 1, 2, 3, 255, 0])), /binary/));
    it('when they are not there', async () => refused(path.join(folder, 'none.csv'), /There is no file/));
    it('when they are folders', async () => refused(folder, /is a folder/));
    it('when they are no Parquet', async () => refused(await file('x.parquet', 'PAR1 but no more'), /is damaged/));
    it('when they are Parquet that was cut off', async () => refused(await file('cut.parquet', `PAR1${'x'.repeat(500)}`), /cut\.parquet is damaged/));
    it('when they are web pages', async () => refused(await file('page.csv', '<!DOCTYPE html>\n<html><body>Not found, sorry</body></html>\n'), /web page/));
    it('when JSON breaks off', async () => refused(await file('x.jsonl', '{"a":1}\n{"a":\n'), /JSON lines/));
    it('when their name says nothing', async () => refused(await file('table.xyz', 'a,b\n1,2\n'), /Files that can be read/));
    it('when gzip is damaged', async () => refused(await file('cut.csv.gz', gzipSync(`a\n${'1\n'.repeat(50_000)}`).subarray(0, 60)), /damaged/));
    it('but a header without rows is a table without rows', async () => {
      const profile = await profileFile(await file('header.csv', 'a,b,c\n'));
      assert.deepEqual([profile.rows, profile.columns.length], [0, 3]);
      assert.ok(alerts(profile).includes('empty'));
    });
  });

  describe('get more columns', () => {
    it('with their rows as they were', async () => {
      const source = await file('codes.csv', 'code,text\n007,"a, b"\n010,x\n');
      const out = path.join(folder, 'out.csv');
      await appendColumns(source, out, [{ name: 'prediction', values: ['yes', null] }, { name: 'code', values: [0.5, 1] }]);
      assert.equal(await readFile(out, 'utf8'), 'code,text,prediction,code_1\n007,"a, b",yes,0.5\n010,x,,1.0\n');
      assert.ok(!(await readdir(folder)).some((name) => name.endsWith('.tmp')));
    });

    it('as Parquet', async () => {
      const out = path.join(folder, 'out.parquet');
      await appendColumns(await file('p.csv', 'a\n1\n2\n'), out, [{ name: 'b', values: [1.5, 2.5] }]);
      assert.deepEqual([...((await readTable(out)).columns[1]?.values ?? [])], [1.5, 2.5]);
    });

    it('only into formats that can be written', async () => {
      await assert.rejects(appendColumns(await file('s.csv', 'a\n1\n2\n'), path.join(folder, 'out.xlsx'), []), /must end in/);
    });
  });
});
