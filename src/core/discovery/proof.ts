import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of the nonce under the token, in hex: only who knows the token can give it. */
export function proofOf(token: string, nonce: string): string {
  return createHmac('sha256', token).update(nonce).digest('hex');
}
