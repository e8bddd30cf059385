// The few fields of TensorFlow's Event message that hold scalars, read straight from the wire format of protocol buffers.

export interface Scalar {
  tag: string;
  step: number;
  /** Milliseconds since 1970. */
  at: number;
  /** May be NaN or infinite. */
  value: number;
}

type Field = { number: number; wire: 0; varint: bigint } | { number: number; wire: 1 | 2 | 5; bytes: Uint8Array };

/** The fields of a message in their order. @throws RangeError where it is cut or damaged. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) {
        break;
      }
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return BigInt.asUintN(64, value);
      }
    }
    throw new RangeError('a number is cut');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) {
      throw new RangeError('a field is cut');
    }
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const [number, wire] = [Math.floor(key / 8), key & 7];
    switch (wire) {
      case 0:
        yield { number, wire, varint: varint() };
        break;
      case 1:
        yield { number, wire, bytes: take(8) };
        break;
      case 2:
        yield { number, wire, bytes: take(Number(varint())) };
        break;
      case 5:
        yield { number, wire, bytes: take(4) };
        break;
      default:
        throw new RangeError(`there is no wire type ${wire}`);
    }
  }
}

const text = new TextDecoder();
const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The scalars of one event; none where it holds something else, or is damaged. */
export function scalarsOf(event: Uint8Array): Scalar[] {
  let at = 0;
  let step = 0;
  const values: { tag: string; value: number }[] = [];
  try {
    for (const field of fields(event)) {
      if (field.number === 1 && field.wire === 1) {
        at = view(field.bytes).getFloat64(0, true) * 1000;
      } else if (field.number === 2 && field.wire === 0) {
        step = Number(BigInt.asIntN(64, field.varint));
      } else if (field.number === 5 && field.wire === 2) {
        for (const value of fields(field.bytes)) {
          if (value.number === 1 && value.wire === 2) {
            const found = valueOf(value.bytes);
            if (found !== null) {
              values.push(found);
            }
          }
        }
      }
    }
  } catch (error) {
    if (error instanceof RangeError) {
      return [];
    }
    throw error;
  }
  return values.map((each) => ({ ...each, step, at }));
}

/** Summary.Value: tag (1), simple_value (2), tensor (8). */
function valueOf(bytes: Uint8Array): { tag: string; value: number } | null {
  let tag = '';
  let value: number | null = null;
  for (const field of fields(bytes)) {
    if (field.number === 1 && field.wire === 2) {
      tag = text.decode(field.bytes);
    } else if (field.number === 2 && field.wire === 5) {
      value = view(field.bytes).getFloat32(0, true);
    } else if (field.number === 8 && field.wire === 2) {
      value = scalarTensor(field.bytes);
    }
  }
  return tag === '' || value === null ? null : { tag, value };
}

/** A TensorProto without dimensions: dtype (1), tensor_shape (2), tensor_content (4), float_val (5), double_val (6). */
function scalarTensor(bytes: Uint8Array): number | null {
  let type = 0n;
  let value: number | null = null;
  for (const field of fields(bytes)) {
    if (field.number === 1 && field.wire === 0) {
      type = field.varint;
    } else if (field.number === 2 && field.wire === 2) {
      if ([...fields(field.bytes)].some((each) => each.number === 2)) {
        return null;
      }
    } else if (field.wire !== 0 && [4, 5, 6].includes(field.number)) {
      value = type === 1n && field.bytes.length === 4 ? view(field.bytes).getFloat32(0, true) : type === 2n && field.bytes.length === 8 ? view(field.bytes).getFloat64(0, true) : value;
    }
  }
  return value;
}
