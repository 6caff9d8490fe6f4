import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import type { Access } from '../platform/access/authenticator.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ApiKey } from './accounts.entities.ts';
import { expiredApiKey, unknownApiKey } from './api-key.ts';
import { RecentReads } from '../platform/recent-reads.ts';
import { ACCESS_KEPT_MS } from './kept-access.ts';
import { hashToken } from './token-hash.ts';

/** The last use of a key is known to within so long, so that a busy one costs a write a minute. */
export const API_KEY_USE_MS = 60_000;

interface Holder extends Access {
  /** Absent: never. */
  readonly endsAtMs: number | undefined;
}

/** What the bearers of keys may do now, or could a few seconds ago: see RecentReads. */
@Injectable()
export class ApiKeyHolders {
  private readonly recent = new RecentReads<Holder>(ACCESS_KEPT_MS);

  constructor(
    private readonly em: EntityManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws `TOKEN_INVALID` or `API_KEY_EXPIRED`.
   *
   * @param beforeReading see Authenticator; not called for a key that was read a moment ago
   */
  async authenticate(key: string, beforeReading: () => void): Promise<Access> {
    const keyHash = hashToken(key);
    const holder = await this.recent.get(keyHash, () => {
      beforeReading();
      return this.read(keyHash);
    });
    if (!holder) throw unknownApiKey();
    const { endsAtMs, ...access } = holder;
    if (endsAtMs !== undefined && endsAtMs <= this.clock.nowMs()) throw expiredApiKey();
    return access;
  }

  /** After a deletion, so that it takes effect at once in this process. */
  forget(keyHash: string): void {
    this.recent.forget(keyHash);
  }

  private async read(keyHash: string): Promise<Holder | undefined> {
    const em = this.em.fork();
    const found = await em.findOne(ApiKey, { keyHash });
    if (!found) return undefined;
    await this.noteUse(em, found);
    const { id, workspaceId, role, expiresAt } = found;
    return { actor: { type: 'apiKey', id }, workspaceId, role, endsAtMs: expiresAt?.getTime() };
  }

  private async noteUse(em: EntityManager, { id, expiresAt, lastUsedAt }: ApiKey): Promise<void> {
    const nowMs = this.clock.nowMs();
    const before = new Date(nowMs - API_KEY_USE_MS);
    const isOver = expiresAt != null && expiresAt.getTime() <= nowMs;
    if (isOver || (lastUsedAt != null && lastUsedAt > before)) return;
    // Asked again in the statement: other processes may have noted it meanwhile.
    const unnoted = { id, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: before } }] };
    await em.nativeUpdate(ApiKey, unnoted, { lastUsedAt: new Date(nowMs) });
  }
}
