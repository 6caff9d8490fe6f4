import { createHash } from 'node:crypto';
import { addressKeyOf } from '#libs/mail-addresses';
import { lettersOf } from './letters.ts';

/**
 * Names one mail to one recipient. It follows from the key of the node's attempts and the address, so that all attempts at
 * it have one.
 */
export function mailKeyOf(idempotencyKey: string, address: string): string {
  const digest = createHash('sha256').update(JSON.stringify([idempotencyKey, addressKeyOf(address)]));
  return lettersOf(digest.digest());
}
