import { Module } from '@nestjs/common';
import { EmailsController } from './emails.controller.ts';
import { ReadDeliverability } from './read-deliverability.ts';
import { ReadEmails } from './read-emails.ts';

/** What became of mails, over HTTP. */
@Module({ controllers: [EmailsController], providers: [ReadEmails, ReadDeliverability] })
export class EmailsModule {}
