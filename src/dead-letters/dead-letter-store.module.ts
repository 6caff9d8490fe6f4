import { Module } from '@nestjs/common';
import { DeadLetterLog } from '#libs/dead-letters';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { RedriveDeadLetter } from './redrive-dead-letter.ts';
import { RedriveJobs } from './redrive-jobs.ts';

const providers = [
  {
    provide: DeadLetterLog,
    inject: [JetStreamPublisher],
    useFactory: (publisher: JetStreamPublisher) => new DeadLetterLog(publisher),
  },
  {
    provide: RedriveJobs,
    inject: [JetStreamConnection, JetStreamPublisher],
    useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher) =>
      new RedriveJobs(connection, publisher),
  },
  RedriveDeadLetter,
];

/** What the roles `api` and `worker` both do with dead letters. */
@Module({ imports: [RuntimeModule], providers, exports: providers })
export class DeadLetterStoreModule {}
