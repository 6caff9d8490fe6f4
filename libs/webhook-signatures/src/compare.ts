import { createHash, createHmac, timingSafeEqual, type BinaryLike } from 'node:crypto';

/** Takes the same time whatever is given, also for another length: digests of both are compared. */
export function isSame(expected: BinaryLike, given: BinaryLike): boolean {
  return timingSafeEqual(digestOf(expected), digestOf(given));
}

function digestOf(value: BinaryLike): Buffer {
  return createHash('sha256').update(value).digest();
}

/** Of the parts, one after the other. */
export function hmacOf(algorithm: string, key: BinaryLike, parts: readonly BinaryLike[]): Buffer {
  const hmac = createHmac(algorithm, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether one of the signatures is that of one of the keys. All are compared, so that the time does not tell which. */
export function isSignedByAny(expected: readonly Buffer[], given: readonly Buffer[]): boolean {
  let signed = false;
  for (const one of expected) for (const other of given) signed = isSame(one, other) || signed;
  return signed;
}
