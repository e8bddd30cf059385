// Arguments as a person types them: words, with quotes around those that hold blanks.

/**
 * The arguments in a line, as a plain shell splits them: quotes hold words together, a backslash keeps the next
 * character. Nothing else is interpreted.
 *
 * @returns null where a quote is not closed.
 */
export function splitArguments(line: string): string[] | null {
  const found: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const letter = line[index] ?? '';
    if (letter === '\\' && quote !== "'" && index + 1 < line.length) {
      index += 1;
      word = (word ?? '') + (line[index] ?? '');
    } else if (quote !== null) {
      if (letter === quote) {
        quote = null;
      } else {
        word = (word ?? '') + letter;
      }
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) {
        found.push(word);
      }
      word = null;
    } else {
      word = (word ?? '') + letter;
    }
  }
  return quote === null ? [...found, ...(word === null ? [] : [word])] : null;
}

/** A line that splitArguments gives these arguments for. */
export function joinArguments(args: readonly string[]): string {
  return args.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each.replaceAll("'", `'"'"'`)}'`)).join(' ');
}
