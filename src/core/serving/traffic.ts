import { createHash } from 'node:crypto';

interface Weighted {
  weight: number;
  shadow: boolean;
}

/** Shares are told apart to a hundredth of a percent. */
const places = 10_000;

/**
 * The version that answers a request: by weight, at random; with a routing key always the same one for a key. Versions
 * share the places in their order, so where one grows at the expense of the one before, no key moves the other way.
 *
 * @param versions their weights add up to 100; at least one answers.
 */
export function chooseVersion<T extends Weighted>(versions: readonly T[], routingKey?: string): T {
  const place = routingKey === undefined ? Math.random() * places : placeOf(routingKey);
  let end = 0;
  let last: T | undefined;
  for (const version of versions) {
    if (!version.shadow && version.weight > 0) {
      last = version;
      end += (version.weight * places) / 100;
      if (place < end) {
        return version;
      }
    }
  }
  if (last === undefined) {
    throw new Error('No version answers.');
  }
  return last;
}

function placeOf(routingKey: string): number {
  return createHash('sha256').update(routingKey).digest().readUInt32BE(0) % places;
}
