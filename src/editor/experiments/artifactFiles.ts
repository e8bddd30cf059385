// A run's artifacts on this machine: listed a folder at a time, read up to a limit, never outside their folder.
import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/userError.ts';
import { imageStep } from '../../contracts/imageSteps.ts';
import type { ArtifactEntry } from '../../contracts/panels/run.ts';

/** More files than this in one folder help nobody. */
const mostEntries = 1000;

/**
 * The file of an artifact, which must lie in the folder after all links are followed.
 *
 * @throws UserError where it is not there or lies outside.
 */
export async function artifactFile(folder: string, artifact: string): Promise<string> {
  const file = path.resolve(folder, artifact);
  if (folder === '' || (file !== path.resolve(folder) && !file.startsWith(path.resolve(folder) + path.sep))) {
    throw new UserError(`${artifact} lies outside the run’s folder, so it is not opened.`, { file });
  }
  const [root, real] = await Promise.all([realpath(folder).catch(() => null), realpath(file).catch(() => null)]);
  if (root === null || real === null) {
    throw new UserError(`${file} is not there any more.`, { file });
  }
  if (real !== root && !real.startsWith(root + path.sep)) {
    throw new UserError(`${artifact} is a link that leads outside the run’s folder, so it is not opened.`, { file });
  }
  return real;
}

/** What a folder holds, folders first, without the smaller copies of pictures; `more` where only the first are listed. A folder that is not there yet is empty. */
export async function artifactEntries(folder: string, inside: string): Promise<{ entries: ArtifactEntry[]; more: boolean }> {
  if (folder === '' || (inside === '' && (await stat(folder).catch(() => null)) === null)) {
    return { entries: [], more: false };
  }
  const place = await artifactFile(folder, inside);
  const found: Dirent[] = await readdir(place, { withFileTypes: true });
  const shown = found
    .filter((entry) => (entry.isFile() && imageStep(entry.name)?.compressed !== true) || entry.isDirectory())
    .sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  const entries = await Promise.all(
    shown.slice(0, mostEntries).map(async (entry) => ({ name: entry.name, folder: entry.isDirectory(), bytes: entry.isFile() ? ((await stat(path.join(place, entry.name)).catch(() => null))?.size ?? 0) : 0 })),
  );
  return { entries, more: shown.length > mostEntries };
}

/** The first bytes of a file, and its whole size. */
export async function readStart(file: string, length: number): Promise<{ bytes: Buffer; size: number }> {
  return readBytes(file, 0, length);
}

/** Lines of a text from a byte on, at most `length` bytes; a line that is longer is cut. A negative `from` counts from the end. */
export async function readPart(file: string, from: number, length: number): Promise<{ text: string; from: number; to: number; size: number }> {
  const { bytes, start, size } = await readBytes(file, from, length);
  // A part begins and ends with a line where it can, and never inside a character.
  const begin = from < 0 && start > 0 ? Math.max(0, bytes.indexOf(10) + 1) : bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const last = start + bytes.length < size ? bytes.lastIndexOf(10) + 1 : bytes.length;
  const end = last > begin ? last : bytes.length;
  return { text: bytes.toString('utf8', Math.max(0, begin), end).replace(/\uFFFD{1,3}$/, ''), from: start + Math.max(0, begin), to: start + end, size };
}

async function readBytes(file: string, from: number, length: number): Promise<{ bytes: Buffer; start: number; size: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = from < 0 ? Math.max(0, size + from) : Math.min(from, size);
    const buffer = Buffer.alloc(Math.min(size - start, length));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return { bytes: buffer.subarray(0, bytesRead), start, size };
  } finally {
    await handle.close();
  }
}
