import { open, stat } from 'node:fs/promises';

/** In bytes; 0 where there is no such file. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Of a log, this much is read at most, in bytes. */
const longestTail = 32_000;

/** The last lines of a log that were written after byte `from`, without the times they begin with; '' where there are none. */
export async function lastLines(file: string, count: number, from = 0): Promise<string> {
  const lines = (await tail(file, from)).split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, '')).join('\n');
}

/** The end of a log. */
export async function tail(file: string, from = 0): Promise<string> {
  const size = await sizeOf(file);
  const start = Math.max(from > size ? 0 : from, size - longestTail);
  const handle = await open(file, 'r').catch(() => null);
  try {
    const buffer = Buffer.alloc(Math.max(0, size - start));
    await handle?.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    await handle?.close();
  }
}
