// What TensorBoard's hparams plugin keeps in an event: the parameters of a session, in a map of protobuf values.
import { fields } from './events.ts';

const text = new TextDecoder();

/** The hyperparameters of an event; none where it holds something else, or is damaged. */
export function hyperparametersOf(event: Uint8Array): [string, string][] {
  try {
    // Event.summary (5), Summary.value (1), Value.metadata (9), plugin_data (1): its name (1) and content (2).
    return inside(event, 5, 1, 9, 1)
      .filter((plugin) => inside(plugin, 1).some((name) => text.decode(name) === 'hparams'))
      // HParamsPluginData.session_start_info (3), its hparams (1): a map of names (1) and values (2).
      .flatMap((plugin) => inside(plugin, 2, 3, 1))
      .flatMap((entry): [string, string][] => {
        const [name] = inside(entry, 1);
        const [value] = inside(entry, 2);
        return name === undefined || value === undefined ? [] : [[text.decode(name), shown(value)]];
      });
  } catch (error) {
    if (error instanceof RangeError) {
      return [];
    }
    throw error;
  }
}

/** The messages at a path of field numbers. @throws RangeError where one is cut. */
function inside(message: Uint8Array, ...path: number[]): Uint8Array[] {
  const [number, ...rest] = path;
  if (number === undefined) {
    return [message];
  }
  return [...fields(message)].flatMap((field) => (field.wire === 2 && field.number === number ? inside(field.bytes, ...rest) : []));
}

/** google.protobuf.Value: number (2), string (3), bool (4). */
function shown(value: Uint8Array): string {
  for (const field of fields(value)) {
    if (field.number === 2 && field.wire === 1) {
      return String(new DataView(field.bytes.buffer, field.bytes.byteOffset, 8).getFloat64(0, true));
    }
    if (field.number === 3 && field.wire === 2) {
      return text.decode(field.bytes);
    }
    if (field.number === 4 && field.wire === 0) {
      return field.varint === 0n ? 'false' : 'true';
    }
  }
  return '';
}
