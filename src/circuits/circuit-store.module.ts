import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CircuitBucket, Circuits } from '#libs/destination-limits-jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { Logger } from '../platform/logging/logger.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { CircuitMetrics } from './circuit-metrics.ts';

/** Ends the watch of the circuits with the process. */
@Injectable()
class CircuitsLifecycle implements OnApplicationShutdown {
  constructor(private readonly circuits: Circuits) {}

  async onApplicationShutdown(): Promise<void> {
    await this.circuits[Symbol.asyncDispose]();
  }
}

/** The circuits of destinations, for roles that call them and roles that show them. */
@Module({
  providers: [
    {
      provide: Circuits,
      // The publisher stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, Logger, CONFIG, CLOCK],
      useFactory: async (
        connection: JetStreamConnection,
        publisher: JetStreamPublisher,
        logger: Logger,
        { natsReplicas }: Config,
        clock: Clock,
      ) => {
        const bucket = await whenReady(() => CircuitBucket.open(connection, publisher, natsReplicas));
        return new Circuits(bucket, clock, {
          unreadable: (_subject, error) => logger.error({ error }, 'a circuit is not readable and holds nothing back'),
          interrupted: (error) => logger.warn({ error }, 'the circuits can not be followed and hold nothing back'),
        });
      },
    },
    CircuitsLifecycle,
    CircuitMetrics,
  ],
  exports: [Circuits],
})
export class CircuitStoreModule {}
