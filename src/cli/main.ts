// The entry point of the command line: finds the command, runs it, turns what happened into an exit status.
import * as z from 'zod/mini';
import { UserError } from '../contracts/errors.ts';
import { helpFor, parseCommand } from './arguments.ts';
import { commands } from './commands/index.ts';
import type { Command, Context } from './context.ts';

z.config(z.locales.en());

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  return [
    'ml-lifecycle: the life of a machine learning model, from the command line.',
    '',
    'Usage: ml-lifecycle <command> [options]',
    '',
    ...commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`),
    '',
    'ml-lifecycle <command> --help explains one command.',
    '',
  ].join('\n');
}

async function runCommand(command: Command, argv: string[]): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(helpFor(command));
    return 0;
  }
  const parsed = parseCommand(command, argv);
  const json = parsed.flag('json');
  const abort = new AbortController();
  const stop = () => abort.abort(new UserError('Cancelled.'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const context: Context = {
    arguments: parsed,
    json,
    cwd: process.cwd(),
    runtime: { folder: import.meta.dirname, execPath: process.execPath, electron: false },
    signal: abort.signal,
    result: (document, text) => process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`),
    log: (line) => process.stderr.write(`${line}\n`),
  };
  try {
    return await command.run(context);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** One plain sentence with its place. */
function sentence(error: UserError): string {
  const { file, line, column } = error.place;
  const place = file !== undefined && !error.message.includes(file) ? `${[file, line, column].filter((part) => part !== undefined).join(':')}: ` : '';
  return `${place}${error.message}`;
}

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    process.stderr.write(`There is no command "${name}". The commands are ${commands.map((each) => each.name).join(', ')}.\n`);
    return 2;
  }
  try {
    return await runCommand(command, rest);
  } catch (error) {
    if (error instanceof UserError) {
      process.stderr.write(`${sentence(error)}\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
