import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, toInstant, type Clock, type RedriveId, type WorkspaceId } from '#libs/kernel';
import { listDeadLetterIds, type Database } from '#libs/read-models';
import type { Access } from '../platform/access/authenticator.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { redriveJobViewOf, type RedriveJobView } from './dead-letter-view.ts';
import { RedriveJobs } from './redrive-jobs.ts';
import { MAX_LETTERS_OF_A_JOB, type RedriveManyBody } from './dead-letters.dto.ts';

/** Jobs that redrive many dead letters: asked for here, done by the workers. */
@Injectable()
export class RedriveMany {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly jobs: RedriveJobs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Resolves when the job is in the log; it is then done to its end. */
  async begin(
    id: RedriveId,
    { workspaceId, actor }: Access,
    { filter, perSecond }: RedriveManyBody,
  ): Promise<RedriveJobView> {
    const asked = { ...filter, workspaceId, status: 'open' } as const;
    const found = await listDeadLetterIds(this.database, asked, MAX_LETTERS_OF_A_JOB + 1);
    const targets = found.slice(0, MAX_LETTERS_OF_A_JOB);
    const isCut = found.length > targets.length;
    noteChange({ target: id, after: { letters: targets.length, perSecond } });
    const at = toInstant(this.clock.nowMs());
    await this.jobs.begin({ id, workspaceId, actor, at, perSecond, targets, isCut });
    return this.get(workspaceId, id);
  }

  async get(workspaceId: WorkspaceId, id: RedriveId): Promise<RedriveJobView> {
    const job = await this.jobs.find(id);
    if (job?.workspaceId !== workspaceId)
      throw new MillraceError('notFound', 'REDRIVE_NOT_FOUND', `there is no job ${id}; it is kept for 30 days`);
    return redriveJobViewOf(job, await this.jobs.progressOf(id));
  }
}
