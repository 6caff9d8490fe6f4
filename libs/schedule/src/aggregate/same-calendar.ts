import type { Calendar } from './schedule-events.ts';

/** Whether both come to the same instants. */
export function isSameCalendar(one: Calendar, other: Calendar): boolean {
  return one.croner === other.croner && one.zones === other.zones;
}
