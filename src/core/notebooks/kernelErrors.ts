/** Text without the colours of a terminal. */
export function withoutColours(text: string): string {
  return text.replace(new RegExp(String.raw`\u001b\[[0-9;]*m`, 'g'), '');
}

/** The last line of a cell that a traceback of IPython passes, counted from 1; null where it names none. */
export function placeInCell(traceback: string): number | null {
  const lines = [...withoutColours(traceback).matchAll(/(?:Cell In ?\[\d+\]|Input In \[\d+\]|<ipython-input-[^>]*>)[^\n]*?line:? (\d+)/g)];
  const last = lines.at(-1)?.[1];
  return last === undefined ? null : Number(last);
}
