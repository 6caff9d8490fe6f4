import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, toInstant, type Clock } from '#libs/kernel';
import { PausedQueues } from '#libs/work-queue-jetstream';
import type { Access } from '../platform/access/authenticator.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ReadQueues } from './read-queues.ts';

@Injectable()
export class PauseQueue {
  constructor(
    private readonly pauses: PausedQueues,
    private readonly queues: ReadQueues,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Saying it again changes nothing. Throws `QUEUE_NOT_FOUND`. */
  async set(name: string, paused: boolean, { actor }: Access): Promise<void> {
    if (!this.queues.names.includes(name))
      throw new MillraceError('notFound', 'QUEUE_NOT_FOUND', 'GET /v1/queues names the queues that there are');
    noteChange({ before: { paused: this.pauses.has(name) }, after: { paused } });
    if (this.pauses.has(name) === paused) return;
    await this.pauses.say(name, { paused, at: toInstant(this.clock.nowMs()), by: actor.id });
  }
}
