import { randomBytes, type KeyObject } from 'node:crypto';
import { MillraceError } from '#libs/kernel';
import { seal, tryOpen } from '#libs/sealing';

/** A 256-bit key that wraps data keys, known by a name that says nothing of it. */
export interface WrappingKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Where a credential belongs; what was sealed for one place opens at no other. */
export interface CredentialPlace {
  readonly workspaceId: string;
  readonly credentialId: string;
}

/** What is stored of a credential's data. */
export interface SealedCredential {
  /** Id of the wrapping key. */
  readonly keyId: string;
  /** The credential's own data key, wrapped. */
  readonly wrappedKey: Uint8Array;
  /** The data, encrypted with the data key. */
  readonly sealedData: Uint8Array;
}

const DATA_KEY_BYTES = 32;

/**
 * Encrypts the data of credentials, each with a random data key of its own; the data key is wrapped by the current
 * wrapping key. A change of the wrapping key so touches 61 bytes a credential and never the data.
 */
export class CredentialVault {
  readonly #current: WrappingKey;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** `all` may hold older keys: what they wrapped can be opened and wrapped again. */
  constructor({ current, all }: { readonly current: WrappingKey; readonly all: readonly WrappingKey[] }) {
    this.#current = current;
    this.#keys = new Map([...all, current].map(({ id, key }) => [id, key]));
  }

  get currentKeyId(): string {
    return this.#current.id;
  }

  get knownKeyIds(): readonly string[] {
    return [...this.#keys.keys()];
  }

  seal(place: CredentialPlace, data: string): SealedCredential {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    const sealedData = seal(dataKey, Buffer.from(data), contextOf('data', place));
    return { ...this.#wrap(place, dataKey), sealedData };
  }

  /** Throws `CREDENTIAL_UNREADABLE` when no known key opens it at this place. */
  open(place: CredentialPlace, sealed: SealedCredential): string {
    const data = tryOpen(this.#unwrap(place, sealed), sealed.sealedData, contextOf('data', place));
    if (data) return data.toString();
    throw unreadable(place);
  }

  /** The same data key under the current wrapping key. Throws `CREDENTIAL_UNREADABLE`. */
  rewrap(place: CredentialPlace, sealed: Omit<SealedCredential, 'sealedData'>): Omit<SealedCredential, 'sealedData'> {
    return this.#wrap(place, this.#unwrap(place, sealed));
  }

  #wrap(place: CredentialPlace, dataKey: Uint8Array): Omit<SealedCredential, 'sealedData'> {
    const { id, key } = this.#current;
    return { keyId: id, wrappedKey: seal(key, dataKey, contextOf('key', place)) };
  }

  #unwrap(place: CredentialPlace, { keyId, wrappedKey }: Omit<SealedCredential, 'sealedData'>): Uint8Array {
    const key = this.#keys.get(keyId);
    const dataKey = key && tryOpen(key, wrappedKey, contextOf('key', place));
    if (dataKey?.length === DATA_KEY_BYTES) return dataKey;
    throw unreadable(place);
  }
}

/** As JSON, so that no two places give the same text; the part keeps a wrapped key from passing for data. */
function contextOf(part: 'data' | 'key', { workspaceId, credentialId }: CredentialPlace): string {
  return JSON.stringify(['millrace/credential', part, workspaceId, credentialId]);
}

function unreadable({ credentialId }: CredentialPlace): MillraceError {
  return new MillraceError(
    'conflict',
    'CREDENTIAL_UNREADABLE',
    `no root key that is known here opens the credential ${credentialId}: give the key that it was stored under back in MILLRACE_SECRET_KEY_PREVIOUS, or store the credential's data again`,
  );
}
