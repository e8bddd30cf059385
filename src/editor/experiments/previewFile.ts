// What a panel shows of an artifact: a picture, a table, a text, a page or a model's description.
import path from 'node:path';
import type { Preview } from '../../contracts/panels/preview.ts';
import type { QueryWorker } from '../../core/client/queryWorker.ts';
import { readModelFile } from '../../core/tracking/modelFile.ts';
import { readStart } from './artifactFiles.ts';

/** In bytes. */
const limits = { image: 20_000_000, html: 20_000_000, text: 200_000, model: 1_000_000, table: 1_000_000_000, json: 5_000_000 };
const rows = 200;

const images: Record<string, string> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif', '.webp': 'image/webp', '.svg': 'image/svg+xml' };
const tables = /\.(csv|tsv|parquet|pq|jsonl|ndjson)(\.gz)?$/i;

/** @param file inside the artifacts, links followed. Nothing of it is executed or unpickled. */
export async function previewFile(file: string, queries: () => Promise<QueryWorker>): Promise<Preview> {
  const name = path.basename(file);
  const extension = path.extname(name).toLowerCase();
  const mime = images[extension];
  if (mime !== undefined) {
    const { bytes, size } = await readStart(file, limits.image);
    return size > limits.image ? tooLarge : { kind: 'image', mime, data: bytes.toString('base64') };
  }
  if (name === 'MLmodel') {
    return { kind: 'model', model: readModelFile((await readStart(file, limits.model)).bytes.toString('utf8')) };
  }
  if (extension === '.html' || extension === '.htm') {
    const { bytes, size } = await readStart(file, limits.html);
    return size > limits.html ? tooLarge : { kind: 'html', html: bytes.toString('utf8') };
  }
  const start = await readStart(file, limits.text);
  if (tables.test(name) || (extension === '.json' && isSplit(start.bytes))) {
    return start.size > limits.table ? tooLarge : { kind: 'table', table: await (await queries()).rows(file, rows) };
  }
  if (start.bytes.includes(0)) {
    return { kind: 'none', reason: 'This is no text, so there is nothing to show here.' };
  }
  if (extension === '.json' && start.size <= limits.text) {
    return { kind: 'text', text: indented(start.bytes.toString('utf8')), cut: false };
  }
  return { kind: 'text', text: start.bytes.toString('utf8').replace(/\uFFFD{1,3}$/, ''), cut: start.size > start.bytes.length };
}

const tooLarge: Preview = { kind: 'none', reason: 'The file is too large to be shown here.' };

/** Whether a JSON file begins as a table in the split form does. */
function isSplit(bytes: Buffer): boolean {
  return /^\s*\{\s*"columns"\s*:\s*\[/.test(bytes.toString('latin1', 0, 200));
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It is shown as it is.
    return text;
  }
}
