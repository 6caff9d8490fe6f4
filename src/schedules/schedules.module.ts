import { Module } from '@nestjs/common';
import { Operators } from '../queues/operators.ts';
import { PreviewSchedule } from './preview-schedule.ts';
import { ProveSchedule } from './prove-schedule.ts';
import { ReadScheduler } from './read-scheduler.ts';
import { ReadSchedules } from './read-schedules.ts';
import { ScheduleTableModule } from './schedule-table.module.ts';
import { SchedulerController } from './scheduler.controller.ts';
import { SchedulesController } from './schedules.controller.ts';
import { SlotLedgers } from './slot-ledgers.ts';
import { SteerSchedule } from './steer-schedule.ts';

/** Schedules of the role `api`. */
@Module({
  imports: [ScheduleTableModule],
  controllers: [SchedulesController, SchedulerController],
  providers: [Operators, PreviewSchedule, ProveSchedule, ReadScheduler, ReadSchedules, SlotLedgers, SteerSchedule],
  exports: [ReadSchedules, ScheduleTableModule, SlotLedgers],
})
export class SchedulesModule {}
