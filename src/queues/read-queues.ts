import { Inject, Injectable } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { PausedQueues, queueNames, readQueueStates, WorkerReports, type QueueState } from '#libs/work-queue-jetstream';
import type { Config } from '../config/config.ts';
import { executorsOf } from '../node-types/executors.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import type { QueueView } from './queues.dto.ts';

const EMPTY: QueueState = { ready: 0, inFlight: 0, redelivered: 0 };

/** Every queue as the streams and the workers have it now. */
@Injectable()
export class ReadQueues {
  readonly #executors: readonly string[];

  // Four sources make one view, and two parameters say of what.
  // eslint-disable-next-line max-params -- each is one source, and this is where they meet
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    private readonly pauses: PausedQueues,
    private readonly reports: WorkerReports,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(NODE_TYPES) nodeTypes: NodeTypes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#executors = executorsOf(nodeTypes);
  }

  get names(): readonly string[] {
    return queueNames(this.#executors);
  }

  async all(): Promise<readonly QueueView[]> {
    const { connection, manager, config } = this;
    connection.ensureConnected();
    const shape = { logStreams: config.logStreams, executors: this.#executors };
    const states = await readQueueStates({ connection, manager }, shape);
    return this.names.map((name) => this.#viewOf(name, states.get(name) ?? EMPTY));
  }

  #viewOf(name: string, { ready, inFlight, redelivered, oldestReadyMs }: QueueState): QueueView {
    const { direct, completed, failed } = this.reports.figureOf(name);
    return {
      name,
      ready,
      inFlight: inFlight + direct,
      redelivered,
      // The server's clock and ours may differ.
      oldestReadyAgeMs: oldestReadyMs === undefined ? null : Math.max(0, this.clock.nowMs() - oldestReadyMs),
      completedPerMinute: completed,
      failedPerMinute: failed,
      paused: this.pauses.has(name),
    };
  }
}
