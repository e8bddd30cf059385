// TFRecord, the frame around each event: length (8 bytes), its checksum (4), the data, their checksum (4).

/** A record longer than this is damage, not data. In bytes. */
const longestRecord = 256 * 1024 * 1024;

export interface Records {
  records: Uint8Array[];
  /** How many bytes were taken; what is behind them is not whole yet. */
  taken: number;
  /** True where a checksum is wrong: nothing behind it can be trusted. */
  damaged: boolean;
}

/** The whole records at the start of `bytes`. A last one that is still being written waits. */
export function readRecords(bytes: Uint8Array): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  let taken = 0;
  while (taken + 12 <= bytes.length) {
    const length = Number(view.getBigUint64(taken, true));
    if (length > longestRecord || maskedChecksum(bytes.subarray(taken, taken + 8)) !== view.getUint32(taken + 8, true)) {
      return { records, taken, damaged: true };
    }
    const end = taken + 12 + length + 4;
    if (end > bytes.length) {
      break;
    }
    const data = bytes.subarray(taken + 12, taken + 12 + length);
    if (maskedChecksum(data) !== view.getUint32(taken + 12 + length, true)) {
      return { records, taken, damaged: true };
    }
    records.push(data);
    taken = end;
  }
  return { records, taken, damaged: false };
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  }
  return value >>> 0;
});

/** CRC-32C, turned and shifted as TFRecord keeps it, so that a checksum of checksums is no special case. */
export function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
