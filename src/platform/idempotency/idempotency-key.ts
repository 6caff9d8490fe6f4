import { MillraceError } from '#libs/kernel';

/** A string of RFC 8941: quoted, with `\"` and `\\` for the two characters that need it. */
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;
/** 1 to 255 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The key of an `Idempotency-Key` header, written as a structured string or bare. Throws `INVALID_IDEMPOTENCY_KEY`. */
export function parseIdempotencyKey(header: string): string {
  const key = header.startsWith('"') ? QUOTED.exec(header)?.[1]?.replace(/\\(.)/g, '$1') : header;
  if (key !== undefined && KEY.test(key)) return key;
  throw new MillraceError(
    'malformed',
    'INVALID_IDEMPOTENCY_KEY',
    'Idempotency-Key is one string of 1 to 255 visible ASCII characters, in double quotes or bare',
  );
}
