import { createHmac } from 'node:crypto';

/**
 * HMAC-SHA-256 of the nonce and the project's folder under the token, in hex: only who knows the token can give it,
 * and only for this folder; a copy of it has the same token.
 *
 * @param folder as folderIdentity gives it.
 */
export function proofOf(token: string, nonce: string, folder: string): string {
  return createHmac('sha256', token).update(`${nonce} ${folder}`).digest('hex');
}
