import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { ParkedExecutionsBucket } from '#libs/parked-executions';
import type { Config } from '../config/config.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';

/** Which executions wait for a credential. */
@Module({
  providers: [
    {
      provide: ParkedExecutionsBucket,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, { natsReplicas }: Config) =>
        whenReady(() => ParkedExecutionsBucket.open(connection, publisher, natsReplicas)),
    },
  ],
  exports: [ParkedExecutionsBucket],
})
export class ParkedExecutionsModule {}
