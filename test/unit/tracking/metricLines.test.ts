import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MetricLines, parametersOfArguments, type Finding } from '../../../src/core/tracking/metricLines.ts';

function metrics(...lines: string[]): [string, number | null, number][] {
  const reader = new MetricLines();
  return lines.flatMap((line) => reader.read(line)).flatMap((finding) => (finding.type === 'metric' ? [[finding.key, finding.value, finding.step] as [string, number | null, number]] : []));
}

function parameters(line: string): [string, string][] {
  return new MetricLines().read(line).flatMap((finding: Finding) => (finding.type === 'param' ? [[finding.key, finding.value] as [string, string]] : []));
}

describe('metrics in a script’s output', () => {
  const cases: [string, [string, number | null, number][]][] = [
    ['roc_auc: 0.731', [['roc_auc', 0.731, 0]]],
    ['roc_auc = 0.731', [['roc_auc', 0.731, 0]]],
    ['epoch=3 loss=0.21', [['loss', 0.21, 3]]],
    ['epoch 3 loss 0.41', [['loss', 0.41, 3]]],
    ['Epoch 3, loss 0.12', [['loss', 0.12, 3]]],
    ['Epoch [3/10] Loss: 0.5 Val_Loss: 0.4', [['Loss', 0.5, 3], ['Val_Loss', 0.4, 3]]],
    ['313/313 [==============================] - 2s 5ms/step - loss: 0.25 - val_accuracy: 0.9', [['loss', 0.25, 0], ['val_accuracy', 0.9, 0]]],
    ["[10]\tvalid_0's auc: 0.91\tvalid_0's binary_logloss: 0.3", [['valid_0-auc', 0.91, 10], ['valid_0-binary_logloss', 0.3, 10]]],
    ['[7]\ttrain-auc:0.93\teval-auc:0.88', [['train-auc', 0.93, 7], ['eval-auc', 0.88, 7]]],
    ['{"loss": 0.1, "epoch": 2}', [['loss', 0.1, 2]]],
    ["{'loss': 0.1, 'eval_f1': 0.5, 'epoch': 2.0}", [['loss', 0.1, 2], ['eval_f1', 0.5, 2]]],
    ['Test accuracy: 93.5%', [['Test_accuracy', 0.935, 0]]],
    ['2026-01-01 12:30:45,123 INFO loss: 1e-3', [['loss', 0.001, 0]]],
    ['loss: nan', [['loss', null, 0]]],
    ['step 100: train/loss=0.5, lr=3e-4', [['train/loss', 0.5, 100], ['lr', 0.0003, 100]]],
    ['mae 3.2 | rmse 4.1', [['mae', 3.2, 0], ['rmse', 4.1, 0]]],
    ['r2: -0.5', [['r2', -0.5, 0]]],
    ['baseline_gain: 0.02', [['baseline_gain', 0.02, 0]]],
  ];
  for (const [line, expected] of cases) {
    it(`reads ${JSON.stringify(line)}`, () => assert.deepEqual(metrics(line), expected));
  }

  const nothing = [
    '2026-01-01 12:30:45 starting',
    'Rows: 3 were dropped',
    'Loaded 9857 rows from /data/loans.csv: 23 columns',
    'version: 1.2.3',
    'Python 3.11.7',
    'Listening on http://127.0.0.1:8000',
    'seed: 42',
    'Warning: 3 rows have no target',
    'File "train.py", line 12, in <module>',
    'I0000 00:00:1795528624.566305   11180 port.cc:153] oneDNN custom operations are on.',
    'ETA: 00:12',
    'elapsed: 12.3s',
    'C:\\data\\x: 5',
    '120/313 [=====>...] - ETA: 1s - loss: 0.6',
    ' 38%|███▊      | 3/8 [00:01<00:02,  2.4it/s, loss=0.3]',
    'Epoch 0:  25%|██▌       | 1/4 [00:00<00:00, 44.57it/s, v_num=0, train_loss_step=8.190]',
    '[LightGBM] [Info] Start training from score -1.107581',
    '',
  ];
  for (const line of nothing) {
    it(`finds none in ${JSON.stringify(line)}`, () => assert.deepEqual(metrics(line), []));
  }

  it('finds none in the code that a traceback quotes', () => {
    const lines = new MetricLines();
    const said = ['  File "/x/train.py", line 15, in <module>', '    model.fit(x, 3 * x, epochs=3, batch_size=16, verbose=0)', 'loss: 0.5'].flatMap((line) => lines.read(line));
    assert.deepEqual(said, [{ type: 'metric', key: 'loss', value: 0.5, step: 0 }]);
  });

  it('takes a bar once it is full, and once only, however often it is drawn', () => {
    const full = 'Epoch 3: 100%|██████████| 4/4 [00:00<00:00, 49.89it/s, v_num=0, train_loss=3.670]';
    assert.deepEqual(metrics(full, full, full.replace(']', ', val_loss=2.460]')), [['train_loss', 3.67, 3], ['val_loss', 2.46, 3]]);
    assert.deepEqual(metrics('loss: 1', 'loss: 1').map(([, , step]) => step), [0, 1]);
  });

  it('takes the announced epoch for the lines that follow it', () => {
    assert.deepEqual(metrics('Epoch 1/2', 'loss: 0.9', 'Epoch 2/2', 'loss: 0.8'), [
      ['loss', 0.9, 1],
      ['loss', 0.8, 2],
    ]);
  });

  it('counts where a line names no step, and where it names two', () => {
    assert.deepEqual(metrics('loss: 3', 'loss: 2').map(([, , step]) => step), [0, 1]);
    assert.deepEqual(metrics('epoch 1 step 50 loss 3', 'epoch 2 step 1 loss 2').map(([, , step]) => step), [0, 1]);
  });

  it('tells how far the epochs are', () => {
    assert.deepEqual(new MetricLines().read('Epoch 3/10'), [{ type: 'progress', fraction: 0.2, message: 'epoch 3 of 10' }]);
  });

  it('never throws, and gives finite figures or null, whatever is printed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z]{1,8}[:= ]{1,2}[0-9.e%-]{1,9}$/))), (lines) => {
        const reader = new MetricLines();
        for (const finding of lines.flatMap((line) => reader.read(line))) {
          if (finding.type === 'metric') {
            assert.ok(finding.value === null || Number.isFinite(finding.value));
            assert.ok(Number.isInteger(finding.step));
          }
        }
      }),
    );
  });

  it('reads back any figure that is printed as name: value', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^val_[a-z]{3,12}$/), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (name, value) => {
        assert.deepEqual(metrics(`${name}: ${value}`), [[name, value + 0, 0]]);
      }),
    );
  });
});

describe('parameters in a script’s output', () => {
  it('reads the lines that name them', () => {
    assert.deepEqual(parameters('params: C=1.0 penalty=l2'), [['C', '1.0'], ['penalty', 'l2']]);
    assert.deepEqual(parameters('param learning_rate = 0.1'), [['learning_rate', '0.1']]);
    assert.deepEqual(parameters("Params: {'C': 1.0, 'penalty': 'l2'}"), [['C', '1'], ['penalty', 'l2']]);
    assert.deepEqual(parameters("Namespace(lr=0.1, name='a b')"), [['lr', '0.1'], ['name', 'a b']]);
    assert.deepEqual(parameters('parameters were fine'), []);
  });

  it('reads a command line', () => {
    assert.deepEqual(parametersOfArguments(['in.csv', '--lr', '0.1', '--epochs=3', '--fast', '-n', '-5', '--x=']), { lr: '0.1', epochs: '3', fast: 'true', n: '-5', x: '' });
  });
});
