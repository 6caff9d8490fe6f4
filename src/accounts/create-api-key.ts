import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type IdOf, type IdSource } from '#libs/kernel';
import type { Access } from '../platform/access/authenticator.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { ApiKey } from './accounts.entities.ts';
import { newApiKey } from './api-key.ts';
import { apiKeySummary, apiKeyViewOf, type ApiKeyRow } from './api-key-view.ts';
import type { CreateApiKeyBody, NewApiKeyView } from './api-keys.dto.ts';
import { hashToken } from './token-hash.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';

/** In one workspace, expired ones too. */
export const MAX_API_KEYS = 100;

@Injectable()
export class CreateApiKey {
  constructor(
    private readonly em: EntityManager,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The only time that the key itself is shown. Under an id that is there already, because the same request came before
   * and nobody heard its answer, that key ends and another takes its place. Throws `API_KEY_EXPIRY_PASSED` and
   * `TOO_MANY_API_KEYS`.
   */
  async execute(
    { workspaceId, actor }: Access,
    id: IdOf<'apiKey'>,
    { name, role, expiresAt }: CreateApiKeyBody,
  ): Promise<NewApiKeyView> {
    const createdAt = new Date(this.clock.nowMs());
    if (expiresAt && expiresAt <= createdAt) throw expiryPassed();
    const key = newApiKey(this.ids);
    const row: ApiKeyRow = {
      id,
      workspaceId,
      name,
      role,
      keyHash: hashToken(key),
      createdByType: actor.type,
      createdById: actor.id,
      createdAt,
      expiresAt: expiresAt ?? null,
      lastUsedAt: null,
    };
    await this.em.transactional(async (em) => {
      await lockWorkspace(em, workspaceId);
      await em.nativeDelete(ApiKey, { workspaceId, id });
      if ((await em.count(ApiKey, { workspaceId })) >= MAX_API_KEYS) throw tooMany();
      await em.insert(ApiKey, row);
    });
    const view = apiKeyViewOf(row);
    noteChange({ target: id, after: apiKeySummary(view) });
    return { ...view, key };
  }
}

function expiryPassed(): MillraceError {
  return new MillraceError('refused', 'API_KEY_EXPIRY_PASSED', 'the key would have expired already', {
    problems: [{ path: 'expiresAt', message: 'must be in the future' }],
  });
}

function tooMany(): MillraceError {
  return new MillraceError(
    'refused',
    'TOO_MANY_API_KEYS',
    `a workspace has at most ${MAX_API_KEYS} keys; delete one that is not used any more`,
  );
}
