import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { DeadLetterStoreModule } from './dead-letter-store.module.ts';
import { DeadLettersController } from './dead-letters.controller.ts';
import { DiscardDeadLetter } from './discard-dead-letter.ts';
import { ReadDeadLetters } from './read-dead-letters.ts';
import { RedriveMany } from './redrive-many.ts';
import { RedrivesController } from './redrives.controller.ts';

/** Dead letters over HTTP. */
@Module({
  imports: [RuntimeModule, DeadLetterStoreModule],
  controllers: [RedrivesController, DeadLettersController],
  providers: [ReadDeadLetters, DiscardDeadLetter, RedriveMany],
})
export class DeadLettersModule {}
