// The last part of a file that is still being written.
import { open } from 'node:fs/promises';

export interface Tail {
  text: string;
  /** The byte that the text starts at, and the one after its last. */
  start: number;
  end: number;
}

/**
 * The last `length` bytes at most, from the start of a line where something was cut off, in whole characters.
 * A file that is not there yet is empty.
 */
export async function readTail(file: string, length: number): Promise<Tail> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return null;
    }
    throw error;
  });
  if (handle === null) {
    return { text: '', start: 0, end: 0 };
  }
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - length);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const skipped = from === 0 ? 0 : startOfLine(buffer);
    const bytes = buffer.subarray(skipped, bytesRead);
    const whole = completeLength(bytes);
    return { text: bytes.toString('utf8', 0, whole), start: from + skipped, end: from + skipped + whole };
  } finally {
    await handle.close();
  }
}

/** The byte after the first newline; in one endless line, the first byte that starts a character. */
function startOfLine(bytes: Buffer): number {
  const newline = bytes.indexOf('\n');
  if (newline >= 0) {
    return newline + 1;
  }
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start < 0 ? bytes.length : start;
}

/** How many bytes hold whole characters: a last one that is still being written is left for later. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80) {
      break;
    }
  }
  return bytes.length;
}
