// What a file is, told from its name and its first bytes, before DuckDB sees it.
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../contracts/errors.ts';

export interface Inspection {
  format: 'csv' | 'parquet' | 'json';
  gzip: boolean;
  /** From the byte order mark; a file without one is taken for UTF-8 until it proves otherwise. */
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  bytes: number;
}

const formats: Record<string, Inspection['format']> = {
  '.csv': 'csv', '.tsv': 'csv', '.tab': 'csv', '.txt': 'csv', '.data': 'csv', '.dat': 'csv',
  '.parquet': 'parquet', '.pq': 'parquet',
  '.ndjson': 'json', '.jsonl': 'json', '.json': 'json',
};
const readable = 'CSV, TSV, Parquet and JSON lines, the text formats also with .gz';
const headBytes = 65_536;

/** Whether a name is one of a file that can be read as a table. */
export function isTableName(name: string): boolean {
  return path.extname(name.replace(/\.gz$/i, '')).toLowerCase() in formats;
}

/** Looks at a file. Throws a UserError where it is missing, empty, unreadable, or not what its name says. */
export async function inspectFile(file: string): Promise<Inspection> {
  const name = path.basename(file);
  const place = { file };
  const bytes = await sizeOf(file);
  if (bytes === 0) {
    throw new UserError(`${name} is empty. A table needs a header line and rows.`, place);
  }
  const gzipName = /\.gz$/i.test(name);
  const extension = path.extname(gzipName ? name.slice(0, -3) : name).toLowerCase();
  const start = await readHead(file, false);
  const gzip = start[0] === 0x1f && start[1] === 0x8b;
  if (gzip !== gzipName) {
    throw new UserError(gzip ? `${name} is compressed with gzip. Rename it to ${name}.gz.` : `${name} is not a gzip file although its name ends in .gz. Remove .gz from its name if it is plain text.`, place);
  }
  const parquet = start.subarray(0, 4).toString('latin1') === 'PAR1';
  // Objects are kept under their hash, without an extension.
  const format = formats[extension] ?? (parquet && extension === '' ? 'parquet' : undefined);
  if (format === undefined) {
    throw new UserError(parquet ? `${name} is a Parquet file by its content. Rename it so that it ends in .parquet.` : `${name} cannot be read as a table: its name ends in "${extension}". Files that can be read: ${readable}.`, place);
  }
  if (format === 'parquet') {
    if (!parquet) {
      throw new UserError(`${name} is not a Parquet file although its name says so.`, place);
    }
    return { format, gzip, encoding: 'utf-8', bytes };
  }
  if (parquet) {
    throw new UserError(`${name} is a Parquet file by its content. Rename it so that it ends in .parquet.`, place);
  }
  const head = gzip ? await readHead(file, true) : start;
  const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
  if (encoding === 'utf-8') {
    requireText(head, name, file);
  }
  return { format, gzip, encoding, bytes };
}

async function sizeOf(file: string): Promise<number> {
  const name = path.basename(file);
  const place = { file };
  try {
    const found = await stat(file);
    if (found.isDirectory()) {
      throw new UserError(`${name} is a folder. Pick a file inside it.`, place);
    }
    if (!found.isFile()) {
      throw new UserError(`${name} is not a plain file.`, place);
    }
    await access(file, constants.R_OK);
    return found.size;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UserError(`There is no file ${file}.`, place);
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw new UserError(`${name} may not be read: permission denied. Change its permissions or ask its owner.`, place);
    }
    throw error;
  }
}

async function readHead(file: string, gunzip: boolean): Promise<Buffer> {
  const source = createReadStream(file, { end: headBytes - 1 });
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = gunzip ? source.pipe(createGunzip()) : source;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= headBytes) {
        break;
      }
    }
  } catch (error) {
    // A head that was cut off ends in the middle of the compressed stream; what came before it is enough.
    if (length === 0 && error instanceof Error) {
      throw new UserError(`${path.basename(file)} is a damaged gzip file: ${error.message}.`, { file }, { cause: error });
    }
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks).subarray(0, headBytes);
}

function requireText(head: Buffer, name: string, file: string): void {
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) {
      controls = head.length;
      break;
    }
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13) {
      controls += 1;
    }
  }
  if (controls > head.length / 50) {
    throw new UserError(`${name} holds binary data, not text. Files that can be read: ${readable}.`, { file });
  }
  if (/^\uFEFF?\s*<(!doctype|html|\?xml)\b/iu.test(head.toString('utf8', 0, 200))) {
    throw new UserError(`${name} holds a web page or XML, not a table. Perhaps a server answered with it instead of the file: fetch the file again.`, { file });
  }
  if (head.length < headBytes && /^\uFEFF?\s*$/u.test(head.toString('utf8'))) {
    throw new UserError(`${name} is empty: it holds nothing but white space. A table needs a header line and rows.`, { file });
  }
}
