export { FiringLoop, type FiringLoopParts, type FiringObserver } from './firing-loop.ts';
export type { SchedulePlace } from './newest-first.ts';
export { ScheduleJournal, type ScheduleJournalParts, type Submitted } from './schedule-journal.ts';
export { readSnapshot, type KnownSchedule } from './schedule-snapshot.ts';
export { statusOf, type ScheduleIdentity, type ScheduleSummary } from './schedule-summary.ts';
export { ScheduleTable, type ScheduleTableOptions } from './schedule-table.ts';
export { createSlotConsumer, SLOT_CONSUMER, type SlotConsumerParts } from './slot-consumer.ts';
