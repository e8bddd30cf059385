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

/** The first NaN or Infinity that stands where JSON wants a value, outside of texts. */
function foreignNumber(text: string): { text: string; at: number } | null {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    if (!match[0].startsWith('"')) {
      return { text: match[0], at: match.index };
    }
  }
  return null;
}
