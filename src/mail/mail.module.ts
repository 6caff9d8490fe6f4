import { Module } from '@nestjs/common';
import { createMailReader } from '#libs/mail-reading';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { RouteTableModule } from '../webhooks/route-table.module.ts';
import { AddressBook } from './address-book.ts';
import { MailListener } from './mail-listener.service.ts';
import { MailReaderLifecycle } from './mail-reader-lifecycle.ts';
import { MailMetrics } from './mail-metrics.ts';
import { MailStoreModule } from '../mail-records/mail-store.module.ts';
import { StartMail } from './start-mail.ts';
import { TakeMail } from './take-mail.ts';
import { TakeReturnedMail } from './take-returned-mail.ts';
import { TakeTriggerMail } from './take-trigger-mail.ts';
import { MAIL_READER } from './tokens.ts';

/** The role `mail`. */
@Module({
  imports: [MailStoreModule, RouteTableModule, RuntimeModule, VariableStoreModule],
  providers: [
    { provide: MAIL_READER, useFactory: () => createMailReader() },
    MailListener,
    MailReaderLifecycle,
    MailMetrics,
    StartMail,
    TakeMail,
    TakeReturnedMail,
    TakeTriggerMail,
    AddressBook,
  ],
  exports: [MAIL_READER, StartMail],
})
export class MailModule {}
