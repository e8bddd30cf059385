// Where ml.yaml says something about an endpoint.
import { isMap, isPair, isScalar, LineCounter, parseDocument, visit, type Node } from 'yaml';

/** A line and column, counted from 1, and the column behind the last character. */
export interface Place {
  line: number;
  column: number;
  endColumn: number;
}

const top: Place = { line: 1, column: 1, endColumn: 1 };

/** The key of an entry, for example `['deployments', 'loans']`; null where there is none. Never throws. */
export function placeOfEntry(text: string, [section, name]: readonly [section: string, name: string]): Place | null {
  const counter = new LineCounter();
  const entries = parseDocument(text, { lineCounter: counter }).get(section, true);
  if (!isMap(entries)) {
    return null;
  }
  const pair = entries.items.find((item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === name);
  const range = (pair?.key as Node | undefined)?.range;
  if (range === undefined || range === null) {
    return null;
  }
  const start = counter.linePos(range[0]);
  return { line: start.line, column: start.col, endColumn: start.col + (range[1] - range[0]) };
}

/** The endpoint's entry in `deployments`, else the first line. */
export function placeOfEndpoint(text: string, endpoint: string): Place {
  return placeOfEntry(text, ['deployments', endpoint]) ?? top;
}

/** The name of the entry of `section` whose `deployment` is this endpoint, or null. */
export function entryFor(text: string, section: 'monitors' | 'retraining', endpoint: string): string | null {
  let found: string | null = null;
  const entries = parseDocument(text).get(section, true);
  if (isMap(entries)) {
    visit(entries, {
      Pair(_, pair) {
        if (isMap(pair.value) && pair.value.get('deployment') === endpoint && isScalar(pair.key)) {
          found ??= String(pair.key.value);
        }
      },
    });
  }
  return found;
}
