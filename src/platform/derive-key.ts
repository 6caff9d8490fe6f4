import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** A 32-byte key for one purpose alone (HKDF-SHA-256): what leaks of one says nothing of another, or of the root. */
export function deriveKey(rootKey: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', rootKey, '', `millrace/${purpose}`, 32)));
}
