// Reads a command's arguments. Every problem is a UserError that names the option: exit status 2.
import { parseArgs } from 'node:util';
import { UserError } from '../contracts/errors.ts';

export interface OptionSpec {
  /** What stands after the option in the usage line; none for a switch. */
  value?: string;
  /** It may be given several times. */
  many?: boolean;
  help: string;
}

export interface CommandSpec {
  name: string;
  /** Positional arguments as the usage line shows them, for example `<file>`. */
  positionals: string;
  summary: string;
  options: Record<string, OptionSpec>;
}

export interface ParsedArguments {
  positionals: string[];
  text(option: string): string | undefined;
  /** Every value of an option that may be given several times. */
  all(option: string): string[];
  flag(option: string): boolean;
  /** A comma-separated list; empty where the option is missing. */
  list(option: string): string[];
  /** A whole number within a range. */
  integer(option: string, minimum: number, maximum: number): number | undefined;
}

const everywhere: Record<string, OptionSpec> = {
  json: { help: 'Print one JSON document; logs go to standard error' },
  project: { value: 'DIR', help: 'The project to work in; the nearest ml.yaml by default' },
  help: { help: 'Show this help' },
};

/** Parses `argv` for one command. Unknown options and missing values are UserErrors. */
export function parseCommand(spec: CommandSpec, argv: string[]): ParsedArguments {
  const known = { ...everywhere, ...spec.options };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, option]) => [name, { type: option.value ? ('string' as const) : ('boolean' as const), multiple: option.many === true }]),
  );
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true, strict: true });
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    throw new UserError(`${problem}. See "ml-lifecycle ${spec.name} --help".`);
  }
  const { values, positionals } = parsed;
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    text,
    all: (option) => {
      const value = values[option];
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (option) => values[option] === true,
    list: (option) =>
      (text(option) ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    integer: (option, minimum, maximum) => {
      const value = text(option);
      if (value === undefined) {
        return undefined;
      }
      const number = Number(value);
      if (!Number.isInteger(number) || number < minimum || number > maximum) {
        throw new UserError(`--${option} takes a whole number from ${minimum} to ${maximum}, not "${value}".`, { field: option });
      }
      return number;
    },
  };
}

/** One of several words, or a UserError that lists them. */
export function oneOf<T extends string>(option: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined) {
    return undefined;
  }
  const found = allowed.find((word) => word === value);
  if (found === undefined) {
    throw new UserError(`--${option} "${value}" is not available. Choose one of ${allowed.join(', ')}.`, { field: option });
  }
  return found;
}

/** The command's help page. */
export function helpFor(spec: CommandSpec): string {
  const rows = Object.entries({ ...spec.options, ...everywhere }).map(
    ([name, option]) => [`  --${name}${option.value ? ` ${option.value}` : ''}`, option.help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `${spec.summary}`,
    '',
    `Usage: ml-lifecycle ${spec.name} ${spec.positionals} [options]`.replace('  ', ' '),
    '',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    '',
  ].join('\n');
}
