import assert from 'node:assert/strict';
import { placeInCell, TextFollower, withoutColours } from '../../../src/core/notebooks/api.ts';
import { errorIn } from '../../../src/core/jobs/scriptErrors.ts';

describe('text under a cell', () => {
  const follow = (...texts: string[]): string[] => {
    const follower = new TextFollower();
    return texts.map((text) => follower.take(text));
  };

  it('is given once as it grows', () => {
    assert.deepEqual(follow('a', 'a', 'a\nb'), ['a', '', '\nb']);
  });

  it('is given from the changed line on where its end was written anew', () => {
    assert.deepEqual(follow('head\n 10%|#', 'head\n 20%|##', 'head\n 20%|##\nloss: 1\n'), ['head\n 10%|#', '\n 20%|##', '\nloss: 1\n']);
  });

  it('is given whole after it was cleared', () => {
    assert.deepEqual(follow('one\n', 'two\n'), ['one\n', 'two\n']);
  });
});

describe('errors of cells', () => {
  it('lie in the innermost line of a cell that the traceback passes', () => {
    const traceback = '\u001b[36mCell\u001b[39m\u001b[36m \u001b[39m\u001b[32mIn[2]\u001b[39m\u001b[32m, line 7\u001b[39m\n...\n\u001b[36mCell\u001b[39m\u001b[36m \u001b[39m\u001b[32mIn[1]\u001b[39m\u001b[32m, line 3\u001b[39m, in f()\nFile /lib/numpy.py:44, in g()';
    assert.equal(placeInCell(traceback), 3);
    assert.equal(placeInCell('Input In [4], in <cell line: 5>()'), 5);
    assert.equal(placeInCell('File "<ipython-input-2-abc>", line 9, in <module>'), 9);
    assert.equal(placeInCell('ValueError: no'), null);
    assert.equal(withoutColours('\u001b[31mred\u001b[39m'), 'red');
  });

  it('are read from what runs notebooks, before any traceback', () => {
    const lines = ['Traceback (most recent call last):', '  File "book.ipynb", line 1', 'ValueError: no', 'The error is in code cell 2, line 3: ValueError: no rows'];
    assert.deepEqual(errorIn(lines, '/a/book.ipynb'), { message: 'ValueError: no rows', line: null, cell: 'code cell 2, line 3' });
    assert.deepEqual(errorIn(['This notebook does not run: its cells are R (kernel R).'], '/a/book.ipynb'), { message: 'its cells are R (kernel R).', line: null });
  });
});
