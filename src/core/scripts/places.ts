// Where a script is started from, in the eyes of who reads it: its fit calls, its main guard, its command line parser.
import type { Node } from 'web-tree-sitter';
import { fitCalls } from './fitCalls.ts';
import { capture, statementOf, type ScriptLanguage, type Syntax } from './syntax.ts';

/** A statement that a person would start the script at. Lines count from 0. */
export interface ScriptPlace {
  line: number;
  column: number;
  kind: 'fit' | 'main' | 'parser';
}

const pythonQuery = `
(if_statement condition: (comparison_operator) @main) @statement
(call function: [(identifier) @function (attribute) @function]) @call
`;

/** argparse, click and typer; a parser's class is told by its name, whatever it was imported as. */
const parsers = /^(?:argparse\.)?ArgumentParser$|^(?:click\.)?(?:command|group)$|^typer\.(?:Typer|run)$|^Typer$/;

/** The places of a script in their order, one a line. In TypeScript and JavaScript those are the fit calls. */
export async function scriptPlaces(syntax: Syntax, text: string, language: ScriptLanguage): Promise<ScriptPlace[]> {
  const places: ScriptPlace[] = (await fitCalls(syntax, text, language)).map(({ line, column }) => ({ line, column, kind: 'fit' }));
  if (language === 'python') {
    const more = await syntax.query(text, language, pythonQuery, (matches) =>
      matches.flatMap((match) => {
        const [condition, statement, call] = [capture(match, 'main'), capture(match, 'statement'), capture(match, 'call')];
        if (condition !== undefined && statement !== undefined) {
          return isMainGuard(condition) ? [placeOf(statement, 'main')] : [];
        }
        return call !== undefined && isParser(call, capture(match, 'function')?.text ?? '') ? [placeOf(statementOf(call), 'parser')] : [];
      }),
    );
    places.push(...more);
  }
  const byLine = new Map<number, ScriptPlace>();
  for (const place of places) {
    if (!byLine.has(place.line)) {
      byLine.set(place.line, place);
    }
  }
  return [...byLine.values()].sort((a, b) => a.line - b.line);
}

function placeOf(node: Node, kind: ScriptPlace['kind']): ScriptPlace {
  return { line: node.startPosition.row, column: node.startPosition.column, kind };
}

/** `__name__ == "__main__"`, either way round. */
function isMainGuard(comparison: Node): boolean {
  const sides = comparison.namedChildren.map((child) => child?.text.replace(/^[rbuRBU]?(["'])(.*)\1$/, '$2') ?? '');
  return sides.length === 2 && sides.includes('__name__') && sides.includes('__main__') && comparison.children.some((child) => child?.type === '==');
}

/** A parser that is made, or a function that click makes a command of: `@click.command()`. */
function isParser(call: Node, name: string): boolean {
  const decorates = call.parent?.type === 'decorator';
  return parsers.test(name) && (decorates || !/(^|\.)(command|group)$/.test(name));
}
