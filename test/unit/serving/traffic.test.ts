import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseVersion, hashKey, Latencies, makeKey, opens, serverKey } from '../../../src/core/serving/api.ts';

const versions = (...weights: number[]) => weights.map((weight, index) => ({ name: index, weight, shadow: false }));

describe('traffic', () => {
  it('shares requests by weight', () => {
    const share = (choose: (index: number) => number): number => Array.from({ length: 20_000 }, (_, index) => choose(index)).filter((name) => name === 1).length / 20_000;
    // Five standard deviations of a share of 20,000.
    assert.ok(Math.abs(share(() => chooseVersion(versions(90, 10)).name) - 0.1) < 0.011);
    assert.ok(Math.abs(share((index) => chooseVersion(versions(90, 10), `key ${index}`).name) - 0.1) < 0.011);
    assert.equal(share(() => chooseVersion(versions(100, 0)).name), 0);
    assert.equal(chooseVersion([{ name: 0, weight: 0, shadow: true }, ...versions(100)]).name, 0);
  });

  it('keeps a routing key at its version, and moves keys only to the version that grows', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }), (key, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const before = chooseVersion(versions(100 - low, low), key).name;
        assert.equal(chooseVersion(versions(100 - low, low), key).name, before);
        assert.ok(chooseVersion(versions(100 - high, high), key).name >= before);
      }),
    );
  });

  it('gives percentiles right to a few percent, and adds up what several processes counted', () => {
    const [whole, one, two] = [new Latencies(), new Latencies(), new Latencies()];
    const values = Array.from({ length: 5000 }, (_, index) => 0.05 * 1.002 ** index);
    values.forEach((value, index) => {
      whole.add(value);
      (index % 3 === 0 ? one : two).add(value);
    });
    one.merge(two.entries());
    for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
      assert.ok(Math.abs((whole.percentile(share) ?? 0) / exact - 1) < 0.026, `${share}: ${whole.percentile(share)} for ${exact}`);
      assert.equal(one.percentile(share), whole.percentile(share));
    }
    assert.equal(new Latencies().percentile(0.5), null);
  });

  it('opens to a key and to no other', () => {
    const key = makeKey();
    assert.match(key, /^[\w-]{43}$/);
    assert.ok(opens(key, [hashKey(makeKey()), hashKey(key)]));
    assert.ok(!opens(key.slice(0, -1), [hashKey(key)]));
    assert.ok(!opens('', []));
    assert.notEqual(serverKey('token', 'a'), serverKey('token', 'b'));
    assert.ok(!JSON.stringify(hashKey(key)).includes(key));
  });
});
