import { Module } from '@nestjs/common';
import { MailStoreModule } from './mail-store.module.ts';
import { Unsubscribe } from './unsubscribe.ts';
import { UnsubscribePages } from './unsubscribe-pages.ts';

/** Of the role `api`: what readers of mail say of it. */
@Module({
  imports: [MailStoreModule],
  providers: [Unsubscribe, UnsubscribePages],
  exports: [UnsubscribePages],
})
export class MailRecordsModule {}
