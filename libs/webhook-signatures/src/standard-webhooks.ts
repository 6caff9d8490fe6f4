import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { headerOf } from './call-headers.ts';
import { hmacOf, isSignedByAny } from './compare.ts';
import { MAX_SIGNATURES } from './providers.ts';
import { stampedVerifier } from './stamped.ts';
import type { SignedCall, Verifier } from './types.ts';

/** `whsec_` and base64 of 24 to 64 bytes, the prefix being optional; or `whpk_` and base64 of an Ed25519 public key. */
export type StandardKey =
  { readonly scheme: 'v1'; readonly key: Buffer } | { readonly scheme: 'v1a'; readonly key: KeyObject };

const ED25519_BYTES = 32;
/** What stands before the 32 bytes of an Ed25519 public key in DER (RFC 8410, section 4). */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');

/** Undefined when it is no key of the scheme: a short one would make signatures that anybody could guess. */
export function standardKeyOf(secret: string): StandardKey | undefined {
  if (secret.startsWith('whpk_')) {
    const key = base64In(secret.slice('whpk_'.length));
    if (key?.length !== ED25519_BYTES) return undefined;
    const der = Buffer.concat([ED25519_DER, key]);
    return { scheme: 'v1a', key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
  }
  const key = base64In(secret.replace(/^whsec_/, ''));
  return key && key.length >= 24 && key.length <= 64 ? { scheme: 'v1', key } : undefined;
}

/**
 * `webhook-signature: v1,<base64> v1a,<base64> …` over `<webhook-id>.<webhook-timestamp>.<body>`; also with the names
 * `svix-…`, which many senders use for the same. Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
 */
export function standardWebhooksVerifier(secrets: readonly string[], toleranceSeconds: number): Verifier {
  const keys = secrets.map(standardKeyOf).filter((key) => key !== undefined);
  return stampedVerifier(toleranceSeconds, (call) => {
    const id = eitherOf(call, 'id');
    const timestamp = eitherOf(call, 'timestamp');
    const header = eitherOf(call, 'signature');
    if (id === undefined || timestamp === undefined || header === undefined) return 'missing';
    const signatures = header.split(' ').map((one) => one.split(',', 2));
    if (signatures.length > MAX_SIGNATURES) return 'malformed';
    const of = (scheme: string): Buffer[] =>
      signatures.flatMap(([name, value = '']) => (name === scheme ? [Buffer.from(value, 'base64')] : []));
    const prefix = `${id}.${timestamp}.`;
    return { timestamp, isSigned: () => isSigned(keys, { of, prefix, body: call.body }) };
  });
}

function eitherOf(call: SignedCall, name: string): string | undefined {
  return headerOf(call, `webhook-${name}`) ?? headerOf(call, `svix-${name}`);
}

function isSigned(
  keys: readonly StandardKey[],
  { of, prefix, body }: { of: (scheme: string) => Buffer[]; prefix: string; body: Uint8Array },
): boolean {
  return keys.some((one) =>
    one.scheme === 'v1'
      ? isSignedByAny([hmacOf('sha256', one.key, [prefix, body])], of('v1'))
      : of('v1a').some((signature) => verify(null, Buffer.concat([Buffer.from(prefix), body]), one.key, signature)),
  );
}

function base64In(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
