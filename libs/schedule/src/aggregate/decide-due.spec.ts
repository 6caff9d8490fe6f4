import type { ScheduleRule } from '../rule.ts';
import { jitterMsOf } from '../jitter.ts';
import { arm, brief, decide, lived, ms, specAt } from '../testing/schedule-spec.ts';
import { dueMsOf } from './planned.ts';
import type { ScheduleContext } from './schedule-context.ts';
import type { Misfire, ScheduleEvent, ScheduleTerms } from './schedule-events.ts';

const EVERY_10_S: ScheduleRule = { kind: 'every', everyMs: 10_000 };
const EVERY_SECOND: ScheduleRule = { kind: 'every', everyMs: 1_000 };

const armed = (told: Partial<ScheduleTerms> = {}, from = '10:00'): ScheduleEvent[] => lived([from, arm(from, 1, told)]);
const decided = (time: string, history: readonly ScheduleEvent[], told: Partial<ScheduleContext> = {}) =>
  specAt(time, told).given(history).when(decide).events();
const outcomes = (time: string, history: readonly ScheduleEvent[], told: Partial<ScheduleContext> = {}): string[] =>
  brief(decided(time, history, told));
const dueMs = (history: readonly ScheduleEvent[]): number | undefined => {
  const state = specAt('10:00').fold(history);
  return state.status === 'none' ? undefined : dueMsOf('sch_1', state);
};

describe('a slot', () => {
  it('is fired when it is due, not before', () => {
    expect(dueMs(armed())).toBe(ms('10:01'));
    expect(outcomes('10:00:59.999', armed())).toEqual([]);
    expect(outcomes('10:01', armed())).toEqual(['fired 10:01:00 of 1, 0 late, 0 missed']);
  });

  it('is decided once, also by clocks that are set back', () => {
    const history = [...armed(), ...decided('10:01', armed())];
    expect(outcomes('10:01', history)).toEqual([]);
    expect(outcomes('10:00:30', history)).toEqual([]);
    expect(dueMs(history)).toBe(ms('10:02'));
  });

  it('says which slots follow', () => {
    const [event] = decided('10:01', armed());
    expect(event?.data).toMatchObject({
      planned: ['02', '03', '04', '05', '06'].map((m) => `2026-11-28T10:${m}:00.000Z`),
    });
  });

  it('at an instant is the only one, and none when it was armed too late', () => {
    const rule: ScheduleRule = { kind: 'at', at: '2026-11-28T10:00:20.000Z' };
    const history = [...armed({ rule }), ...decided('10:00:20', armed({ rule }))];
    expect(brief(history)).toEqual(['ScheduleArmed', 'fired 10:00:20 of 1, 0 late, 0 missed']);
    expect(dueMs(history)).toBeUndefined();
    expect(dueMs(armed({ rule }, '10:00:20'))).toBeUndefined();
    expect(outcomes('10:30', armed({ rule }, '10:00:20'))).toEqual([]);
  });
});

describe('slots that nobody fired in time', () => {
  const after = (time: string, misfire: Misfire, rule = EVERY_10_S): string[] =>
    outcomes(time, armed({ misfire, rule }));
  const FIRED = 'fired 10:00:30 of 1';

  it.each<Misfire>(['skip', 'runOnce', 'runAll'])('are in time for 2 s, and the newest for 30 s (%s)', (misfire) => {
    const rule = { kind: 'every', everyMs: 60_000 } as const;
    expect(after('10:01:30', misfire, rule)).toEqual(['fired 10:01:00 of 1, 30000 late, 0 missed']);
    expect(after('10:00:03', misfire, EVERY_SECOND).slice(-3)).toEqual([
      'fired 10:00:01 of 1, 2000 late, 0 missed',
      'fired 10:00:02 of 1, 1000 late, 0 missed',
      'fired 10:00:03 of 1, 0 late, 0 missed',
    ]);
  });

  it('are missed under skip; the newest too when it is later than 30 s', () => {
    expect(after('10:00:35', 'skip')).toEqual([
      'SlotsMissed late 10:00:10-10:00:20 (2)',
      `${FIRED}, 5000 late, 2 missed`,
    ]);
    const rule = { kind: 'every', everyMs: 60_000 } as const;
    expect(after('10:03:30.001', 'skip', rule)).toEqual(['SlotsMissed late 10:01:00-10:03:00 (3)']);
  });

  it('have one execution under runOnce: that of the first in time, or of the last', () => {
    expect(after('10:00:35', 'runOnce')).toEqual([
      'SlotsCoalesced 10:00:10-10:00:20 (2) into 10:00:30',
      `${FIRED}, 5000 late, 2 missed`,
    ]);
    const rule = { kind: 'every', everyMs: 60_000 } as const;
    expect(after('10:03:30.001', 'runOnce', rule)).toEqual([
      'SlotsCoalesced 10:01:00-10:02:00 (2) into 10:03:00',
      'fired 10:03:00 of 1, 30001 late, 2 missed',
    ]);
    expect(after('10:01:59', 'runOnce', rule)).toEqual(['fired 10:01:00 of 1, 59000 late, 0 missed']);
  });

  it('are all fired under runAll, oldest first', () => {
    expect(after('10:00:35', 'runAll')).toEqual([
      'fired 10:00:10 of 1, 25000 late, 0 missed',
      'fired 10:00:20 of 1, 15000 late, 0 missed',
      `${FIRED}, 5000 late, 0 missed`,
    ]);
  });

  it.each([
    ['10:16:42', 999, 0],
    ['10:16:43', 1_000, 0],
    ['10:16:44', 1_000, 1],
    ['12:16:43', 1_000, 7_200],
  ])('at %s are %d under runAll, and those before are missed', (time, fired, missed) => {
    const history = armed({ misfire: 'runAll', rule: EVERY_SECOND });
    let events: readonly ScheduleEvent[];
    do history.push(...(events = decided(time, history)));
    while (events.length > 0);
    const late = history.filter((event) => event.type === 'SlotFired' && event.data.lateMs > 2_000);
    expect(late).toHaveLength(fired);
    const passed = history.filter((event) => event.type === 'SlotsMissed');
    expect(passed.map(({ data }) => [data.reason, data.count])).toEqual(missed > 0 ? [['tooMany', missed]] : []);
  });

  it('get at most a hundred outcomes of their own in one commit', () => {
    expect(decided('10:10', armed({ misfire: 'runAll', rule: EVERY_SECOND }))).toHaveLength(100);
  });

  it('of a pattern are not counted beyond a thousand, and an execution is told of at least so many', () => {
    const rule: ScheduleRule = { kind: 'cron', cron: '* * * * * *', timezone: 'UTC' };
    expect(outcomes('12:46:45', armed({ rule })).slice(0, 2)).toEqual([
      'SlotsCoalesced 10:00:01-12:46:42 (null) into 12:46:43',
      'fired 12:46:43 of 1, 2000 late, 1000 missed',
    ]);
    expect(outcomes('12:46:45', armed({ rule: EVERY_SECOND })).slice(0, 2)).toEqual([
      'SlotsCoalesced 10:00:01-12:46:42 (10002) into 12:46:43',
      'fired 12:46:43 of 1, 2000 late, 10002 missed',
    ]);
  });

  it('have an outcome even if other zone data planned what is no slot today', () => {
    const [event] = armed({ misfire: 'skip' });
    if (event?.type !== 'ScheduleArmed') throw new Error('not armed');
    const planned = ['2026-11-28T10:00:40.000Z', '2026-11-28T11:00:00.000Z'];
    const history = [{ ...event, data: { ...event.data, planned } }];
    expect(outcomes('10:10', history)).toEqual(['SlotsMissed late 10:00:40-10:00:40 (1)']);
  });
});

