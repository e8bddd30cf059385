import { invalid } from './refusal.ts';

/** Where the next page begins, as text that a client only hands back. */
export function pageToken(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws Refusal for a token that `pageToken` did not make of so many values. */
export function readPageToken(token: string, length: number): (string | number)[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (Array.isArray(place) && place.length === length && place.every((value) => typeof value === 'string' || Number.isSafeInteger(value))) {
      return place as (string | number)[];
    }
  } catch {
    // Said below.
  }
  throw invalid('Invalid page token. Hand back a next_page_token as it was given.');
}

/** The row at which a page begins; 0 without a token. */
export function readOffset(token: string | undefined): number {
  const offset = token === undefined || token === '' ? 0 : readPageToken(token, 1)[0];
  if (typeof offset !== 'number' || offset < 0) {
    throw invalid('Invalid page token. Hand back a next_page_token as it was given.');
  }
  return offset;
}
