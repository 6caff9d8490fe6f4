import { frozenSamples } from '#libs/event-sourcing/testing';
import { isOutcome, scheduleEventSchema, type ScheduleEvent } from './schedule-events.ts';

/** Whether it is an outcome of slots. Fails to compile when a type is added, so that its sample is not forgotten. */
const EVENT_TYPES: Readonly<Record<ScheduleEvent['type'], boolean>> = {
  ScheduleArmed: false,
  ScheduleDisarmed: false,
  SchedulePaused: false,
  ScheduleResumed: false,
  SlotFired: true,
  SlotsSkipped: true,
  SlotsMissed: true,
  SlotsCoalesced: true,
  SlotBackfilled: false,
  CalendarChanged: false,
};

frozenSamples('schedule events', {
  folder: new URL('../testing/event-samples/', import.meta.url),
  types: Object.keys(EVENT_TYPES),
  parse: (stored) => scheduleEventSchema.parse(stored),
});

describe('a schedule event from the log', () => {
  const paused = { from: '2026-11-28T10:00:00.000Z', leavesSlots: false, planned: [] };

  it('loses fields that a newer writer added', () => {
    const stored = { type: 'SchedulePaused', data: { ...paused, because: 'x' } };
    expect(scheduleEventSchema.parse(stored)).toStrictEqual({ type: 'SchedulePaused', data: paused });
  });

  it('is an outcome, or is not', () => {
    for (const [type, is] of Object.entries(EVENT_TYPES)) expect(isOutcome({ type } as ScheduleEvent)).toBe(is);
  });

  it.each([
    ['an unknown type', { type: 'SlotVanished', data: {} }],
    ['more than five planned', { type: 'SchedulePaused', data: { ...paused, planned: Array(6).fill(paused.from) } }],
    ['no slots', { type: 'SlotsMissed', data: { first: 'a', last: 'b', count: 0, reason: 'late', planned: [] } }],
    ['no reason', { type: 'SlotsSkipped', data: { first: 'a', last: 'b', count: 1, planned: [] } }],
    ['no data', { type: 'SchedulePaused' }],
  ])('is refused with %s', (_, stored) => {
    expect(scheduleEventSchema.safeParse(stored).success).toBe(false);
  });
});
