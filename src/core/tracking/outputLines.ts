import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is looked at in part only. In characters. */
const longestLine = 20_000;

/**
 * Cuts a stream of bytes into lines. Split characters and lines are put together; a carriage return begins the line
 * anew, as a progress bar does, and each state of it counts as a line; colours are taken out.
 */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that ended with this piece. */
  push(bytes: Uint8Array): string[] {
    return this.#cut(this.#decoder.write(Buffer.from(bytes)));
  }

  /** What is left at the end of the stream. */
  end(): string[] {
    const lines = this.#cut(`${this.#decoder.end()}\n`);
    return lines.filter((line) => line !== '');
  }

  #cut(text: string): string[] {
    const parts = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = (parts.pop() ?? '').slice(0, longestLine);
    return parts.map((line) => withoutColours(line.slice(0, longestLine)));
  }
}

// The escape sequences of terminals: colours, cursor moves, titles.
const escapes = new RegExp(String.raw`\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])`, 'g');

function withoutColours(line: string): string {
  return line.includes('\u001b') ? line.replace(escapes, '') : line;
}
