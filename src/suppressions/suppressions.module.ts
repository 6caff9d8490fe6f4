import { Module } from '@nestjs/common';
import { MailStoreModule } from '../mail-records/mail-store.module.ts';
import { ChangeSuppressions } from './change-suppressions.ts';
import { ReadSuppressions } from './read-suppressions.ts';
import { SuppressionsController } from './suppressions.controller.ts';

/** Who gets no mail, over HTTP. */
@Module({
  imports: [MailStoreModule],
  controllers: [SuppressionsController],
  providers: [ChangeSuppressions, ReadSuppressions],
})
export class SuppressionsModule {}
