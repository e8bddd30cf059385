// Compressed or differently encoded text, written out once as plain UTF-8: DuckDB then reads it in
// parallel, and a truncated gzip file is an error rather than fewer rows.
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../contracts/errors.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface PlainText {
  /** Absolute path of UTF-8 text: the file itself where it was that already. */
  file: string;
  dispose(): Promise<void>;
}

/** Makes plain UTF-8 text of `file`, in a temporary folder where it has to be written anew. */
export async function plainText(file: string, options: { gzip: boolean; encoding: Encoding; signal?: AbortSignal | undefined }): Promise<PlainText> {
  if (!options.gzip && options.encoding === 'utf-8') {
    return readablePath(file);
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-lifecycle-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const plain = path.join(folder, 'table.txt');
  const steps: NodeJS.ReadWriteStream[] = [
    ...(options.gzip ? [createGunzip()] : []),
    ...(options.encoding === 'utf-8' ? [] : [recode(options.encoding)]),
  ];
  try {
    await pipeline([createReadStream(file), ...steps, createWriteStream(plain, { mode: 0o600 })], options.signal ? { signal: options.signal } : {});
  } catch (error) {
    await dispose();
    options.signal?.throwIfAborted();
    throw explain(error, file);
  }
  return { file: plain, dispose };
}

/** A path to the file without the wildcards of DuckDB's readers: a link in a temporary folder where its name has some. */
export async function readablePath(file: string): Promise<PlainText> {
  if (!/[*?[\]]/.test(file)) {
    return { file, dispose: () => Promise.resolve() };
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ml-lifecycle-'));
  const link = path.join(folder, `table${path.extname(file)}`);
  // Windows lets only some people make links.
  await symlink(path.resolve(file), link).catch(() => copyFile(file, link));
  return { file: link, dispose: () => rm(folder, { recursive: true, force: true }) };
}

function recode(encoding: Encoding): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, decoder.decode(chunk, { stream: true }));
    },
    flush(done) {
      done(null, decoder.decode());
    },
  });
}

function explain(error: unknown, file: string): unknown {
  const name = path.basename(file);
  if (error instanceof Error && 'code' in error) {
    if (String(error.code).startsWith('Z_')) {
      return new UserError(`${name} is damaged: the gzip data end too early or do not match their checksum. Fetch the file again.`, { file }, { cause: error });
    }
    if (error.code === 'ENOSPC') {
      return new UserError(`There is not enough room in ${os.tmpdir()} to unpack ${name}. Make room or set TMPDIR to a larger disk.`, { file }, { cause: error });
    }
  }
  return error;
}
