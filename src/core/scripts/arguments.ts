// The parameter of a script that stands at a place of its text.
import type { Node } from 'web-tree-sitter';
import { capture, type Syntax } from './syntax.ts';

/** A parameter as runs may have recorded it. Lines and columns count from 0. */
export interface ScriptParameter {
  /** `learning-rate` and `learning_rate` for `--learning-rate`. */
  names: string[];
  line: number;
  column: number;
  endColumn: number;
}

const query = `
(call function: [(identifier) @function (attribute attribute: (identifier) @function)] arguments: (argument_list (string) @option))
(call arguments: (argument_list (keyword_argument name: (identifier) @name)))
(default_parameter name: (identifier) @name)
(typed_default_parameter name: (identifier) @name)
`;

/** Methods that declare an option: of argparse, optparse, click and typer. */
const declares = /^(add_argument|add_option|option|argument|Option|Argument)$/;

/** The options that a Python script declares, the keyword arguments that it passes and the defaults of its functions. */
export function scriptParameters(syntax: Syntax, text: string): Promise<ScriptParameter[]> {
  return syntax.query(text, 'python', query, (matches) =>
    matches.flatMap((match) => {
      const option = capture(match, 'option');
      if (option !== undefined) {
        return declares.test(capture(match, 'function')?.text ?? '') ? optionAt(option) : [];
      }
      const name = capture(match, 'name');
      return name === undefined ? [] : [at(name, [name.text])];
    }),
  );
}

function optionAt(node: Node): ScriptParameter[] {
  const long = /^["'](-{0,2})([A-Za-z][\w-]*)["']$/.exec(node.text)?.[2];
  return long === undefined ? [] : [at(node, [...new Set([long, long.replaceAll('-', '_')])])];
}

function at(node: Node, names: string[]): ScriptParameter {
  return { names, line: node.startPosition.row, column: node.startPosition.column, endColumn: node.endPosition.column };
}
