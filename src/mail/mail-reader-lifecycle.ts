import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { MailReader } from '#libs/mail-reading';
import { MAIL_READER } from './tokens.ts';

/** Ends the processes that read mail with this one, when nobody listens any more. */
@Injectable()
export class MailReaderLifecycle implements OnApplicationShutdown {
  constructor(@Inject(MAIL_READER) private readonly reader: MailReader) {}

  async onApplicationShutdown(): Promise<void> {
    await this.reader[Symbol.asyncDispose]();
  }
}
