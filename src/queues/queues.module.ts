import { Module } from '@nestjs/common';
import { Operators } from './operators.ts';
import { PauseQueue } from './pause-queue.ts';
import { QueueStoreModule } from './queue-store.module.ts';
import { QueuesController } from './queues.controller.ts';
import { ReadQueues } from './read-queues.ts';

/** Queues of the role `api`. */
@Module({
  imports: [QueueStoreModule],
  controllers: [QueuesController],
  providers: [Operators, PauseQueue, ReadQueues],
})
export class QueuesModule {}
