import { Inject, Injectable } from '@nestjs/common';
import { Eraser } from '#libs/execution-archive';
import { KnownStates } from '#libs/execution-runtime';
import { toInstant, type Clock, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { ReadModelProgress } from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { ReadExecutions } from '../executions/read-executions.ts';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import type { ErasedView } from './retention.dto.ts';

/** Erases the payloads of one execution because somebody asked for it. */
@Injectable()
export class EraseData {
  // eslint-disable-next-line max-params -- the sixth is the clock
  constructor(
    private readonly eraser: Eraser,
    private readonly readExecutions: ReadExecutions,
    private readonly states: KnownStates,
    private readonly progress: ReadModelProgress,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async erase(workspaceId: WorkspaceId, id: ExecutionId): Promise<ErasedView> {
    // Another workspace's looks as if it were not there.
    await this.readExecutions.recordOf(workspaceId, id);
    const last = await this.log.store.readLast(id, { fresh: true });
    // What ended this moment may not have its row yet, which is what is changed.
    if (last) await this.progress.waitFor(this.log.layout.streamOf(id), last.sequence);
    const relatives = await this.eraser.erase(id, toInstant(this.clock.nowMs()));
    this.states.forget(id);
    noteChange({ target: id, after: { erased: true, mayAlsoBeIn: relatives.length } });
    return { executionId: id, mayAlsoBeIn: [...relatives] };
  }
}