describe('a slot whose predecessor is under way', () => {
  const history = armed({ overlap: 'skip', misfire: 'runAll' });

  it('is skipped if its version says so', () => {
    expect(outcomes('10:01', history, { isLastUnderWay: true })).toEqual([
      'SlotsSkipped overlap 10:01:00-10:01:00 (1)',
    ]);
    expect(outcomes('10:01', armed(), { isLastUnderWay: true })).toEqual(['fired 10:01:00 of 1, 0 late, 0 missed']);
  });

  it('is skipped when the predecessor was fired just now', () => {
    expect(outcomes('10:03', history)).toEqual([
      'fired 10:01:00 of 1, 120000 late, 0 missed',
      'SlotsSkipped overlap 10:02:00-10:02:00 (1)',
      'SlotsSkipped overlap 10:03:00-10:03:00 (1)',
    ]);
  });
});

describe('jitter', () => {
  const [rule, jitterMs] = [EVERY_10_S, 25_000] as const;
  const slots = ['10:00:10', '10:00:20', '10:00:30', '10:00:40'].map(ms);
  const fireMs = slots.map((slotMs) => slotMs + jitterMsOf('sch_1', slotMs, jitterMs));

  it('makes a slot due later, and those that come behind it wait', () => {
    const history = armed({ rule, jitterMs });
    expect(dueMs(history)).toBe(fireMs[0]);
    for (const [index, slotMs] of slots.entries()) {
      const readyMs = Math.max(...fireMs.slice(0, index + 1));
      while ((dueMs(history) ?? Infinity) <= readyMs)
        history.push(...decided(new Date(dueMs(history)!).toISOString(), history));
      const fired = history.flatMap((event) => (event.type === 'SlotFired' ? [Date.parse(event.data.slot)] : []));
      expect(fired.includes(slotMs)).toBe(true);
    }
    expect(history.slice(1).every(({ type }) => type === 'SlotFired')).toBe(true);
  });

  it('is no lateness', () => {
    const history = armed({ rule, jitterMs });
    expect(decided(new Date(fireMs[0]!).toISOString(), history)[0]).toMatchObject({ data: { lateMs: 0 } });
  });
});

describe('slots around a change of clocks', () => {
  const fired = (cron: string, from: string, to: string): string[] => {
    const rule: ScheduleRule = { kind: 'cron', cron, timezone: 'America/New_York' };
    const history = armed({ rule, misfire: 'runAll' }, from);
    return decided(to, history).flatMap((event) => (event.type === 'SlotFired' ? [event.data.slot] : []));
  };

  it('are one a day for a fixed time, in the gap and in the overlap', () => {
    expect(fired('30 2 * * *', '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z')).toEqual([
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
    expect(fired('30 1 * * *', '2026-10-31T12:00:00Z', '2026-11-02T12:00:00Z')).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  it('are in both passes of the overlap for a pattern', () => {
    expect(fired('*/30 1 * * *', '2026-10-31T12:00:00Z', '2026-11-01T12:00:00Z')).toEqual([
      '2026-11-01T05:00:00.000Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T06:00:00.000Z',
      '2026-11-01T06:30:00.000Z',
    ]);
  });
});
