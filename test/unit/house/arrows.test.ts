// The arrows of the house that the compiler cannot keep: areas of core meet at api.ts, and nothing goes in circles.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(import.meta.dirname, '../../..');

interface Import {
  from: string;
  to: string;
  /** An import() or a type only: it does not make the one wait for the other. */
  deferred: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const found: Import[] = [];
  const add = (specifier: string, deferred: boolean) => {
    if (specifier.startsWith('.')) {
      found.push({ from: file, to: path.posix.join(path.posix.dirname(file), specifier), deferred });
    }
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = ts.isImportDeclaration(node) ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : node.isTypeOnly;
      add(node.moduleSpecifier.text, typeOnly);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) {
        add(specifier.text, true);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const all = ['src', 'webview-ui'].flatMap(sources).flatMap(importsOf);
const areaOf = (file: string): string | undefined => /^src\/core\/([^/]+)\//.exec(file)?.[1];

describe('the house', () => {
  it('has files to look at', () => {
    assert.ok(all.length > 50, `only ${all.length} imports found`);
  });

  it('lets areas of core meet only at their api.ts', () => {
    const wrong = all.filter(({ from, to }) => {
      const area = areaOf(to);
      return area !== undefined && areaOf(from) !== undefined && areaOf(from) !== area && !to.endsWith('/api.ts');
    });
    assert.deepEqual(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
  });

  it('imports nothing in circles', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, deferred } of all) {
      if (!deferred) {
        next.set(from, [...(next.get(from) ?? []), to]);
      }
    }
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, trail: string[]): void => {
      const seen = trail.indexOf(file);
      if (seen !== -1) {
        circles.push([...trail.slice(seen), file].join(' → '));
      } else if (!done.has(file)) {
        for (const to of next.get(file) ?? []) {
          walk(to, [...trail, file]);
        }
        done.add(file);
      }
    };
    for (const file of next.keys()) {
      walk(file, []);
    }
    assert.deepEqual(circles, []);
  });
});
