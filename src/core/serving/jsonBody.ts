import { UserError } from '../../contracts/errors.ts';

/** A body as JSON. @throws UserError that says where it is wrong; NaN and Infinity, which JSON does not have, are named. */
export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const token = foreignNumber(text);
    if (token !== null) {
      throw new UserError(`The body is not JSON: ${token.text} stands at character ${token.at + 1}. Write null for a value that is missing.`);
    }
    const said = text.trim() === '' ? 'it is empty' : (error as Error).message.replace(/, ?(\.\.\.)?".*$/s, '').slice(0, 200);
    throw new UserError(`The body is not JSON: ${said}.`, {}, { cause: error });
  }
}

/** The first NaN or Infinity that stands outside of texts. */
function foreignNumber(text: string): { text: string; at: number } | null {
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\' && inText) {
      at += 1;
    } else if (character === '"') {
      inText = !inText;
    } else if (!inText && (character === 'N' || character === 'I')) {
      const word = ['NaN', 'Infinity'].find((each) => text.startsWith(each, at));
      if (word !== undefined) {
        return text[at - 1] === '-' ? { text: `-${word}`, at: at - 1 } : { text: word, at };
      }
    }
  }
  return null;
}
