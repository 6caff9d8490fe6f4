import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Config } from '../config/config.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import { CONFIG } from '../platform/tokens.ts';
import { InboxStore } from './inbox-store.ts';

/** What is kept of watched mailboxes. */
@Module({
  providers: [
    {
      provide: InboxStore,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CONFIG, LOG_MANAGER],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher, { natsReplicas }: Config) =>
        whenReady(() => InboxStore.open(connection, publisher, natsReplicas)),
    },
  ],
  exports: [InboxStore],
})
export class InboxStoreModule {}
