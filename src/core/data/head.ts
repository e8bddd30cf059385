import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A first line longer than this is no header. In bytes. */
const longest = 4_000_000;

/** The first lines of a text file that are not blank, without their breaks; at most `count`. */
export async function firstLines(file: string, count: number): Promise<string[]> {
  const stream = createReadStream(file, { encoding: 'utf8', end: longest });
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const text = lines.length === 0 ? line.replace(/^\uFEFF/, '') : line;
      if (text.trim() !== '') {
        lines.push(text);
      }
      if (lines.length === count) {
        break;
      }
    }
  } finally {
    stream.destroy();
  }
  return lines;
}

/** The names of a header line, unquoted. */
export function headerNames(line: string, delimiter: string): string[] {
  const names: string[] = [];
  let name = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? '';
    if (character === '"') {
      if (quoted && line[index + 1] === '"') {
        name += '"';
        index += 1;
      } else {
        quoted = !quoted;
      }
    } else if (character === delimiter && !quoted) {
      names.push(name.trim());
      name = '';
    } else {
      name += character;
    }
  }
  return [...names, name.trim()];
}
