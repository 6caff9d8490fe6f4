import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { SecretKeys } from '../config/secret-key.ts';

/** 32 secret bytes of the installation, never used as they are. */
export interface RootKey {
  /** Names it in what it signed or encrypted: 11 letters of base64url that say nothing of the key. */
  readonly id: string;
  /** A 32-byte key for one purpose alone (HKDF-SHA-256): what leaks of one says nothing of another, or of the root. */
  derive(purpose: string): KeyObject;
}

/** New things are made with `current`; what an older one made stays readable while that one is among `all`. */
export interface RootKeys {
  readonly current: RootKey;
  /** `current` first. */
  readonly all: readonly RootKey[];
}

const ID_BYTES = 8;

export function createRootKeys([first, ...others]: SecretKeys): RootKeys {
  const current = createRootKey(first);
  return { current, all: [current, ...others.map(createRootKey)] };
}

function createRootKey(secret: Uint8Array): RootKey {
  const derived = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `millrace/${purpose}`, 32));
  const digest = createHash('sha256').update(derived('key-id')).digest();
  return {
    id: digest.subarray(0, ID_BYTES).toString('base64url'),
    derive: (purpose) => createSecretKey(derived(purpose)),
  };
}
