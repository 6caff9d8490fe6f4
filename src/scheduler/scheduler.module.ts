import { Module } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { Clock } from '#libs/kernel';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER, SCHEDULE_LOG, type ScheduleLog } from '../platform/nats/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { ScheduleTableModule } from '../schedules/schedule-table.module.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { AdoptCalendar } from './adopt-calendar.ts';
import { ArmingProgress } from './arming-progress.ts';
import { ArmSchedules } from './arm-schedules.ts';
import { SchedulerMetrics } from './scheduler-metrics.ts';
import { SchedulerService } from './scheduler.service.ts';
import { StartSlot } from './start-slot.ts';
import { StartedBefore } from './started-before.ts';
import { TrustedClock } from './trusted-clock.ts';

/** The role `scheduler`. */
@Module({
  imports: [RuntimeModule, VariableStoreModule, ScheduleTableModule],
  providers: [
    AdoptCalendar,
    ArmingProgress,
    ArmSchedules,
    SchedulerMetrics,
    SchedulerService,
    StartedBefore,
    StartSlot,
    {
      provide: TrustedClock,
      inject: [LOG_MANAGER, SCHEDULE_LOG, CLOCK, Logger],
      useFactory: (manager: JetStreamManager, { layout }: ScheduleLog, clock: Clock, logger: Logger) => {
        const [stream = ''] = layout.streams.map(({ name }) => name);
        return new TrustedClock({ manager, stream, clock, logger, monotonicMs: () => performance.now() });
      },
    },
  ],
})
export class SchedulerModule {}
