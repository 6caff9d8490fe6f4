import { createCipheriv, createDecipheriv, randomBytes, type CipherKey } from 'node:crypto';

// A sealed blob is: format (1 byte), nonce (12 bytes), ciphertext, tag (16 bytes). A new format gets a number of its own.
const FORMAT = 1;
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES;

/** AES-256-GCM with a fresh nonce: `context` is not in the blob, and opening needs the same. */
export function seal(key: CipherKey, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What was sealed, or undefined when key, context or any bit of the blob is another. */
export function tryOpen(key: CipherKey, blob: Uint8Array, context: string): Buffer | undefined {
  if (blob[0] !== FORMAT || blob.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const nonce = blob.subarray(1, HEADER_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(blob.subarray(-TAG_BYTES));
  const plain = decipher.update(blob.subarray(HEADER_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The only thing that `final` has to say is that the tag does not fit.
    return undefined;
  }
}
