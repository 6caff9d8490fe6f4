import { Inject, Injectable } from '@nestjs/common';
import { DeadLetterLog } from '#libs/dead-letters';
import type { Actor } from '#libs/event-sourcing';
import { MillraceError, toInstant, type Clock, type DeadLetterId, type WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ReadDeadLetters } from './read-dead-letters.ts';

/** Somebody says that the work of a dead letter need not be done. */
@Injectable()
export class DiscardDeadLetter {
  constructor(
    private readonly reading: ReadDeadLetters,
    private readonly log: DeadLetterLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives the sequence in `DEAD_LETTERS` that reads have to come to; undefined when it was discarded before. */
  async discard(workspaceId: WorkspaceId, deadLetterId: DeadLetterId, actor: Actor): Promise<number | undefined> {
    const { id, status, executor } = await this.reading.find(workspaceId, deadLetterId);
    if (status === 'discarded') return undefined;
    if (status === 'redriven')
      throw new MillraceError('conflict', 'DEAD_LETTER_SETTLED', 'its work goes on already, in another execution');
    noteChange({ before: { status }, after: { status: 'discarded' } });
    const at = toInstant(this.clock.nowMs());
    return this.log.record({ type: 'Discarded', id, workspaceId, executor, at, actor });
  }
}
