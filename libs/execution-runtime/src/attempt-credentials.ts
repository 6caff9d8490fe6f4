import {
  secretsOf,
  type Credential,
  type CredentialType,
  type CredentialTypeDefinition,
  type DefinedCredential,
} from '#libs/credential-types';
import { MillraceError } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { Redaction } from './redaction.ts';

/** What is stored under an id. */
export type OpenedCredential =
  | { readonly kind: 'found'; readonly credential: Credential }
  /** Of a type that a connector defines, with data that fits it. */
  | { readonly kind: 'foundOfConnector'; readonly credential: ConnectorCredential }
  | { readonly kind: 'absent' }
  /** It is there, and no key that is known opens it; `why` says what to do. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** What an attempt gets. */
export type FoundCredential =
  | OpenedCredential
  /** A person has to connect the account again: what the service gave is good no longer. */
  | { readonly kind: 'disconnected'; readonly why: string; readonly sinceMs: number }
  /** Its access token has expired, and no new one could be had. */
  | { readonly kind: 'notRenewed'; readonly why: string; readonly retryable: boolean; readonly retryAfterMs?: number };

export interface ConnectorCredential {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly allowedHosts: readonly string[];
  /** What of the data must never be seen. */
  readonly secrets: readonly string[];
}

type Found = Extract<OpenedCredential, { kind: 'found' | 'foundOfConnector' }>;

/** Where credentials are. */
export interface CredentialSource {
  /** Of this workspace alone, as it is now. Rejects while it can't be told. */
  find(workspaceId: string, credentialId: string): Promise<FoundCredential>;
  /** As `find`, with another access token than `refused`; of all who ask at once, one gets a new one. */
  renew(workspaceId: string, credentialId: string, refused: string): Promise<FoundCredential>;
}

/** The work can't go on until a person has connected the credential again; no attempt is spent on that. */
export class CredentialDisconnected extends Error {
  override readonly name = 'CredentialDisconnected';
  constructor(
    readonly credentialId: string,
    why: string,
    readonly sinceMs: number,
  ) {
    super(why);
  }
}

/** The credentials of one attempt: the only way that a node gets to any, and the memory of what it got. */
export class AttemptCredentials {
  readonly #secrets = new Set<string>();
  readonly #asked = new Set<string>();
  #fault: unknown;
  #disconnected: CredentialDisconnected | undefined;

  constructor(
    private readonly source: CredentialSource,
    private readonly workspaceId: string,
  ) {}

  readonly get: AttemptContext['credential'] = async (id, types) => {
    const found = await this.#taken(id, (source) => source.find(this.workspaceId, id));
    if (found.kind === 'found' && isOneOf(found.credential, types)) return found.credential;
    throw wrongType(found, types);
  };

  readonly getDefined: AttemptContext['credentialOf'] = async (id, definitions) => {
    const found = await this.#taken(id, (source) => source.find(this.workspaceId, id));
    for (const definition of definitions) {
      const credential = asDefined(found, definition);
      if (credential) return credential;
    }
    throw wrongType(
      found,
      definitions.map(({ type }) => type),
    );
  };

  readonly renewed: AttemptContext['renewed'] = async ({ id, data }) => {
    const refused = data.tokens?.accessToken ?? '';
    const found = await this.#taken(id, (source) => source.renew(this.workspaceId, id, refused));
    if (found.kind === 'found' && isOneOf(found.credential, ['oauth2'])) return found.credential;
    throw wrongType(found, ['oauth2']);
  };

  /** The credential that a person has to connect before the work can go on. */
  get disconnected(): CredentialDisconnected | undefined {
    return this.#disconnected;
  }

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
  async #taken(id: string, ask: (source: CredentialSource) => Promise<FoundCredential>): Promise<Found> {
    this.#asked.add(id);
    const found = await ask(this.source).catch((error: unknown) => {
      this.#fault = error;
      throw error;
    });
    this.#asked.delete(id);
    switch (found.kind) {
      case 'found':
      case 'foundOfConnector':
        for (const secret of secretsIn(found)) this.#secrets.add(secret);
        return found;
      case 'absent':
        throw new NodeError('CREDENTIAL_NOT_FOUND', `there is no credential ${id}; it may have been deleted`, {
          retryable: false,
        });
      case 'unreadable':
        throw new NodeError('CREDENTIAL_UNREADABLE', found.why, { retryable: false });
      case 'notRenewed':
        throw notRenewed(found);
      case 'disconnected':
        this.#disconnected = new CredentialDisconnected(id, found.why, found.sinceMs);
        throw this.#disconnected;
    }
  }
}

function secretsIn(found: Found): readonly string[] {
  return found.kind === 'found' ? secretsOf(found.credential) : found.credential.secrets;
}

function notRenewed({ why, retryable, retryAfterMs }: Extract<FoundCredential, { kind: 'notRenewed' }>): NodeError {
  const after = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new NodeError('CREDENTIAL_NOT_RENEWED', why, { retryable, ...after });
}

function wrongType({ credential: { id, type } }: Found, types: readonly string[]): NodeError {
  const message = `the credential ${id} is of the type ${type}; this node takes ${types.join(', ')}`;
  return new NodeError('CREDENTIAL_WRONG_TYPE', message, { retryable: false });
}

/** The credential, if the definition is that of its type. Parsed anew, as it tells nobody else what its data is. */
function asDefined<Definition extends CredentialTypeDefinition>(
  { credential: { id, type, data, allowedHosts } }: Found,
  definition: Definition,
): DefinedCredential<Definition> | undefined {
  if (type !== definition.type) return undefined;
  return { id, type, data: definition.data.parse(data), allowedHosts } as DefinedCredential<Definition>;
}

function isOneOf<Type extends CredentialType>(
  credential: Credential,
  types: readonly Type[],
): credential is Credential<Type> {
  return types.some((type) => type === credential.type);
}
