import { Module } from '@nestjs/common';
import { HookStore } from '#libs/hook-registrations';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Config } from '../config/config.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';

/** What is known of hooks at services. */
@Module({
  providers: [
    {
      provide: HookStore,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, { natsReplicas }: Config) =>
        whenReady(() => HookStore.open(connection, publisher, natsReplicas)),
    },
  ],
  exports: [HookStore],
})
export class HookStoreModule {}
