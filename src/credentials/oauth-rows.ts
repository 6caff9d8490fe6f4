import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { CredentialVault } from '#libs/credential-vault';
import { epochMsOf, toInstant, tryParseId, type Clock, type WorkspaceId } from '#libs/kernel';
import { CLOCK } from '../platform/tokens.ts';
import type { Tokens } from './oauth-settings.ts';
import { OpenCredential } from './open-credential.ts';
import { StoredCredential, type Connection } from './credentials.entities.ts';

/** A credential of type oauth2 that nobody else changes meanwhile. */
export interface LockedConnection {
  readonly credential: Credential<'oauth2'>;
  readonly connection: Connection | null;
  /** Since when it is as it is. */
  readonly sinceMs: number;
  readonly connected: (tokens: Tokens) => Promise<void>;
  readonly disconnected: (why: string) => Promise<void>;
}

/** Reads and writes tokens where the credential is, under the lock of its row. */
@Injectable()
export class OAuthRows {
  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    private readonly opening: OpenCredential,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Whoever else wants it waits, in whichever process, and goes on when this one has committed or is gone. Undefined when
   * there is no such credential of type oauth2 that can be read.
   */
  locked<Result>(
    workspaceId: string,
    credentialId: string,
    work: (locked: LockedConnection) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.em.fork().transactional(async (em) => {
      const id = tryParseId('credential', credentialId);
      const where = { workspaceId: workspaceId as WorkspaceId };
      const row =
        id && (await em.findOne(StoredCredential, { ...where, id }, { lockMode: LockMode.PESSIMISTIC_WRITE }));
      const opened = row && this.opening.opened(row);
      if (!row || opened?.kind !== 'found' || opened.credential.type !== 'oauth2') return undefined;
      return work(this.#locked(em, row, opened.credential));
    });
  }

  #locked(em: EntityManager, row: StoredCredential, credential: Credential<'oauth2'>): LockedConnection {
    const { id, workspaceId } = row;
    const { tokens: _, ...settings } = credential.data;
    const at = toInstant(this.clock.nowMs());
    const write = async (data: Credential<'oauth2'>['data'], connection: Connection): Promise<void> => {
      const sealed = this.vault.seal({ workspaceId, credentialId: id }, JSON.stringify(data));
      await em.nativeUpdate(StoredCredential, { id, workspaceId }, { ...sealed, connection });
    };
    return {
      credential,
      connection: row.connection ?? null,
      sinceMs: row.connection ? epochMsOf(row.connection.at) : row.createdAt.getTime(),
      connected: (tokens) =>
        write({ ...settings, tokens: { ...tokens, obtainedAt: at } }, connectionOf(tokens, credential, at)),
      disconnected: (why) => write(settings, { state: 'disconnected', at, why }),
    };
  }
}

function connectionOf(tokens: Tokens, { data }: Credential<'oauth2'>, at: string): Connection {
  const { scope = null, expiresAt = null, refreshToken } = tokens;
  const renews = refreshToken !== undefined || data.grant === 'clientCredentials';
  return { state: 'connected', at, scope, expiresAt, renews };
}
