import { Injectable, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { PausedQueues, WorkerReports } from '#libs/work-queue-jetstream';
import type { Config } from '../config/config.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';

/** Ends the watch of the buckets with the process. */
@Injectable()
class QueueStoreLifecycle implements OnApplicationShutdown {
  constructor(
    private readonly pauses: PausedQueues,
    private readonly reports: WorkerReports,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pauses[Symbol.asyncDispose](), this.reports[Symbol.asyncDispose]()]);
  }
}

// The manager stands for a JetStream that is ready.
const inject = [JetStreamConnection, Logger, CONFIG, LOG_MANAGER];

function onFault(logger: Logger): (error: unknown) => void {
  return (error) => logger.warn({ error }, 'the state of the queues can not be followed; what is known stays');
}

const providers: Provider[] = [
  {
    provide: PausedQueues,
    inject,
    useFactory: (connection: JetStreamConnection, logger: Logger, { natsReplicas: replicas }: Config) =>
      whenReady(() => PausedQueues.open(connection, { replicas, onFault: onFault(logger) })),
  },
  {
    provide: WorkerReports,
    inject,
    useFactory: (connection: JetStreamConnection, logger: Logger, { natsReplicas: replicas }: Config) => {
      const nowMs = (): number => performance.now();
      return whenReady(() => WorkerReports.open(connection, { replicas, nowMs, onFault: onFault(logger) }));
    },
  },
];

/** What is said of the queues, for those who work on them and those who ask. */
@Module({ providers: [...providers, QueueStoreLifecycle], exports: providers })
export class QueueStoreModule {}
