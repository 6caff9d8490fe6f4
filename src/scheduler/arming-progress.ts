import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER, WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { ARMING_CONSUMER } from './arming-consumer.ts';

/** One workflow whose schedules can't be armed must not keep all others from being fired. */
const WITHIN_MS = 5_000;
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

  /** Comes back when all commits that are there now are heeded, when nobody wants to know any more, or when it takes too long. */
  async caughtUp(isWanted: () => boolean): Promise<void> {
    const [stream = ''] = this.workflows.layout.streams.map(({ name }) => name);
    const deadline = performance.now() + WITHIN_MS;
    let upTo: number | undefined;
    while (isWanted()) {
      try {
        upTo ??= (await this.manager.streams.info(stream)).state.last_seq;
        if (await this.#isAt(stream, upTo)) return;
      } catch (error) {
        if (!isAway(error)) this.logger.warn({ error }, 'how far schedules are armed is not known; asking again');
      }
      if (performance.now() > deadline) {
        this.logger.warn({ withinMs: WITHIN_MS }, 'slots are decided although not all schedules could be armed');
        return;
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  async #isAt(stream: string, sequence: number): Promise<boolean> {
    const { num_pending, num_ack_pending, ack_floor } = await this.manager.consumers.info(
      stream,
      ARMING_CONSUMER.durable_name,
    );
    // The last commit may have been removed since, and then the floor stays below it.
    return num_pending + num_ack_pending === 0 || ack_floor.stream_seq >= sequence;
  }
}
