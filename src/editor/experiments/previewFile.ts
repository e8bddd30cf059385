// What a panel shows of an artifact: a picture, a table, a text, a page or a model's description.
import path from 'node:path';
import type { Preview } from '../../contracts/panels/preview.ts';
import type { QueryWorker } from '../../core/client/queryWorker.ts';
import { readModelFile } from '../../core/tracking/modelFile.ts';
import { readPart, readStart } from './artifactFiles.ts';
import { markdownPage, notebookPage, type Markdown } from './previewPage.ts';
import { unopened } from './unopenedFile.ts';

/** In bytes. */
const limits = { image: 20_000_000, html: 20_000_000, notebook: 20_000_000, media: 20_000_000, text: 200_000, model: 1_000_000, table: 1_000_000_000 };
const rows = 200;

const images: Record<string, string> = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.gif': 'image/gif', '.webp': 'image/webp', '.svg': 'image/svg+xml' };
const media: Record<string, string> = { '.wav': 'audio/wav', '.mp3': 'audio/mpeg', '.ogg': 'audio/ogg', '.flac': 'audio/flac', '.m4a': 'audio/mp4', '.mp4': 'video/mp4', '.webm': 'video/webm' };
const tables = /\.(csv|tsv|parquet|pq|jsonl|ndjson)(\.gz)?$/i;

/** What reads and renders. */
export interface PreviewTools {
  queries(): Promise<QueryWorker>;
  markdown: Markdown;
}

/**
 * @param file inside the artifacts, links followed. Nothing of it is executed or unpickled.
 * @param folder the artifacts, which nothing that the file shows may lie outside of
 * @param from the byte at which a text is read
 */
export async function previewFile(file: string, folder: string, { queries, markdown }: PreviewTools, from = 0): Promise<Preview> {
  const name = path.basename(file);
  const extension = path.extname(name).toLowerCase();
  const whole = async (limit: number, show: (bytes: Buffer) => Preview | Promise<Preview>): Promise<Preview> => {
    const { bytes, size } = await readStart(file, limit);
    return size > limit ? tooLarge : show(bytes);
  };
  const [image, sound] = [images[extension], media[extension]];
  if (image !== undefined) {
    return whole(limits.image, (bytes) => ({ kind: 'image', mime: image, data: bytes.toString('base64') }));
  }
  if (sound !== undefined) {
    return whole(limits.media, (bytes) => ({ kind: 'media', mime: sound, data: bytes.toString('base64') }));
  }
  if (name === 'MLmodel') {
    return { kind: 'model', model: readModelFile((await readStart(file, limits.model)).bytes.toString('utf8')) };
  }
  if (extension === '.html' || extension === '.htm') {
    return whole(limits.html, (bytes) => ({ kind: 'html', html: bytes.toString('utf8') }));
  }
  if (extension === '.ipynb') {
    return whole(limits.notebook, async (bytes) => (await notebookPage(bytes.toString('utf8'), markdown)) ?? textOf(bytes));
  }
  const start = await readStart(file, limits.text);
  if (tables.test(name) || (extension === '.json' && isSplit(start.bytes))) {
    return start.size > limits.table ? tooLarge : { kind: 'table', table: await (await queries()).rows(file, rows) };
  }
  const reason = unopened(name, start.bytes);
  if (reason !== null) {
    return { kind: 'none', reason };
  }
  if (start.size <= limits.text && /^\.(md|markdown)$/.test(extension)) {
    return markdownPage(start.bytes.toString('utf8'), file, folder, markdown);
  }
  if (start.size <= limits.text && extension === '.json' && isJson(start.bytes)) {
    return { kind: 'json', text: start.bytes.toString('utf8') };
  }
  return { kind: 'text', ...(await readPart(file, from, limits.text)) };
}

const tooLarge: Preview = { kind: 'none', reason: 'The file is too large to be shown here.' };

function textOf(bytes: Buffer): Preview {
  return { kind: 'text', text: bytes.toString('utf8', 0, limits.text), from: 0, to: Math.min(bytes.length, limits.text), size: bytes.length };
}

/** Whether a JSON file begins as a table in the split form does. */
function isSplit(bytes: Buffer): boolean {
  return /^\s*\{\s*"columns"\s*:\s*\[/.test(bytes.toString('latin1', 0, 200));
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
