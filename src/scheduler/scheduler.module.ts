import { Module } from '@nestjs/common';
import { RuntimeModule } from '../executions/runtime.module.ts';
import { ScheduleTableModule } from '../schedules/schedule-table.module.ts';
import { VariableStoreModule } from '../variables/variable-store.module.ts';
import { AdoptCalendar } from './adopt-calendar.ts';
import { ArmingProgress } from './arming-progress.ts';
import { ArmSchedules } from './arm-schedules.ts';
import { SchedulerMetrics } from './scheduler-metrics.ts';
import { SchedulerService } from './scheduler.service.ts';
import { StartSlot } from './start-slot.ts';
import { StartedBefore } from './started-before.ts';

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
  ],
})
export class SchedulerModule {}
