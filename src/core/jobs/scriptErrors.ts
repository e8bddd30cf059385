import path from 'node:path';

/** As python/run_notebook.py says which cell failed, or why no cell ran. */
const ofNotebook = /^(?:The error is in (code cell \d+(?:, line \d+)?)|This notebook does not run): (.*)$/;

/**
 * The error in the last lines of a script's output: its message, and the line of the script that it passed.
 * Understands Python tracebacks, Node's stack traces and what runs notebooks; null where there is none of them. `cell`: in words.
 */
export function errorIn(lines: readonly string[], script: string): { message: string; line: number | null; cell?: string } | null {
  const notebook = lines.findLast((line) => ofNotebook.test(line))?.match(ofNotebook);
  if (notebook?.[2] !== undefined) {
    return { message: shortened(notebook[2]), line: null, ...(notebook[1] === undefined ? {} : { cell: notebook[1] }) };
  }
  const start = lines.findLastIndex((line) => line.startsWith('Traceback (most recent call last)'));
  const name = path.basename(script);
  if (start >= 0) {
    const block = lines.slice(start + 1);
    const message = block.find((line) => /^[\w.]+(Error|Exception|Interrupt|Exit|Warning)?(:|$)/.test(line) && !/^\s/.test(line));
    const places = block.flatMap((line) => {
      const match = /^\s+File "(.+)", line (\d+)/.exec(line);
      return match && path.basename(match[1] ?? '') === name ? [Number(match[2])] : [];
    });
    return message === undefined ? null : { message: shortened(message), line: places.at(-1) ?? null };
  }
  const message = lines.findLast((line) => /^(Uncaught )?\w*(Error|Exception)\b.*:/.test(line));
  if (message === undefined) {
    return null;
  }
  const place = lines.map((line) => line.match(/([^\s/\\():]+):(\d+)(?::\d+)?\)?$/)).find((match) => match?.[1] === name);
  return { message: shortened(message), line: place ? Number(place[2]) : null };
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
