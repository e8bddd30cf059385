// Syntax trees of scripts: what stands in comments or strings is no code.
import path from 'node:path';
import { Language, Parser, Query, type Node, type QueryMatch } from 'web-tree-sitter';

export type ScriptLanguage = 'python' | 'typescript' | 'tsx' | 'javascript';

interface Grammar {
  parser: Parser;
  language: Language;
  queries: Map<string, Query>;
}

/** Asks questions of scripts with the grammars in a folder; each is loaded on first use. */
export class Syntax {
  readonly #grammars: string;
  readonly #loaded = new Map<ScriptLanguage, Promise<Grammar>>();
  #ready: Promise<void> | undefined;

  /** @param grammars the folder with web-tree-sitter.wasm and tree-sitter-<language>.wasm */
  constructor(grammars: string) {
    this.#grammars = grammars;
  }

  /**
   * What `read` makes of the matches of a query. Text with errors is read as far as it goes. The nodes are valid only
   * while `read` runs.
   */
  async query<T>(text: string, language: ScriptLanguage, source: string, read: (matches: QueryMatch[]) => T): Promise<T> {
    const grammar = await this.#grammar(language);
    let query = grammar.queries.get(source);
    if (query === undefined) {
      query = new Query(grammar.language, source);
      grammar.queries.set(source, query);
    }
    const tree = grammar.parser.parse(text);
    if (tree === null) {
      return read([]);
    }
    try {
      return read(query.matches(tree.rootNode));
    } finally {
      tree.delete();
    }
  }

  #grammar(language: ScriptLanguage): Promise<Grammar> {
    let loaded = this.#loaded.get(language);
    if (loaded === undefined) {
      loaded = this.#open(language);
      this.#loaded.set(language, loaded);
    }
    return loaded;
  }

  async #open(name: ScriptLanguage): Promise<Grammar> {
    this.#ready ??= Parser.init({ locateFile: (file: string) => path.join(this.#grammars, file) });
    await this.#ready;
    const language = await Language.load(path.join(this.#grammars, `tree-sitter-${name}.wasm`));
    const parser = new Parser();
    parser.setLanguage(language);
    return { parser, language, queries: new Map() };
  }
}

/** The node that a match calls `name`. */
export function capture(match: QueryMatch, name: string): Node | undefined {
  return match.captures.find((each) => each.name === name)?.node;
}

const blocks = new Set(['module', 'block', 'program', 'statement_block', 'class_body', 'switch_case']);

/** The statement that a node belongs to: the child of the nearest block. */
export function statementOf(node: Node): Node {
  let statement = node;
  while (statement.parent !== null && !blocks.has(statement.parent.type)) {
    statement = statement.parent;
  }
  return statement;
}

/** The nodes around a node, from the inside out. */
export function* ancestors(node: Node): Generator<Node> {
  for (let around = node.parent; around !== null; around = around.parent) {
    yield around;
  }
}
