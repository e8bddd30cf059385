import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withTraffic, withVersion, type ConfiguredVersion } from '../../../src/core/deployment/trafficChange.ts';

const version = (number: number, weight: number, shadow = false): ConfiguredVersion => ({ ulid: `ulid${number}`, model: 'm', version: number, sha256: 'x', file: '/x', weight, shadow });
const added = { ulid: 'new', model: 'm', version: 9, sha256: 'y', file: '/y' };
const weights = (versions: readonly ConfiguredVersion[]): [number | null, number, boolean][] => versions.map((each) => [each.version, each.weight, each.shadow]);

describe('a change of traffic', () => {
  it('replaces, shares or shadows', () => {
    const current = [version(1, 60), version(2, 40), version(3, 0, true)];
    assert.deepEqual(weights(withVersion(current, added, {})), [[9, 100, false]]);
    assert.deepEqual(weights(withVersion(current, added, { weight: 10 })), [[1, 54, false], [2, 36, false], [3, 0, true], [9, 10, false]]);
    assert.deepEqual(weights(withVersion(current, added, { shadow: true })), [[1, 60, false], [2, 40, false], [3, 0, true], [9, 0, true]]);
    assert.deepEqual(weights(withVersion(current, { ...added, ulid: 'ulid2', version: 2 }, { shadow: true })), [[1, 100, false], [3, 0, true], [2, 0, true]]);
    assert.deepEqual(weights(withVersion([], added, { weight: 10 })), [[9, 100, false]]);
    assert.throws(() => withVersion([], added, { shadow: true }), /no other version answers/);
    assert.throws(() => withVersion([version(9, 100)].map((each) => ({ ...each, ulid: 'new' })), added, { shadow: true }), /no other version answers/);
  });

  it('always adds up to 100', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 99 }), (parts, weight) => {
        let left = 100;
        const current = parts.map((part, index) => {
          const own = index === parts.length - 1 ? left : Math.min(part, left);
          left -= own;
          return version(index, own);
        });
        const next = withVersion(current, added, { weight });
        assert.equal(next.reduce((sum, each) => sum + each.weight, 0), 100);
        assert.ok(next.every((each) => each.weight >= 0));
      }),
    );
  });

  it('takes weights by number or ULID, and says what is wrong', () => {
    const current = [version(1, 100), version(2, 0, true)];
    assert.deepEqual(weights(withTraffic(current, { versions: [{ version: 'v2', weight: 30 }, { version: 'ulid1', weight: 70 }] })), [[1, 70, false], [2, 30, false]]);
    assert.throws(() => withTraffic(current, { versions: [{ version: '1', weight: 99 }] }), /add up to 100, not 99/);
    assert.throws(() => withTraffic(current, { versions: [{ version: '7', weight: 100 }] }), /no version "7". It serves 1, 2/);
    assert.throws(() => withTraffic(current, { versions: [{ version: '1', weight: 50 }, { version: 'ulid1', weight: 50 }] }), /named twice/);
    assert.throws(() => withTraffic(current, { versions: [{ version: '1', weight: 50 }, { version: '2', weight: 50, shadow: true }] }), /cannot be a shadow/);
  });
});
