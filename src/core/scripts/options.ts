// The options that a Python script takes, with their types and defaults, as argparse, click and typer declare them.
import type { Node } from 'web-tree-sitter';
import { ancestors, capture, type Syntax } from './syntax.ts';

/** An option as a person may vary it. */
export interface ScriptOption {
  /** Without dashes: `learning-rate` for `--learning-rate`. */
  name: string;
  /** As it is given to the script. */
  option: string;
  /** Whatever else it goes by, as `-n`. */
  also: string[];
  kind: 'float' | 'int' | 'text' | 'flag';
  /** As it would be written on the command line; null where there is none, or it is computed. */
  default: string | null;
  choices: string[] | null;
  /** Of a flag: what says that it is not set, where leaving it out does not. */
  off: string | null;
  /** Bounds that the parser itself has. */
  low: number | null;
  high: number | null;
  help: string | null;
}

const query = `
(call function: [(identifier) @function (attribute attribute: (identifier) @function)] arguments: (argument_list) @arguments) @call
(decorated_definition (decorator) @decorator definition: (function_definition parameters: (parameters) @parameters))
(function_definition name: (identifier) @defined parameters: (parameters) @parameters)
`;

/** The options in the order of the script, each once. Empty where it declares none in a way that is understood. */
export function scriptOptions(syntax: Syntax, text: string): Promise<ScriptOption[]> {
  return syntax.query(text, 'python', query, (matches) => {
    const typerRuns = new Set(matches.flatMap((match) => (capture(match, 'function')?.text === 'run' && /^typer\./.test(capture(match, 'call')?.text ?? '') ? [capture(match, 'arguments')?.namedChildren[0]?.text ?? ''] : [])));
    const found = matches.flatMap((match): ScriptOption[] => {
      const args = capture(match, 'arguments');
      const parameters = capture(match, 'parameters');
      if (args !== undefined) {
        const name = capture(match, 'function')?.text ?? '';
        if (name === 'add_argument') {
          return argparseOption(readArguments(args));
        }
        return name === 'option' && isDecorator(args) ? clickOption(readArguments(args)) : [];
      }
      const decorator = capture(match, 'decorator')?.text ?? '';
      const byTyper = /^@\w+\.(command|callback)\(/.test(decorator) && !/^@click\./.test(decorator) && /\btyper\b/.test(text);
      return parameters !== undefined && (byTyper || typerRuns.has(capture(match, 'defined')?.text ?? '\n')) ? typerOptions(parameters) : [];
    });
    const byName = new Map<string, ScriptOption>();
    for (const option of found) {
      if (!byName.has(option.name)) {
        byName.set(option.name, option);
      }
    }
    return [...byName.values()];
  });
}

interface Arguments {
  positional: Node[];
  named: Map<string, Node>;
}

function readArguments(list: Node): Arguments {
  const found: Arguments = { positional: [], named: new Map() };
  for (const child of list.namedChildren) {
    if (child?.type === 'keyword_argument') {
      const value = child.childForFieldName('value');
      if (value !== null) {
        found.named.set(child.childForFieldName('name')?.text ?? '', value);
      }
    } else if (child !== null && child.type !== 'comment') {
      found.positional.push(child);
    }
  }
  return found;
}

function argparseOption({ positional, named }: Arguments): ScriptOption[] {
  const flag = longest(positional);
  const action = stringOf(named.get('action')) ?? named.get('action')?.text ?? '';
  if (flag === null || /^(help|version|count|append|append_const|extend|store_const)$/.test(action) || named.has('nargs')) {
    return [];
  }
  const common = { ...nameOf(flag, positional), choices: listOf(named.get('choices')), low: null, high: null, help: stringOf(named.get('help')) };
  const default_ = literal(named.get('default'));
  if (/BooleanOptionalAction$/.test(action)) {
    return [{ ...common, kind: 'flag', default: default_ === 'True' ? 'true' : 'false', choices: null, off: `--no-${flag.replace(/^--/, '')}` }];
  }
  if (action === 'store_true') {
    return [{ ...common, kind: 'flag', default: 'false', choices: null, off: null }];
  }
  if (action !== '' && action !== 'store') {
    return [];
  }
  return [{ ...common, kind: kindOf(named.get('type')?.text ?? null, null), default: default_, off: null }];
}

function clickOption({ positional, named }: Arguments): ScriptOption[] {
  const declared = positional.map(stringOf).find((text) => text?.startsWith('--') === true) ?? positional.map(stringOf).find((text) => text?.startsWith('-') === true) ?? null;
  if (declared === null || named.has('nargs') || named.get('multiple')?.text === 'True') {
    return [];
  }
  const [flag = '', off = null] = declared.split('/').map((part) => part.trim());
  const default_ = literal(named.get('default'));
  const type = named.get('type');
  const common = { ...nameOf(flag, positional), help: stringOf(named.get('help')), ...boundsOf(type) };
  if (off !== null || named.get('is_flag')?.text === 'True') {
    return [{ ...common, kind: 'flag', default: default_ === 'True' ? 'true' : 'false', choices: null, off }];
  }
  const choices = type?.type === 'call' && /Choice$/.test(type.childForFieldName('function')?.text ?? '') ? listOf(type.childForFieldName('arguments')?.namedChildren[0] ?? undefined) : listOf(type);
  return [{ ...common, kind: kindOf(type?.text ?? null, named.get('default')), default: default_, choices, off: null }];
}

/** A parameter with a default is an option; `lr: float = 0.1`, `= typer.Option(0.1, "--rate")` or `Annotated[float, typer.Option("--rate")] = 0.1`. */
function typerOptions(parameters: Node): ScriptOption[] {
  return parameters.namedChildren.flatMap((parameter): ScriptOption[] => {
    if (parameter === null || (parameter.type !== 'typed_default_parameter' && parameter.type !== 'default_parameter')) {
      return [];
    }
    const name = parameter.childForFieldName('name')?.text ?? '';
    const value = parameter.childForFieldName('value') ?? undefined;
    const written = parameter.childForFieldName('type')?.text ?? null;
    const annotated = /^(?:\w+\.)?Annotated\[\s*([^,\]]+)/.exec(written ?? '');
    const type = (annotated?.[1] ?? written)?.replace(/^Optional\[(.+)\]$|\s*\|\s*None$/, '$1') ?? null;
    const call = value?.type === 'call' && /^(typer\.)?(Option|Argument)$/.test(value.childForFieldName('function')?.text ?? '') ? value : undefined;
    if (/^(typer\.)?Argument$/.test(call?.childForFieldName('function')?.text ?? '') || /Argument\(/.test(written ?? '')) {
      return [];
    }
    const args = call?.childForFieldName('arguments');
    const given = args === null || args === undefined ? null : readArguments(args);
    const start = given === null ? value : (given.positional[0] ?? given.named.get('default'));
    const flag = (given === null ? /["'](--[\w-]+)/.exec(written ?? '')?.[1] : longest(given.positional.slice(1))) ?? `--${name.replaceAll('_', '-')}`;
    const common = { ...nameOf(flag.split('/')[0] ?? flag, given?.positional ?? []), low: numberOf(given?.named.get('min')), high: numberOf(given?.named.get('max')), help: stringOf(given?.named.get('help')), choices: null };
    const default_ = literal(start);
    if (type === 'bool' || (type === null && (default_ === 'True' || default_ === 'False'))) {
      return [{ ...common, kind: 'flag', default: default_ === 'True' ? 'true' : 'false', off: `--no-${common.name}` }];
    }
    return [{ ...common, kind: kindOf(type, start), default: default_, off: null }];
  });
}

/** The first long option among the strings, else the first short one. */
function longest(nodes: readonly Node[]): string | null {
  const flags = nodes.map(stringOf).filter((text): text is string => text !== null && /^--?[A-Za-z]/.test(text));
  return flags.find((flag) => flag.startsWith('--')) ?? flags[0] ?? null;
}

function nameOf(option: string, declared: readonly Node[]): Pick<ScriptOption, 'name' | 'option' | 'also'> {
  const flags = declared.map(stringOf).flatMap((text) => (text ?? '').split('/').map((part) => part.trim()));
  return { option, name: option.replace(/^-+/, ''), also: flags.filter((flag) => flag.startsWith('-') && flag !== option) };
}

function kindOf(type: string | null, start: Node | null | undefined): 'float' | 'int' | 'text' {
  if (type !== null && /^(float|(click\.)?(FLOAT|FloatRange\b.*))$/s.test(type)) {
    return 'float';
  }
  if (type !== null && /^(int|(click\.)?(INT|IntRange\b.*))$/s.test(type)) {
    return 'int';
  }
  const text = literal(start ?? undefined);
  return type !== null || start?.type === 'string' || text === null ? 'text' : /^-?\d[\d_]*$/.test(text) ? 'int' : Number.isFinite(Number(text)) ? 'float' : 'text';
}

/** `click.IntRange(1, 10)` and its like. */
function boundsOf(type: Node | undefined): { low: number | null; high: number | null } {
  const args = type?.type === 'call' && /Range$/.test(type.childForFieldName('function')?.text ?? '') ? type.childForFieldName('arguments') : null;
  if (args === null) {
    return { low: null, high: null };
  }
  const { positional, named } = readArguments(args);
  return { low: numberOf(positional[0] ?? named.get('min')), high: numberOf(positional[1] ?? named.get('max')) };
}

function isDecorator(args: Node): boolean {
  for (const around of ancestors(args)) {
    if (around.type === 'decorator') {
      return true;
    }
  }
  return false;
}

/** A value that stands there as such: a string, a number, True or False. */
function literal(node: Node | undefined): string | null {
  if (node === undefined || node.type === 'none') {
    return null;
  }
  const number = numberOf(node);
  return stringOf(node) ?? (number !== null ? String(number) : node.type === 'true' || node.type === 'false' ? node.text : null);
}

function numberOf(node: Node | undefined): number | null {
  const text = node?.text.replaceAll('_', '') ?? '';
  return node !== undefined && ['integer', 'float', 'unary_operator'].includes(node.type) && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

function stringOf(node: Node | undefined): string | null {
  return node?.type === 'string' ? (/^[rbuRBU]*("""|'''|"|')([\s\S]*)\1$/.exec(node.text)?.[2] ?? null) : null;
}

function listOf(node: Node | undefined): string[] | null {
  if (node === undefined || !['list', 'tuple', 'set'].includes(node.type)) {
    return null;
  }
  const values = node.namedChildren.map((child) => literal(child ?? undefined));
  return values.length > 0 && values.every((value) => value !== null) ? values : null;
}
