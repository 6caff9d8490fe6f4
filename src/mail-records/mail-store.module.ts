import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { MailLedger, MailLinks } from '#libs/mail-ledger';
import { SuppressionList } from '#libs/suppressions';
import type { Config } from '../config/config.ts';
import { LOG_MANAGER } from '../platform/nats/tokens.ts';
import { whenReady } from '../platform/nats/when-ready.ts';
import type { RootKeys } from '../platform/root-keys.ts';
import { CLOCK, CONFIG, ROOT_KEYS } from '../platform/tokens.ts';

/** What is kept of mails, and of who gets none. */
@Module({
  providers: [
    {
      provide: MailLedger,
      inject: [JetStreamConnection, JetStreamPublisher],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher) =>
        new MailLedger(connection, publisher),
    },
    {
      provide: SuppressionList,
      // The manager stands for a JetStream that is ready.
      inject: [JetStreamConnection, JetStreamPublisher, CLOCK, CONFIG, LOG_MANAGER],
      useFactory: (
        connection: JetStreamConnection,
        publisher: JetStreamPublisher,
        clock: Clock,
        { natsReplicas: replicas }: Config,
      ) => whenReady(() => SuppressionList.open({ connection, publisher, clock, replicas })),
    },
    {
      provide: MailLinks,
      inject: [ROOT_KEYS, CONFIG],
      useFactory: ({ all }: RootKeys, { http, mail }: Config) =>
        new MailLinks({
          keys: all.map((root) => root.derive('mail-links')),
          publicUrl: http.publicUrl,
          ...(mail ? { domain: mail.domain } : {}),
        }),
    },
  ],
  exports: [MailLedger, SuppressionList, MailLinks],
})
export class MailStoreModule {}
