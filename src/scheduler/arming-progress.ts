import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER, WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { ARMING_CONSUMER } from './arming-consumer.ts';

/** One workflow whose schedules can't be armed must not keep all others from being fired. It is given up before that. */
const STANDS_STILL_MS = 15_000;
const LOOK_EVERY_MS = 50;

/**
 * Whether schedules are what the workflows say. Commits of workflows wait while no scheduler runs: whoever decided slots
 * before it has heeded them would fire those of a version that is not active any more.
 */
@Injectable()
export class ArmingProgress {
  constructor(
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
    private readonly logger: Logger,
  ) {}

  /** Comes back when all commits that are there now are heeded, when nobody wants to know any more, or when it stands still. */
  async caughtUp(isWanted: () => boolean, standsStillMs = STANDS_STILL_MS): Promise<void> {
    const [stream = ''] = this.workflows.layout.streams.map(({ name }) => name);
    const progress = new Progress();
    while (isWanted()) {
      await this.#look(stream, progress);
      if (progress.isDone) return;
      if (progress.stoodForMs > standsStillMs) {
        const fields = { heeded: progress.heeded, wanted: progress.wanted };
        this.logger.warn(fields, 'slots are decided although not all schedules could be armed');
        return;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  async #look(stream: string, progress: Progress): Promise<void> {
    try {
      progress.wanted ??= (await this.manager.streams.info(stream)).state.last_seq;
      progress.at(await this.#placeIn(stream));
    } catch (error) {
      if (!isAway(error)) this.logger.warn({ error }, 'how far schedules are armed is not known; asking again');
    }
  }

  /** Of the last commit that is heeded with all before it. */
  async #placeIn(stream: string): Promise<number> {
    const { num_pending, num_ack_pending, ack_floor } = await this.manager.consumers.info(
      stream,
      ARMING_CONSUMER.durable_name,
    );
    // The last commit may have been removed since, and then the floor stays below it.
    return num_pending + num_ack_pending === 0 ? Infinity : ack_floor.stream_seq;
  }
}

class Progress {
  wanted: number | undefined;
  heeded = -1;
  #movedAt = performance.now();

  get isDone(): boolean {
    return this.wanted !== undefined && this.heeded >= this.wanted;
  }

  get stoodForMs(): number {
    return performance.now() - this.#movedAt;
  }

  at(place: number): void {
    if (place > this.heeded) this.#movedAt = performance.now();
    this.heeded = Math.max(this.heeded, place);
  }
}
