// Finds where a script fits a model, in its syntax tree: what stands in comments or strings is no call.
import type { Node, QueryMatch } from 'web-tree-sitter';
import { capture, statementOf, type ScriptLanguage, type Syntax } from './syntax.ts';

/** A statement that fits a model. Lines count from 0. */
export interface FitCall {
  line: number;
  column: number;
  /** As written: `model.fit`. */
  callee: string;
}

const pythonQuery = `
(call function: (attribute object: (_) @object attribute: (identifier) @name)) @call
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias))
(import_statement name: (dotted_name) @module)
`;
// With type arguments the grammar takes `await x.fit<T>(y)` for a call of `await x.fit`.
const scriptQuery = `
(call_expression function: (member_expression object: (_) @object property: (property_identifier) @name) arguments: (arguments) @arguments) @call
(call_expression function: (await_expression (member_expression object: (_) @object property: (property_identifier) @name)) arguments: (arguments) @arguments) @call
(import_statement source: (string) @module)
(call_expression function: (identifier) @require arguments: (arguments (string) @module) (#eq? @require "require"))
`;

/** The statements of a script that fit a model, in their order, each once. */
export function fitCalls(syntax: Syntax, text: string, language: ScriptLanguage): Promise<FitCall[]> {
  return language === 'python'
    ? syntax.query(text, language, pythonQuery, (matches) => onePerStatement(pythonCalls(matches)))
    : syntax.query(text, language, scriptQuery, (matches) => onePerStatement(scriptCalls(matches)));
}

interface Call {
  node: Node;
  callee: string;
}

/** `x.fit(…)`, `x.fit_generator(…)`, `trainer.train(…)` and `train` of LightGBM, XGBoost and CatBoost under any alias. */
function pythonCalls(matches: QueryMatch[]): Call[] {
  const trainers = new Set<string>();
  for (const match of matches) {
    const module = capture(match, 'module')?.text;
    if (module !== undefined && ['lightgbm', 'xgboost', 'catboost'].includes(module)) {
      trainers.add(capture(match, 'alias')?.text ?? module);
    }
  }
  return calls(matches, (object, name) => {
    if (name === 'fit' || name === 'fit_generator') {
      return true;
    }
    // PyTorch's model.train() only switches a mode.
    return name === 'train' && (trainers.has(object) || /(^|[._])trainer$/i.test(object));
  });
}

/** `x.fitDataset(…)`, and `x.fit(…)` in a script that imports TensorFlow.js or passes it inputs and targets. */
function scriptCalls(matches: QueryMatch[]): Call[] {
  const tensorflow = matches.some((match) => /^['"`]@tensorflow\//.test(capture(match, 'module')?.text ?? ''));
  return calls(matches, (_, name, match) => {
    const args = capture(match, 'arguments')?.namedChildren.filter((child) => child?.type !== 'comment').length ?? 0;
    // Maps and terminals have a fit() too.
    return name === 'fitDataset' || (name === 'fit' && (tensorflow ? args > 0 : args > 1));
  });
}

function calls(matches: QueryMatch[], isFit: (object: string, name: string, match: QueryMatch) => boolean): Call[] {
  const found: Call[] = [];
  for (const match of matches) {
    const [node, object, name] = [capture(match, 'call'), capture(match, 'object'), capture(match, 'name')];
    if (node !== undefined && object !== undefined && name !== undefined && isFit(object.text, name.text, match)) {
      found.push({ node, callee: `${object.text}.${name.text}` });
    }
  }
  return found;
}

function onePerStatement(found: Call[]): FitCall[] {
  const byLine = new Map<number, FitCall>();
  for (const { node, callee } of found) {
    const { row, column } = statementOf(node).startPosition;
    if (!byLine.has(row)) {
      byLine.set(row, { line: row, column, callee });
    }
  }
  return [...byLine.values()].sort((a, b) => a.line - b.line);
}
