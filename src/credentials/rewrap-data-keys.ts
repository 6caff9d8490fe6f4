import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CredentialVault } from '#libs/credential-vault';
import { MillraceError } from '#libs/kernel';
import { Logger } from '../platform/logging/logger.ts';
import { StoredCredential, type CredentialId } from './credentials.entities.ts';

const BATCH = 100;
const EVERY_MS = 10 * 60_000;

/**
 * After a rotation of the root key: brings the data keys of all credentials under the current one, in the background of
 * a start and, while older keys are known, every ten minutes: a process that has not got the new key yet may still store
 * credentials under the old one. Several processes share the work; what fails is taken up the next time.
 */
@Injectable()
export class RewrapDataKeys implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(
    private readonly em: EntityManager,
    private readonly vault: CredentialVault,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#runOrTell();
    if (this.#olderKeyIds.length === 0) return;
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#runOrTell());
    }, EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping = true;
    await this.#running;
  }

  async run(): Promise<void> {
    const older = this.#olderKeyIds;
    let rewrapped = 0;
    let after: CredentialId | undefined;
    do {
      const batch = await this.#rewrapBatch(older, after);
      rewrapped += batch.rewrapped;
      after = batch.last;
    } while (after !== undefined && !this.#stopping);
    if (rewrapped > 0) this.logger.info({ rewrapped }, 'credentials are under the current root key now');
    if (!this.#stopping) await this.#tellWhatIsLeft(older);
  }

  get #olderKeyIds(): readonly string[] {
    const { currentKeyId, knownKeyIds } = this.vault;
    return knownKeyIds.filter((id) => id !== currentKeyId);
  }

  async #runOrTell(): Promise<void> {
    try {
      if (!this.#stopping) await this.run();
    } catch (error) {
      this.logger.warn({ error }, 'credentials are not all under the current root key yet; tried again later');
    }
  }

  /** The next credentials under older keys that no other process has in hand; `last` is absent when there are none. */
  #rewrapBatch(
    older: readonly string[],
    after: CredentialId | undefined,
  ): Promise<{ rewrapped: number; last: CredentialId | undefined }> {
    return this.em.transactional(async (em) => {
      const rows = await em.find(
        StoredCredential,
        { keyId: { $in: [...older] }, ...(after === undefined ? {} : { id: { $gt: after } }) },
        { orderBy: { id: 'asc' }, limit: BATCH, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE, exclude: ['sealedData'] },
      );
      const rewrapped = rows.filter((row) => this.#rewrap(row)).length;
      return { rewrapped, last: rows.at(-1)?.id };
    });
  }

  /** False for one that does not open: it stays as it is, and its use will say so. */
  #rewrap(row: Pick<StoredCredential, 'id' | 'workspaceId' | 'keyId' | 'wrappedKey'>): boolean {
    const { id: credentialId, workspaceId, keyId, wrappedKey } = row;
    try {
      const { keyId: newId, wrappedKey: newKey } = this.vault.rewrap(
        { workspaceId, credentialId },
        { keyId, wrappedKey },
      );
      row.keyId = newId;
      row.wrappedKey = Buffer.from(newKey);
      return true;
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.logger.error({ error, credentialId }, 'a credential does not open and keeps its old root key');
      return false;
    }
  }

  async #tellWhatIsLeft(older: readonly string[]): Promise<void> {
    const em = this.em.fork();
    const unknown = await em.count(StoredCredential, { keyId: { $nin: [...this.vault.knownKeyIds] } });
    if (unknown > 0)
      this.logger.warn({ unknown }, 'credentials are under root keys that are not known here and can not be read');
    if (older.length === 0) return;
    const left = await em.count(StoredCredential, { keyId: { $in: [...older] } });
    if (left === 0) this.logger.info({}, 'no credential is under an older root key: none needs to be kept for them');
    else this.logger.info({ left }, 'credentials are still under older root keys');
  }
}
