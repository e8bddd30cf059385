import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { joinArguments, neededModules, pythonImports, scriptParameters, scriptPlaces, splitArguments, Syntax } from '../../../src/core/scripts/api.ts';
import { makeGrammars } from './grammars.ts';

describe('what a script says about itself', () => {
  let grammars: string;
  let syntax: Syntax;
  let folder: string;
  before(async () => {
    grammars = await makeGrammars();
    syntax = new Syntax(grammars);
    folder = await mkdtemp(path.join(os.tmpdir(), 'scripts-'));
  });
  after(() => Promise.all([grammars, folder].map((each) => rm(each, { recursive: true }))));

  describe('imports', () => {
    const names = async (text: string): Promise<string[]> => (await pythonImports(syntax, text)).map(({ module, level, optional }) => `${'.'.repeat(level)}${module}${optional ? '?' : ''}`);
    const cases: [what: string, text: string, expected: string[]][] = [
      ['plain, several and renamed ones', 'import os, numpy as np\nimport sklearn.linear_model\n', ['os', 'numpy', 'sklearn.linear_model']],
      ['from a module, the project’s own and the one around it', 'from torch import nn\nfrom .utils import load\nfrom .. import common\nfrom . import a, b\n', ['torch', '.utils', '..', '.']],
      ['one that may be missing, with what takes its place', 'try:\n  import tomllib\nexcept ImportError:\n  import tomli as tomllib\n', ['tomllib?', 'tomli?']],
      ['one inside a try that catches something else', 'try:\n  import pandas\nexcept ValueError:\n  pass\n', ['pandas']],
      ['one in an if', 'if True:\n  import lightgbm\n', ['lightgbm']],
      ['none of a function, a comment, a string or for type checkers', 'def f():\n  import a\n# import b\n"import c"\nif TYPE_CHECKING:\n  import d\nif typing.TYPE_CHECKING:\n  import e\n', []],
      ['what stands before an error', 'import numpy\ndef broken(:\n', ['numpy']],
    ];
    for (const [what, text, expected] of cases) {
      it(`finds ${what}`, async () => assert.deepEqual(await names(text), expected));
    }

    it('follows the project’s own modules, in circles too, and keeps where each is imported first', async () => {
      await mkdir(path.join(folder, 'package', 'deep'), { recursive: true });
      await mkdir(path.join(folder, 'plain'), { recursive: true });
      const script = path.join(folder, 'train.py');
      await writeFile(script, 'import pandas\nimport helper\nfrom package.deep import inner\nfrom plain import one\n');
      await writeFile(path.join(folder, 'helper.py'), 'import train, pandas\nimport yaml\n');
      await writeFile(path.join(folder, 'package', '__init__.py'), 'import scipy\n');
      await writeFile(path.join(folder, 'package', 'deep', '__init__.py'), '');
      await writeFile(path.join(folder, 'package', 'deep', 'inner.py'), 'from ...helper import x\nfrom .. import sibling\nimport torch\n');
      await writeFile(path.join(folder, 'package', 'sibling.py'), 'import cv2\n');
      await writeFile(path.join(folder, 'plain', 'one.py'), 'import joblib\n');
      const found = await neededModules(syntax, script);
      assert.deepEqual(found.map((each) => each.name).sort(), ['cv2', 'joblib', 'pandas', 'scipy', 'torch', 'yaml']);
      assert.deepEqual(found.find((each) => each.name === 'yaml'), { name: 'yaml', file: path.join(folder, 'helper.py'), line: 1, optional: false });
    });
  });

  describe('places to start it at', () => {
    const places = async (text: string): Promise<string[]> => (await scriptPlaces(syntax, text, 'python')).map(({ line, kind }) => `${line} ${kind}`);
    const cases: [what: string, text: string, expected: string[]][] = [
      ['the main guard, either way round', 'if __name__ == "__main__":\n  main()\n', ['0 main']],
      ['the guard in single quotes, turned round', "if '__main__' == __name__:\n  main()\n", ['0 main']],
      ['no other condition', 'if __name__ != "__main__":\n  pass\nif name == "__main__":\n  pass\n', []],
      ['an argparse parser', 'import argparse\nparser = argparse.ArgumentParser(description="x")\nargs = parser.parse_args()\n', ['1 parser']],
      ['one that was imported by its name', 'p = ArgumentParser()\n', ['0 parser']],
      ['a click command, not its calls', '@click.command()\n@click.option("--lr")\ndef main(lr):\n  click.command()\n', ['0 parser']],
      ['typer', 'app = typer.Typer()\n\ntyper.run(main)\n', ['0 parser', '2 parser']],
      ['all in their order, each line once', 'p = ArgumentParser()\nif __name__ == "__main__":\n  m.fit(X)\n', ['0 parser', '1 main', '2 fit']],
      ['nothing in comments and strings', '# if __name__ == "__main__":\nx = "ArgumentParser()"\n', []],
    ];
    for (const [what, text, expected] of cases) {
      it(`finds ${what}`, async () => assert.deepEqual(await places(text), expected));
    }
  });

  describe('arguments that a person types', () => {
    const cases: [line: string, expected: string[] | null][] = [
      ['', []],
      ['  --lr 0.1\t-x ', ['--lr', '0.1', '-x']],
      [`--name "two words" 'three "of" them' a\\ b`, ['--name', 'two words', 'three "of" them', 'a b']],
      [`"" ''`, ['', '']],
      ['--a="b c"', ['--a=b c']],
      ['"open', null],
    ];
    for (const [line, expected] of cases) {
      it(`are split: ${line}`, () => assert.deepEqual(splitArguments(line), expected));
    }
    it('come back whatever they hold', () => fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '-', 'é', '\n') })), (args) => assert.deepEqual(splitArguments(joinArguments(args)), args))));
  });

  describe('parameters', () => {
    it('are options, keyword arguments and defaults, at their place', async () => {
      const text = 'parser.add_argument("-l", "--learning-rate", type=float)\nmodel.fit(X, epochs=args.epochs)\n@click.option("--depth")\ndef main(rounds: int = 3, seed=0): ...\nprint("--no")\n';
      const found = await scriptParameters(syntax, text);
      assert.deepEqual(
        found.map(({ names, line }) => [line, ...names]),
        [
          [0, 'l'],
          [0, 'learning-rate', 'learning_rate'],
          [0, 'type'],
          [1, 'epochs'],
          [2, 'depth'],
          [3, 'rounds'],
          [3, 'seed'],
        ],
      );
      assert.deepEqual(found[1], { names: ['learning-rate', 'learning_rate'], line: 0, column: 26, endColumn: 43 });
    });
  });
});
