// Traffic as a person types it: `1=90 2=10 3=shadow`, by version number.
import type { ServedVersion, TrafficRequest } from '../../contracts/endpoints.ts';

type Shares = TrafficRequest['versions'];

/** What is wrong with what was typed: a piece that is not understood, a version that is not served, or a wrong sum. */
export type TrafficFault = { unreadable: string } | { unknown: string } | { sum: number };

/** How a version is called here: its number, or `challenger` where it has none. */
function nameOf({ version }: ServedVersion): string {
  return version === null ? 'challenger' : String(version);
}

export function writeTraffic(versions: readonly ServedVersion[]): string {
  return versions.map((each) => `${nameOf(each)}=${each.shadow ? 'shadow' : each.weight}`).join(' ');
}

/** Versions that are not named leave the endpoint. */
export function readTraffic(text: string, versions: readonly ServedVersion[]): Shares | TrafficFault {
  const shares: Shares = [];
  for (const piece of text.trim().split(/[\s,]+/)) {
    const match = /^v?(\w+)=(\d{1,3}%?|shadow)$/i.exec(piece);
    if (match?.[1] === undefined || match[2] === undefined) {
      return { unreadable: piece };
    }
    const name = match[1].toLowerCase();
    const served = versions.find((each) => nameOf(each) === name);
    if (served === undefined || shares.some((each) => each.version === served.ulid)) {
      return { unknown: match[1] };
    }
    const shadow = match[2].toLowerCase() === 'shadow';
    shares.push({ version: served.ulid, weight: shadow ? 0 : Number.parseInt(match[2], 10), shadow });
  }
  const sum = shares.reduce((total, each) => total + each.weight, 0);
  return sum === 100 ? shares : { sum };
}
