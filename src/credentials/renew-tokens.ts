import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { BoundedWork } from '#libs/bounded-work';
import type { Credential } from '#libs/credential-types';
import type { FoundCredential } from '#libs/execution-runtime';
import { MillraceError, type Clock } from '#libs/kernel';
import { OAuth, OAuthError } from '#libs/oauth';
import { tooBusy } from '../platform/too-busy.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { CredentialChanges } from './credential-changes.ts';
import { OAuthRows, type LockedConnection } from './oauth-rows.ts';
import { asNodesSeeIt, clientOf, providerOf, type Tokens } from './oauth-settings.ts';
import { isGoodToken, leftMs, RENEWAL_RULES } from './token-life.ts';

type OAuth2 = Credential<'oauth2'>;
type Renewed = Extract<FoundCredential, { kind: 'found' | 'disconnected' | 'notRenewed' }>;
type NotRenewed = Extract<Renewed, { kind: 'notRenewed' }>;

/** Each holds a connection to Postgres while the provider answers, of which a process has ten. */
const AT_ONCE = 3;
/** Attempts beyond come again. */
const MOST_WAITING = 1_000;
/** A provider that did not answer is left alone for so long, unless it said for how long. */
const LEFT_ALONE_MS = 5_000;
const MOST_LEFT_ALONE = 1_000;
const REFUSED_BY_SERVICE =
  'the service refused its access token, which is too new to be renewed or can not be; perhaps a scope is missing, or access was taken away: then connect the account again';

/**
 * Access tokens that are good. Of all who want a new one at once, over all processes, one asks the provider: in a process
 * they share the asking, and processes wait at the lock of the credential's row, in whose transaction the provider is
 * asked and the answer written. So a refresh token that works once is used once, and who dies in the middle frees the lock.
 */
@Injectable()
export class RenewTokens implements BeforeApplicationShutdown {
  readonly #renewing = new Map<string, Promise<Renewed | undefined>>();
  readonly #bounded = new BoundedWork({
    ...{ atOnce: AT_ONCE, waiting: MOST_WAITING },
    tooBusy: () => tooBusy('renewals of credentials'),
  });
  /** By credential: who could not renew it, and until when that is the answer. */
  readonly #failed = new LRUCache<string, { readonly untilMs: number; readonly answer: NotRenewed }>({
    max: MOST_LEFT_ALONE,
  });
  #stopping = false;

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
    const failed = this.#failed.get(key);
    if (failed && failed.untilMs > this.clock.nowMs()) return failed.answer;
    const renewing = this.#bounded
      .run(() => this.#renew(workspaceId, credential.id, { refused, key }))
      .finally(() => this.#renewing.delete(key));
    this.#renewing.set(key, renewing);
    return renewing;
  }

  /** A token that is cut off on its way may be the only one that there is. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#renewing.values());
  }

  async #renew(
    workspaceId: string,
    id: string,
    { refused, key }: { readonly refused: string | undefined; readonly key: string },
  ): Promise<Renewed | undefined> {
    if (this.#stopping) throw new MillraceError('unavailable', 'SHUTTING_DOWN', 'this process is ending');
    const renewed = await this.rows.locked(workspaceId, id, (locked) => this.#renewLocked(locked, refused));
    if (renewed?.kind === 'disconnected') this.changes.announce(workspaceId, id);
    if (renewed?.kind === 'notRenewed')
      this.#failed.set(key, {
        answer: renewed,
        untilMs: this.clock.nowMs() + (renewed.retryAfterMs ?? LEFT_ALONE_MS),
      });
    return renewed;
  }

  async #renewLocked(locked: LockedConnection, refused: string | undefined): Promise<Renewed> {
    const { credential } = locked;
    const { tokens } = credential.data;
    // Somebody was first.
    if (this.#isGood(tokens, refused)) return found(credential);
    const instead = this.#insteadOfAsking(locked, refused);
    if (instead) return instead;
    try {
      const fresh = await this.#ask(credential, tokens);
      await locked.connected(fresh);
      return found({ ...credential, data: { ...credential.data, tokens: fresh } });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return this.#notRenewed(error, locked, refused);
    }
  }

  /** What follows without the provider: there is nothing to ask it with, or it was asked just now. */
  #insteadOfAsking(locked: LockedConnection, refused: string | undefined): Promise<Renewed> | Renewed | undefined {
    const { tokens, grant } = locked.credential.data;
    const renews = grant === 'clientCredentials' || tokens?.refreshToken !== undefined;
    if (!tokens) return renews ? undefined : { kind: 'disconnected', why: whyNot(locked), sinceMs: locked.sinceMs };
    if (tokens.accessToken === refused && this.#isLastWord(locked, tokens, renews))
      return { kind: 'notRenewed', why: REFUSED_BY_SERVICE, retryable: false };
    if (renews) return undefined;
    return this.#disconnect(locked, 'its access token has expired, and the provider gave nothing to renew it with');
  }

  /** What a service says of a new token is not the token's fault: asking for more of them would never end. */
  #isLastWord({ sinceMs }: LockedConnection, tokens: Tokens, renews: boolean): boolean {
    const nowMs = this.clock.nowMs();
    return nowMs - sinceMs < RENEWAL_RULES.takenForGoodMs || (!renews && leftMs(tokens, nowMs) > 0);
  }

  #ask({ data }: OAuth2, tokens: Tokens | undefined): Promise<Tokens> {
    const [provider, client] = [providerOf(data), clientOf(data)];
    if (data.grant === 'clientCredentials') return this.oauth.clientCredentials(provider, client, data.scopes);
    return this.oauth.refresh(provider, client, tokens ?? { accessToken: '', tokenType: '' });
  }

  async #notRenewed(error: OAuthError, locked: LockedConnection, refused: string | undefined): Promise<Renewed> {
    const { credential } = locked;
    const { grant, tokens } = credential.data;
    if (error.code === 'INVALID_GRANT' && grant === 'authorizationCode')
      return this.#disconnect(locked, `the provider gives no more access tokens: ${error.message}`);
    const { code, message, retryable, retryAfterMs } = error;
    this.logger.warn({ credentialId: credential.id, code, why: message }, 'an access token could not be renewed');
    // It was asked ahead of time, so there may be some left.
    if (tokens && tokens.accessToken !== refused && leftMs(tokens, this.clock.nowMs()) > 0) return found(credential);
    const after = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { kind: 'notRenewed', why: message, retryable, ...after };
  }

  async #disconnect(locked: LockedConnection, why: string): Promise<Renewed> {
    await locked.disconnected(why);
    this.logger.warn({ credentialId: locked.credential.id, why }, 'an account has to be connected again');
    return { kind: 'disconnected', why, sinceMs: this.clock.nowMs() };
  }

  #isGood(tokens: Tokens | undefined, refused: string | undefined): boolean {
    return tokens !== undefined && tokens.accessToken !== refused && isGoodToken(tokens, this.clock.nowMs());
  }
}

function found(credential: OAuth2): Renewed {
  return { kind: 'found', credential: asNodesSeeIt(credential) };
}

function whyNot({ connection }: LockedConnection): string {
  return connection?.state === 'disconnected' ? connection.why : 'the account was never connected';
}
