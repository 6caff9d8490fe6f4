import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { DeadLetterMetrics } from './dead-letter-metrics.ts';
import { DeadLetterStoreModule } from './dead-letter-store.module.ts';
import { RecordDeadLetters } from './record-dead-letters.ts';
import { RedriverService } from './redriver.service.ts';
import { SetAsidePoison } from './set-aside-poison.ts';

/** What a worker does with dead letters: sets work aside, and redrives many. */
@Module({
  imports: [RuntimeModule, DeadLetterStoreModule],
  providers: [DeadLetterMetrics, RecordDeadLetters, SetAsidePoison, RedriverService],
  exports: [RecordDeadLetters, SetAsidePoison],
})
export class SetAsideModule {}
