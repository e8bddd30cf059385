import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { fitCalls, Syntax, type ScriptLanguage } from '../../../src/core/scripts/api.ts';
import { makeGrammars } from './grammars.ts';

describe('fit calls in scripts', () => {
  let folder: string;
  let syntax: Syntax;

  before(async () => {
    folder = await makeGrammars();
    syntax = new Syntax(folder);
  });
  after(() => rm(folder, { recursive: true }));

  const lines = async (language: ScriptLanguage, text: string): Promise<number[]> => (await fitCalls(syntax, text, language)).map((call) => call.line);

  describe('in Python', () => {
    const cases: [what: string, text: string, lines: number[]][] = [
      ['a call of fit', 'model = Ridge()\nmodel.fit(X, y)\n', [1]],
      ['an assignment', 'history = model.fit(x, epochs=3)\n', [0]],
      ['a chained call over several lines, at its first', 'model = (\n  make_pipeline(StandardScaler(), Ridge())\n  .fit(X, y)\n)\n', [0]],
      ['a call in a function and in a loop', 'def main():\n  for c in [1, 2]:\n    model.fit(X, y)\n', [2]],
      ['two calls in one statement once', 'a, b = one.fit(X, y), two.fit(X, y)\n', [0]],
      ['statements on one line once', 'one.fit(X); two.fit(X)\n', [0]],
      ['statsmodels without arguments', 'result = sm.OLS(y, X).fit()\n', [0]],
      ['fit_generator', 'model.fit_generator(rows)\n', [0]],
      ['a Trainer of transformers', 'trainer.train()\nself.trainer.train()\n', [0, 1]],
      ['LightGBM under an alias', 'import lightgbm as gbm\nbooster = gbm.train(params, data)\n', [1]],
      ['XGBoost under its own name', 'import xgboost\nxgboost.train(params, data)\n', [1]],
      ['no comment', '# model.fit(X, y)\n', []],
      ['no string', 'text = """\nmodel.fit(X, y)\n"""\nprint("model.fit(X)")\n', []],
      ['no attribute that is not called', 'run = model.fit\n', []],
      ['no function of that name', 'def fit(x):\n  return x\nfit(1)\n', []],
      ['no train mode of PyTorch', 'model.train()\nnet.train()\n', []],
      ['no other fit', 'curve.fitness(x)\nscipy.optimize.curve_fit(f, x, y)\n', []],
      ['what stands before an error', 'model.fit(X, y)\ndef broken(:\n', [0]],
      ['a call after text beyond ASCII', 's = "é😀"; model.fit(X)\n', [0]],
      ['nothing in an empty file', '', []],
    ];
    for (const [what, text, expected] of cases) {
      it(`finds ${what}`, async () => assert.deepEqual(await lines('python', text), expected));
    }

    it('tells the column and what is called', async () => {
      assert.deepEqual(await fitCalls(syntax, 'if ok:\n    self.model.fit(X)\n', 'python'), [{ line: 1, column: 4, callee: 'self.model.fit' }]);
    });
  });

  for (const language of ['typescript', 'javascript'] as const) {
    describe(`in ${language}`, () => {
      const tensorflow = "import * as tf from '@tensorflow/tfjs';\n";
      const cases: [what: string, text: string, lines: number[]][] = [
        ['fit with inputs and targets', 'await model.fit(xs, ys, { epochs: 3 });\n', [0]],
        ['fit with one argument beside an import of TensorFlow.js', `${tensorflow}await model.fit(data);\n`, [1]],
        ['fit beside a require of TensorFlow.js', "const tf = require('@tensorflow/tfjs-node');\nmodel.fit(data);\n", [1]],
        ['fitDataset', 'const history = await model.fitDataset(rows);\n', [0]],
        ['a call in an arrow function, at its statement', 'const run = async () => {\n  await model.fit(xs, ys);\n};\n', [1]],
        ['an arrow function without a block, at its own statement', 'const run = () => model.fit(xs, ys);\n', [0]],
        ['no map that fits its bounds', 'map.fit(bounds);\nterminal.fit();\n', []],
        ['no comment', '// model.fit(xs, ys)\n/* model.fit(xs, ys) */\n', []],
        ['no string', 'const text = `model.fit(xs, ys)`;\n', []],
      ];
      for (const [what, text, expected] of cases) {
        it(`finds ${what}`, async () => assert.deepEqual(await lines(language, text), expected));
      }
    });
  }

  it('reads TypeScript with types, and JSX', async () => {
    assert.deepEqual(await lines('typescript', 'async function run(m: Model<Row>): Promise<void> {\n  await m.fit<Row>(xs as X, ys!);\n}\n'), [1]);
    assert.deepEqual(await lines('tsx', 'const a = <b>x</b>;\nmodel.fit(xs, ys);\n'), [1]);
  });
});
