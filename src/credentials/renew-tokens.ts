import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import type { FoundCredential } from '#libs/execution-runtime';
import { epochMsOf, type Clock } from '#libs/kernel';
import { OAuth, OAuthError } from '#libs/oauth';
import { BoundedWork } from '../platform/bounded-work.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { CredentialChanges } from './credential-changes.ts';
import { OAuthRows, type LockedConnection } from './oauth-rows.ts';
import { asNodesSeeIt, clientOf, providerOf, type Tokens } from './oauth-settings.ts';

type OAuth2 = Credential<'oauth2'>;
type Renewed = Extract<FoundCredential, { kind: 'found' | 'disconnected' | 'notRenewed' }>;

/** New tokens are asked for so long before the old ones expire: longer than a call and the difference of two clocks. */
const AHEAD_MS = 120_000;
/** Each holds a connection to Postgres while the provider answers, of which a process has ten. */
const AT_ONCE = 3;
/** Attempts beyond come again. */
const MOST_WAITING = 1_000;
const NOTHING_TO_RENEW_WITH = 'its access token is not good any more, and the provider gave nothing to renew it with';

/**
 * Access tokens that are good. Of all who want a new one at once, over all processes, one asks the provider: in a process
 * they share the asking, and processes wait at the lock of the credential's row, in whose transaction the provider is
 * asked and the answer written. So a refresh token that works once is used once, and who dies in the middle frees the lock.
 */
@Injectable()
export class RenewTokens {
  readonly #renewing = new Map<string, Promise<Renewed | undefined>>();
  readonly #bounded = new BoundedWork({ what: 'renewals of credentials', atOnce: AT_ONCE, waiting: MOST_WAITING });

  constructor(
    private readonly rows: OAuthRows,
    private readonly oauth: OAuth,
    private readonly changes: CredentialChanges,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** With a token other than `refused`, which was not taken. Undefined when the credential is gone meanwhile. */
  async usable(workspaceId: string, credential: OAuth2, refused?: string): Promise<Renewed | undefined> {
    if (this.#isGood(credential.data.tokens, refused)) return found(credential);
    const key = `${workspaceId}/${credential.id}/${refused ?? ''}`;
    const present = this.#renewing.get(key);
    if (present) return present;
    const renewing = this.#bounded
      .run(() => this.#renew(workspaceId, credential.id, refused))
      .finally(() => this.#renewing.delete(key));
    this.#renewing.set(key, renewing);
    return renewing;
  }

  async #renew(workspaceId: string, id: string, refused: string | undefined): Promise<Renewed | undefined> {
    const renewed = await this.rows.locked(workspaceId, id, (locked) => this.#renewLocked(locked, refused));
    if (renewed?.kind === 'disconnected') this.changes.announce(workspaceId, id);
    return renewed;
  }

  async #renewLocked(locked: LockedConnection, refused: string | undefined): Promise<Renewed> {
    const { credential } = locked;
    const { tokens, grant } = credential.data;
    // Somebody was first.
    if (this.#isGood(tokens, refused)) return found(credential);
    if (grant === 'authorizationCode' && tokens?.refreshToken === undefined)
      return tokens ? disconnect(locked, NOTHING_TO_RENEW_WITH) : { kind: 'disconnected', why: whyNot(locked) };
    try {
      const fresh = await this.#ask(credential, tokens);
      await locked.connected(fresh);
      return found({ ...credential, data: { ...credential.data, tokens: fresh } });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return this.#notRenewed(error, locked, refused);
    }
  }

  #ask({ data }: OAuth2, tokens: Tokens | undefined): Promise<Tokens> {
    const [provider, client] = [providerOf(data), clientOf(data)];
    if (data.grant === 'clientCredentials') return this.oauth.clientCredentials(provider, client, data.scopes);
    return this.oauth.refresh(provider, client, tokens ?? { accessToken: '', tokenType: '' });
  }

  async #notRenewed(error: OAuthError, locked: LockedConnection, refused: string | undefined): Promise<Renewed> {
    const { credential } = locked;
    this.logger.warn({ credentialId: credential.id, code: error.code }, 'an access token could not be renewed');
    const { grant, tokens } = credential.data;
    if (error.code === 'INVALID_GRANT' && grant === 'authorizationCode')
      return disconnect(locked, `the provider gives no more access tokens: ${error.message}`);
    // It was asked ahead of time, so there may be some left.
    if (error.retryable && tokens && tokens.accessToken !== refused && this.#leftMs(tokens) > 0)
      return found(credential);
    return { kind: 'notRenewed', why: error.message, retryable: error.retryable };
  }

  #isGood(tokens: Tokens | undefined, refused: string | undefined): boolean {
    return tokens !== undefined && tokens.accessToken !== refused && this.#leftMs(tokens) > AHEAD_MS;
  }

  #leftMs({ expiresAt }: Tokens): number {
    return expiresAt === undefined ? Infinity : epochMsOf(expiresAt) - this.clock.nowMs();
  }
}

function found(credential: OAuth2): Renewed {
  return { kind: 'found', credential: asNodesSeeIt(credential) };
}

function whyNot({ connection }: LockedConnection): string {
  return connection?.state === 'disconnected' ? connection.why : 'the account was never connected';
}

async function disconnect(locked: LockedConnection, why: string): Promise<Renewed> {
  await locked.disconnected(why);
  return { kind: 'disconnected', why };
}
