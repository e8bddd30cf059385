// Keys of endpoints. A key is 256 random bits, so a salted SHA-256 of it is as good as a slow hash, and fast to check.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyHash } from '../../contracts/endpoints.ts';

/** A new key: 43 characters that need no quoting anywhere. */
export function makeKey(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a key. */
export function hashKey(key: string): KeyHash {
  const salt = randomBytes(16).toString('base64url');
  return { salt, hash: digest(salt, key).toString('hex') };
}

/** The key by which the project server opens an endpoint. Derived from the project's token, so it is stored nowhere. */
export function serverKey(token: string, endpoint: string): string {
  return createHmac('sha256', token).update(`endpoint ${endpoint}`).digest('base64url');
}

/** Whether `key` is one of these. Takes the same time for every wrong key. */
export function opens(key: string, hashes: readonly KeyHash[]): boolean {
  let found = false;
  for (const { salt, hash } of hashes) {
    const expected = Buffer.from(hash, 'hex');
    const given = digest(salt, key);
    found = (given.length === expected.length && timingSafeEqual(given, expected)) || found;
  }
  return found;
}

function digest(salt: string, key: string): Buffer {
  return createHash('sha256').update(salt + key).digest();
}
