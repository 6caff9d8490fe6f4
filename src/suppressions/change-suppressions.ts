import { Inject, Injectable } from '@nestjs/common';
import {
  epochMsOf,
  MillraceError,
  toInstant,
  type Clock,
  type JsonObject,
  type SuppressionId,
  type WorkspaceId,
} from '#libs/kernel';
import { ReadModelProgress } from '#libs/read-models';
import { SuppressionList, SUPPRESSION_STREAM, type Suppression } from '#libs/suppressions';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { suppressionNotFound } from './read-suppressions.ts';
import { suppressionViewOf, type CreateSuppressionBody, type SuppressionView } from './suppressions.dto.ts';

export interface ChangedSuppression {
  /** As it is now; as it was, when it was taken from the list. */
  readonly view: SuppressionView;
  /** False when it was on the list before and lasts at least as long. */
  readonly isNew: boolean;
  /** Reads show it. */
  readonly isVisible: boolean;
}

/** A person puts an address on the list, or takes it from there. */
@Injectable()
export class ChangeSuppressions {
  constructor(
    private readonly list: SuppressionList,
    private readonly progress: ReadModelProgress,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `SUPPRESSION_EXPIRY_PASSED`. */
  async add(workspaceId: WorkspaceId, body: CreateSuppressionBody): Promise<ChangedSuppression> {
    const { address, topic = null, expiresAt = null, detail = null } = body;
    const nowMs = this.clock.nowMs();
    if (expiresAt !== null && epochMsOf(expiresAt) <= nowMs) throw expiryPassed();
    const added = await this.list.add({
      ...{ workspaceId, address, topic, detail, expiresAt, reason: 'manual', executionId: null, at: toInstant(nowMs) },
    });
    noteChange({ target: added.suppression.id, after: summaryOf(added.suppression) });
    return this.#shown(added);
  }

  async remove(workspaceId: WorkspaceId, id: SuppressionId): Promise<ChangedSuppression> {
    const removed = await this.list.remove(workspaceId, id);
    if (!removed) throw suppressionNotFound(id);
    noteChange({ before: summaryOf(removed.suppression), after: null });
    return this.#shown({ ...removed, isNew: true });
  }

  async #shown(changed: {
    readonly suppression: Suppression;
    readonly sequence: number;
    readonly isNew: boolean;
  }): Promise<ChangedSuppression> {
    const isVisible = await this.progress.waitFor(SUPPRESSION_STREAM, changed.sequence);
    return { view: suppressionViewOf(changed.suppression), isNew: changed.isNew, isVisible };
  }
}

/** For the audit, which is kept for ever: whose address it is, the id says to who knows it. */
function summaryOf({ reason, topic, expiresAt }: Suppression): JsonObject {
  return { reason, topic, expiresAt };
}

function expiryPassed(): MillraceError {
  return new MillraceError('refused', 'SUPPRESSION_EXPIRY_PASSED', 'the suppression would have expired already', {
    problems: [{ path: 'expiresAt', message: 'must be in the future' }],
  });
}
