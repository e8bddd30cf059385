/**
 * What is new in a text that grows, as it is shown under a cell. Where its end was written anew (a progress bar, a cleared
 * output), what is new begins with the line that changed.
 */
export class TextFollower {
  #known = '';

  /** The part of `text` that was not given before. */
  take(text: string): string {
    const before = this.#known;
    this.#known = text;
    if (text.startsWith(before)) {
      return text.slice(before.length);
    }
    let same = 0;
    while (same < text.length && text[same] === before[same]) {
      same += 1;
    }
    const line = text.lastIndexOf('\n', same - 1) + 1;
    // A line of its own, whatever the one before it ended with.
    return `${before.endsWith('\n') ? '' : '\n'}${text.slice(line)}`;
  }
}
