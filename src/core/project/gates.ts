import { readFile } from 'node:fs/promises';
import { isMap, LineCounter, parseDocument, type Node } from 'yaml';
import { UserError } from '../../contracts/errors.ts';
import { Gates, type GateCheck } from '../../contracts/projectFile.ts';
import { gateField } from '../../contracts/registry.ts';
import type { Project } from './paths.ts';

/** What ml.yaml asks of a version before it gets an alias, and where it says so (from 1). */
export interface Gate {
  checks: readonly GateCheck[];
  line: number;
  column: number;
}

/**
 * The gate of an alias of a model; null where there is none. Only this part of ml.yaml is read, so that a mistake
 * elsewhere in it neither opens a gate nor closes one.
 *
 * @throws UserError where ml.yaml, or the gates in it, cannot be read.
 */
export async function gateOf(project: Project, model: string, alias: string): Promise<Gate | null> {
  const text = await readFile(project.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw new UserError(`${project.file} cannot be read, so it is not known whether a gate guards ${alias}: ${error.message}.`, { file: project.file });
  });
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (node: unknown): { line: number; column: number } => {
    const { line, col } = counter.linePos((node as Node | undefined)?.range?.[0] ?? 0);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = counter.linePos(broken.pos[0]);
    throw new UserError(`${project.file}:${line}:${col} cannot be read, so it is not known whether a gate guards ${alias}. Mend it first; nothing was moved.`, { file: project.file, line, column: col });
  }
  const node = isMap(document.contents) ? document.getIn(['models', model, 'gates'], true) : undefined;
  const written = isMap(node) ? node.toJS(document) : (node as { value?: unknown } | undefined)?.value;
  if (written === undefined || written === null) {
    return null;
  }
  const parsed = Gates.safeParse(written);
  if (!parsed.success) {
    const field = gateField(model, alias);
    throw new UserError(`The gates of ${model} in ${project.file}:${at(node).line} cannot be read. Mend them first; nothing was moved.`, { file: project.file, ...at(node), field });
  }
  const checks = parsed.data[alias];
  return checks === undefined || checks.length === 0 ? null : { checks, ...at(document.getIn(['models', model, 'gates', alias], true) ?? node) };
}
