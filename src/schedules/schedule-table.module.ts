import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import { Logger } from '../platform/logging/logger.ts';
import { SCHEDULE_LOG, type ScheduleLog } from '../platform/nats/tokens.ts';
import { ScheduleJournalModule } from './schedule-journal.module.ts';

/** Ends the following of the schedules with the process. */
@Injectable()
class ScheduleTableLifecycle implements OnApplicationShutdown {
  constructor(private readonly table: ScheduleTable) {}

  async onApplicationShutdown(): Promise<void> {
    await this.table[Symbol.asyncDispose]();
  }
}

/** All schedules in memory, for those who fire them and those who ask. */
@Module({
  imports: [ScheduleJournalModule],
  providers: [
    {
      provide: ScheduleTable,
      inject: [JetStreamConnection, SCHEDULE_LOG, ScheduleJournal, Logger],
      useFactory: (
        connection: JetStreamConnection,
        { layout }: ScheduleLog,
        journal: ScheduleJournal,
        logger: Logger,
      ) =>
        ScheduleTable.open(connection, {
          streams: layout.streams.map(({ name }) => name),
          streamOf: (scheduleId) => layout.streamOf(scheduleId),
          read: (scheduleId) => journal.read(scheduleId, { fresh: true }),
          onFault: (error) => logger.warn({ error }, 'the schedules can not be followed and will catch up'),
        }),
    },
    ScheduleTableLifecycle,
  ],
  exports: [ScheduleTable, ScheduleJournalModule],
})
export class ScheduleTableModule {}
