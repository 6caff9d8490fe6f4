import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { digestField } from './entry.ts';

/** A public key as exports carry it. */
export const auditKeySchema = z.object({
  /** SHA-256 of the 32 bytes of the key: its fingerprint. */
  keyId: digestField,
  algorithm: z.literal('Ed25519'),
  /** The 32 bytes of RFC 8032, base64url. */
  publicKey: z.string().max(64),
});
export type AuditKey = z.output<typeof auditKeySchema>;

/** Signs; made of 32 secret bytes. */
export interface AuditSigner {
  readonly key: AuditKey;
  sign(text: string): string;
}

/** PKCS #8 of an Ed25519 key up to its 32 secret bytes (RFC 8410), which Node takes in no shorter form. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export function createAuditSigner(secret: KeyObject): AuditSigner {
  const der = Buffer.concat([PKCS8_HEAD, secret.export()]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x: publicKey = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    key: { keyId: fingerprintOf(publicKey), algorithm: 'Ed25519', publicKey },
    sign: (text) => signBytes(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

/** Whether the key is the one that its id names: an export brings its keys itself. */
export function isSound({ keyId, publicKey }: AuditKey): boolean {
  return fingerprintOf(publicKey) === keyId;
}

export function isSignedBy(key: AuditKey, text: string, signature: string): boolean {
  const publicKey = tryParsePublicKey(key.publicKey);
  return (
    publicKey !== undefined && verifyBytes(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'))
  );
}

function tryParsePublicKey(x: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
}
