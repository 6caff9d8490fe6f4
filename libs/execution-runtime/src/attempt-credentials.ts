import { secretsOf, type Credential, type CredentialType } from '#libs/credential-types';
import { MillraceError } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { Redaction } from './redaction.ts';

export type FoundCredential =
  | { readonly kind: 'found'; readonly credential: Credential }
  | { readonly kind: 'absent' }
  /** It is there, and no key that is known opens it; `why` says what to do. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Where credentials are. */
export interface CredentialSource {
  /** Of this workspace alone, as it is now. Rejects while it can't be told. */
  find(workspaceId: string, credentialId: string): Promise<FoundCredential>;
}

/** The credentials of one attempt: the only way that a node gets to any, and the memory of what it got. */
export class AttemptCredentials {
  readonly #secrets = new Set<string>();
  readonly #asked = new Set<string>();
  #fault: unknown;

  constructor(
    private readonly source: CredentialSource,
    private readonly workspaceId: string,
  ) {}

  readonly get: AttemptContext['credential'] = async (id, types) => {
    const credential = await this.#find(id);
    for (const secret of secretsOf(credential)) this.#secrets.add(secret);
    if (isOneOf(credential, types)) return credential;
    const message = `the credential ${id} is of the type ${credential.type}; this node takes ${types.join(', ')}`;
    throw new NodeError('CREDENTIAL_WRONG_TYPE', message, { retryable: false });
  };

  /** Rejects the attempt when it failed over a credential that could not be looked up: that is no fault of the node. */
  ensureAnswered(): void {
    if (this.#asked.size === 0) return;
    throw new MillraceError('unavailable', 'CREDENTIALS_UNAVAILABLE', 'a credential could not be looked up', {
      cause: this.#fault,
    });
  }

  redaction(): Redaction {
    return new Redaction(this.#secrets);
  }

  /** What was asked and not answered stays asked: the store is away, or the attempt's time was over first. */
  async #find(id: string): Promise<Credential> {
    this.#asked.add(id);
    const found = await this.source.find(this.workspaceId, id).catch((error: unknown) => {
      this.#fault = error;
      throw error;
    });
    this.#asked.delete(id);
    switch (found.kind) {
      case 'found':
        return found.credential;
      case 'absent':
        throw new NodeError('CREDENTIAL_NOT_FOUND', `there is no credential ${id}; it may have been deleted`, {
          retryable: false,
        });
      case 'unreadable':
        throw new NodeError('CREDENTIAL_UNREADABLE', found.why, { retryable: false });
    }
  }
}

function isOneOf<Type extends CredentialType>(
  credential: Credential,
  types: readonly Type[],
): credential is Credential<Type> {
  return types.some((type) => type === credential.type);
}
