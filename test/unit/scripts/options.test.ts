import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { scriptOptions, Syntax } from '../../../src/core/scripts/api.ts';
import { makeGrammars } from './grammars.ts';

describe('the options of a script', () => {
  let grammars: string;
  let syntax: Syntax;
  before(async () => {
    grammars = await makeGrammars();
    syntax = new Syntax(grammars);
  });
  after(() => rm(grammars, { recursive: true }));

  const read = async (text: string): Promise<string[]> =>
    (await scriptOptions(syntax, text)).map(({ option, kind, default: start, choices, off, low, high }) => [option, kind, start ?? '', choices?.join('|') ?? '', off ?? '', low ?? '', high ?? ''].join(' ').trim());

  const cases: [what: string, text: string, expected: string[]][] = [
    ['argparse', 'parser.add_argument("-l", "--lr", type=float, default=1e-3, help="rate")\nparser.add_argument("--layers", type=int, default=2)\nparser.add_argument("--name")\n', ['--lr float 0.001', '--layers int 2', '--name text']],
    ['choices and switches of argparse', 'p.add_argument("--opt", choices=["adam", "sgd"], default="sgd")\np.add_argument("--amp", action="store_true")\np.add_argument("--aug", action=argparse.BooleanOptionalAction, default=True)\n', ['--opt text sgd adam|sgd', '--amp flag false', '--aug flag true  --no-aug']],
    ['nothing positional, counted or repeated', 'p.add_argument("file")\np.add_argument("-v", action="count")\np.add_argument("--xs", nargs="+", type=int)\n', []],
    ['click', '@click.command()\n@click.option("--lr", default=0.1)\n@click.option("--depth", type=click.IntRange(1, 8), default=3)\n@click.option("--opt", type=click.Choice(["a", "b"]))\n@click.option("--amp/--no-amp", default=False)\ndef main(lr, depth, opt, amp):\n  pass\n', ['--lr float 0.1', '--depth int 3   1 8', '--opt text  a|b', '--amp flag false  --no-amp']],
    ['typer', 'import typer\napp = typer.Typer()\n@app.command()\ndef main(data: str, learning_rate: float = 0.1, layers: int = typer.Option(2, "--n-layers", min=1, max=9), amp: bool = False, note: Annotated[str, typer.Option()] = "x"):\n  pass\n', ['--learning-rate float 0.1', '--n-layers int 2   1 9', '--amp flag false  --no-amp', '--note text x']],
    ['typer.run', 'import typer\ndef train(lr: float = 0.5):\n  pass\ndef other(x: int = 1):\n  pass\ntyper.run(train)\n', ['--lr float 0.5']],
    ['what stands in comments or strings as none', '# p.add_argument("--lr")\n"""p.add_argument(\'--no\')"""\n', []],
  ];
  for (const [what, text, expected] of cases) {
    it(`reads ${what}`, async () => assert.deepEqual(await read(text), expected));
  }
});
