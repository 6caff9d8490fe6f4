import { Module } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { BulkJobs } from './bulk-job.ts';

@Module({
  providers: [
    {
      provide: BulkJobs,
      inject: [JetStreamConnection, JetStreamPublisher],
      useFactory: (connection: JetStreamConnection, publisher: JetStreamPublisher) =>
        new BulkJobs(connection, publisher),
    },
  ],
  exports: [BulkJobs],
})
export class BulkStoreModule {}
