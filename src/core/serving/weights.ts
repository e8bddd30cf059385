/** Numbers as float32, little-endian, in base64. */
export function encodeWeights(values: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => bytes.setFloat32(index * 4, value, true));
  return Buffer.from(bytes.buffer).toString('base64');
}

/** The numbers that `encodeWeights` wrote. @throws Error where there are not `length` of them, or one is not finite. */
export function decodeWeights(text: string, length: number): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== length * 4) {
    throw new Error(`Weights hold ${bytes.length / 4} numbers instead of ${length}.`);
  }
  const values = Float64Array.from({ length }, (_, index) => bytes.readFloatLE(index * 4));
  if (!values.every(Number.isFinite)) {
    throw new Error('Weights hold a number that is not finite.');
  }
  return values;
}
