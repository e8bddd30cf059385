import { invalid } from './refusal.ts';

// MLflow's search language: clauses joined by AND; a key may be `metrics.x`, `params."a key"`, or a bare attribute.

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN' | 'IS NULL' | 'IS NOT NULL';

/** A key as it was written: what stands before the first dot, null where there is none, and the rest. */
export interface Name {
  prefix: string | null;
  key: string;
}

export interface Clause {
  name: Name;
  operator: Operator;
  /** A text in quotes, a number, the texts of a list; null with IS NULL and IS NOT NULL. */
  value: string | number | string[] | null;
}

export interface Ordering {
  name: Name;
  ascending: boolean;
  /** A condition, in SQL, on the values of a keyed entity that are sorted by. */
  among?: string;
}

type Token = { at: number } & ({ kind: 'word'; text: string } | { kind: 'quoted'; text: string; quote: string } | { kind: 'sign'; text: string } | { kind: 'end' });

const signs = ['!=', '<>', '<=', '>=', '==', '=', '<', '>', '(', ')', ','];
const ofWord = (character: string): boolean => !/\s/.test(character) && !'=<>!(),\'"`'.includes(character);

/** @throws Refusal where a quote is not closed. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    const sign = signs.find((each) => text.startsWith(each, at));
    if (/\s/.test(character)) {
      at += 1;
    } else if (sign !== undefined) {
      found.push({ kind: 'sign', text: sign, at });
      at += sign.length;
    } else if ('\'"`'.includes(character)) {
      const { content, end } = quoted(text, at);
      found.push({ kind: 'quoted', text: content, quote: character, at });
      at = end;
    } else if (ofWord(character)) {
      let end = at + 1;
      while (end < text.length && ofWord(text.charAt(end))) {
        end += 1;
      }
      found.push({ kind: 'word', text: text.slice(at, end), at });
      at = end;
    } else {
      throw unreadable(text, at);
    }
  }
  return [...found, { kind: 'end', at: text.length }];
}

/** The content of the quotes that open at `start`; a doubled quote, or one behind a backslash, stands for itself. */
function quoted(text: string, start: number): { content: string; end: number } {
  const quote = text.charAt(start);
  let content = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if ((character === quote && next === quote) || (character === '\\' && next === quote)) {
      content += quote;
      at += 1;
    } else if (character === quote) {
      return { content, end: at + 1 };
    } else {
      content += character;
    }
  }
  throw invalid(`Invalid filter string: the quote ${quote} at position ${start + 1} of "${text}" is not closed.`);
}

function unreadable(text: string, at: number): Error {
  const rest = text.slice(at, at + 40);
  return invalid(`Invalid clause(s) in filter string "${text}": ${rest === '' ? 'it ends too early' : `"${rest}" at position ${at + 1} cannot be read`}. Write comparisons such as metrics.rmse < 1 AND params.model = 'tree'.`);
}

class Reader {
  readonly #text: string;
  readonly #tokens: Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  get done(): boolean {
    return this.#peek().kind === 'end';
  }

  name(): Name {
    const token = this.#take();
    if (token.kind === 'quoted' && token.quote !== "'") {
      const rest = this.#peek();
      // `params`.lr
      if (rest.kind === 'word' && rest.text.startsWith('.') && rest.text.length > 1 && rest.at === token.at + token.text.length + 2) {
        this.#next += 1;
        return { prefix: token.text, key: rest.text.slice(1) };
      }
      return { prefix: null, key: token.text };
    }
    if (token.kind !== 'word') {
      throw unreadable(this.#text, token.at);
    }
    const dot = token.text.indexOf('.');
    if (dot === -1) {
      return { prefix: null, key: token.text };
    }
    const prefix = token.text.slice(0, dot);
    const key = token.text.slice(dot + 1);
    const next = this.#peek();
    // The quotes follow the dot at once: metrics."a key".
    if (key === '' && next.kind === 'quoted' && next.at === token.at + token.text.length) {
      this.#next += 1;
      return { prefix, key: next.text };
    }
    if (prefix === '' || key === '') {
      throw unreadable(this.#text, token.at);
    }
    return { prefix, key };
  }

  clause(): Clause {
    const name = this.name();
    const token = this.#take();
    if (token.kind === 'sign') {
      const operator = ({ '=': '=', '==': '=', '!=': '!=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as Record<string, Operator>)[token.text];
      if (operator !== undefined) {
        return { name, operator, value: this.#single() };
      }
    }
    switch (token.kind === 'word' ? token.text.toUpperCase() : '') {
      case 'LIKE':
        return { name, operator: 'LIKE', value: this.#single() };
      case 'ILIKE':
        return { name, operator: 'ILIKE', value: this.#single() };
      case 'IN':
        return { name, operator: 'IN', value: this.#list() };
      case 'NOT':
        this.#expect('IN');
        return { name, operator: 'NOT IN', value: this.#list() };
      case 'IS': {
        const negated = this.word('NOT');
        this.#expect('NULL');
        return { name, operator: negated ? 'IS NOT NULL' : 'IS NULL', value: null };
      }
      default:
        throw unreadable(this.#text, token.at);
    }
  }

  /** Takes the next token where it is this word, in any case. */
  word(wanted: string): boolean {
    const token = this.#peek();
    const there = token.kind === 'word' && token.text.toUpperCase() === wanted;
    this.#next += there ? 1 : 0;
    return there;
  }

  refuse(): Error {
    return unreadable(this.#text, this.#peek().at);
  }

  #single(): string | number {
    const token = this.#take();
    if (token.kind === 'quoted' && token.quote !== '`') {
      return token.text;
    }
    const number = token.kind === 'word' ? numberIn(token.text) : null;
    if (number === null) {
      throw unreadable(this.#text, token.at);
    }
    return number;
  }

  #list(): string[] {
    const values: string[] = [];
    this.#expect('(');
    do {
      const token = this.#take();
      if (token.kind !== 'quoted' || token.quote === '`') {
        throw unreadable(this.#text, token.at);
      }
      values.push(token.text);
    } while (this.#sign(','));
    this.#expect(')');
    return values;
  }

  #sign(wanted: string): boolean {
    const token = this.#peek();
    const there = token.kind === 'sign' && token.text === wanted;
    this.#next += there ? 1 : 0;
    return there;
  }

  #expect(wanted: string): void {
    if (!this.#sign(wanted) && !this.word(wanted)) {
      throw this.refuse();
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', at: this.#text.length };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }
}

function numberIn(text: string): number | null {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** The clauses of a filter; none where it is empty. @throws Refusal that says where it cannot be read. */
export function parseFilter(text: string): Clause[] {
  if (text.trim() === '') {
    return [];
  }
  const reader = new Reader(text);
  const clauses = [reader.clause()];
  while (!reader.done) {
    if (!reader.word('AND')) {
      throw reader.refuse();
    }
    clauses.push(reader.clause());
  }
  return clauses;
}

/** `metrics.rmse DESC`; ascending where nothing is said. @throws Refusal. */
export function parseOrdering(text: string): Ordering {
  const reader = new Reader(text);
  const name = reader.name();
  const ascending = !reader.word('DESC');
  if (ascending) {
    reader.word('ASC');
  }
  if (!reader.done) {
    throw invalid(`Invalid order_by clause "${text}". Write a key and ASC or DESC, such as metrics.rmse DESC.`);
  }
  return { name, ascending };
}
