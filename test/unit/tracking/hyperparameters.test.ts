import assert from 'node:assert/strict';
import { hyperparametersOf } from '../../../src/core/tracking/tensorboard/hyperparameters.ts';

/** A field of a protocol buffer that holds bytes; shorter than 128. */
function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 2 * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

const entry = (name: string, value: Uint8Array): Buffer => field(1, Buffer.concat([field(1, name), field(2, value)]));

/** As PyTorch's add_hparams writes it: Event.summary.value.metadata.plugin_data. */
function event(plugin: string, hparams: Uint8Array): Buffer {
  const data = Buffer.concat([field(1, plugin), field(2, field(3, hparams))]);
  return field(5, field(1, Buffer.concat([field(1, '_hparams_/session_start_info'), field(9, field(1, data))])));
}

describe('hyperparameters of TensorBoard', () => {
  const hparams = Buffer.concat([entry('lr', double(0.1)), entry('opt', field(3, 'adam')), entry('amp', Buffer.from([4 * 8, 1]))]);

  it('are numbers, texts and switches, by their names', () => {
    assert.deepEqual(hyperparametersOf(event('hparams', hparams)), [['lr', '0.1'], ['opt', 'adam'], ['amp', 'true']]);
  });

  it('are none in the data of another plugin, and in what is cut', () => {
    assert.deepEqual(hyperparametersOf(event('scalars', hparams)), []);
    const whole = event('hparams', hparams);
    for (let length = 0; length < whole.length; length += 1) {
      assert.deepEqual(hyperparametersOf(whole.subarray(0, length)), []);
    }
  });
});
