import {
  arm,
  at,
  brief,
  CALENDAR,
  decide,
  disarm,
  lived,
  ms,
  pause,
  resume,
  specAt,
} from '../testing/schedule-spec.ts';
import { termsOf } from '../testing/terms-of.ts';
import { dueMsOf } from './planned.ts';
import type { ScheduleEvent } from './schedule-events.ts';
import { openPeriodOf, type PresentSchedule } from './schedule-state.ts';

const stateOf = (history: readonly ScheduleEvent[]): PresentSchedule => {
  const state = specAt('10:00').fold(history);
  if (state.status === 'none') throw new Error('there is no schedule');
  return state;
};
const after = (time: string, history: readonly ScheduleEvent[]): string[] =>
  brief(specAt(time).given(history).when(decide).events());
const backfill = (time: string) => ({ type: 'BackfillSlot', slotMs: ms(time) }) as const;
const minutes = (...times: readonly string[]): string[] => times.map(at);

const first = lived(['10:00', arm('10:00', 1, {}, 1)]);

describe('arming a schedule', () => {
  it('begins with the slots after its version became the active one', () => {
    const planned = minutes('10:01', '10:02', '10:03', '10:04', '10:05');
    specAt('10:00:30')
      .given([])
      .when(arm('10:00', 1, {}, 7))
      .then([
        {
          type: 'ScheduleArmed',
          data: { terms: termsOf(1), from: at('10:00'), calendar: CALENDAR, by: 7, leavesSlots: false, planned },
        },
      ]);
  });

  it('is heeded once, and never after a later commit of the workflow', () => {
    specAt('10:00')
      .given(first)
      .when(arm('10:00', 1, {}, 1))
      .thenNothing();
    const later = lived(['10:00', arm('10:00', 2, {}, 9)]);
    specAt('10:00')
      .given(later)
      .when(arm('10:00', 1, {}, 8))
      .thenNothing();
    specAt('10:00').given(later).when(disarm('10:00', 9)).thenNothing();
  });

  it('lets the next version take over between two slots, though the former ones are not decided', () => {
    const history = [
      ...first,
      ...specAt('10:03')
        .given(first)
        .when(arm('10:02:30', 2, { misfire: 'runAll' }))
        .events(),
    ];
    expect(stateOf(history).periods.map(({ terms, untilMs }) => [terms.version, untilMs])).toEqual([
      [1, ms('10:02:30')],
      [2, undefined],
    ]);
    expect(after('10:04', history)).toEqual([
      'SlotsCoalesced 10:01:00-10:01:00 (1) into 10:02:00',
      'fired 10:02:00 of 1, 120000 late, 1 missed',
      'fired 10:03:00 of 2, 60000 late, 0 missed',
      'fired 10:04:00 of 2, 0 late, 0 missed',
    ]);
  });

  it('leaves a slot at the very instant to the former version', () => {
    const history = [...first, ...specAt('10:01').given(first).when(arm('10:01', 2)).events()];
    expect(after('10:02', history)).toEqual([
      'fired 10:01:00 of 1, 60000 late, 0 missed',
      'fired 10:02:00 of 2, 0 late, 0 missed',
    ]);
  });

  it('never takes slots that the former version had decided before the commit was heeded', () => {
    const history = lived(
      ['10:00', arm('10:00', 1)],
      ['10:01', decide],
      ['10:02', decide],
      ['10:02', arm('10:00:30', 2)],
    );
    expect(stateOf(history).periods.map(({ fromMs }) => fromMs)).toEqual([ms('10:02')]);
    expect(after('10:03', history)).toEqual(['fired 10:03:00 of 2, 0 late, 0 missed']);
  });

  it('follows on what was before, also when clocks are set back', () => {
    const history = lived(
      ['10:00', arm('10:00', 1)],
      ['10:05', disarm('10:05')],
      ['10:02', arm('10:02', 2)],
      ['10:01', pause],
    );
    expect(stateOf(history).periods.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [ms('10:00'), ms('10:05')],
      [ms('10:05'), undefined],
    ]);
  });

  it('does not make new slots wait for the jitter of old ones', () => {
    const history = lived(['10:00', arm('10:00', 1, { jitterMs: 7_200_000 })], ['10:01:30', arm('10:01:30', 2)]);
    expect(dueMsOf('sch_1', stateOf(history))).toBe(ms('10:01:30'));
    expect(after('10:02', history)).toEqual([
      'fired 10:01:00 of 1, 30000 late, 0 missed',
      'fired 10:02:00 of 2, 0 late, 0 missed',
    ]);
  });
});

describe('disarming a schedule', () => {
  it('ends its slots; those before get their outcomes', () => {
    const history = lived(['10:00', arm('10:00', 1)], ['10:01:30', disarm('10:01:30')]);
    expect(openPeriodOf(stateOf(history))).toBeUndefined();
    expect(stateOf(history).planned).toEqual([ms('10:01')]);
    expect(after('10:05', history)).toEqual(['fired 10:01:00 of 1, 240000 late, 0 missed']);
    const done = [...history, ...specAt('10:05').given(history).when(decide).events()];
    expect(dueMsOf('sch_1', stateOf(done))).toBeUndefined();
    expect(after('10:09', done)).toEqual([]);
  });

  it('is nothing where there is no schedule, and forgets a version that had no slot', () => {
    specAt('10:00').given([]).when(disarm('10:00')).thenNothing();
    expect(stateOf(lived(['10:00', arm('10:00', 1)], ['10:00:30', disarm('10:00:30')])).periods).toEqual([]);
  });

  it('keeps it from being paused, resumed and backfilled', () => {
    const history = lived(['10:00', arm('10:00', 1)], ['10:01', decide], ['10:01:30', disarm('10:01:30')]);
    for (const command of [pause, resume, backfill('10:01')])
      specAt('10:02').given(history).when(command).thenRefused('SCHEDULE_NOT_ACTIVE');
  });
});

describe('pausing a schedule', () => {
  const paused = lived(['10:00', arm('10:00', 1)], ['10:01:30', pause]);

  it('lets slots wait that come, and not those that were', () => {
    expect(after('10:09', paused)).toEqual(['fired 10:01:00 of 1, 480000 late, 0 missed']);
    expect(stateOf(paused).planned).toEqual([ms('10:01')]);
  });

  it('skips them when it is over', () => {
    const history = [...paused, ...specAt('10:04:30').given(paused).when(resume).events()];
    expect(after('10:05', history)).toEqual([
      'fired 10:01:00 of 1, 240000 late, 0 missed',
      'SlotsSkipped paused 10:02:00-10:04:00 (3)',
      'fired 10:05:00 of 1, 0 late, 0 missed',
    ]);
  });

  it('is due when it is over, and only if it had slots', () => {
    const decided = [...paused, ...specAt('10:01:30').given(paused).when(decide).events()];
    expect(dueMsOf('sch_1', stateOf(decided))).toBeUndefined();
    const short = [...decided, ...specAt('10:01:45').given(decided).when(resume).events()];
    expect(dueMsOf('sch_1', stateOf(short))).toBe(ms('10:02'));
    expect(stateOf(short).periods.some((period) => period.paused)).toBe(false);
    const long = [...decided, ...specAt('10:02:45').given(decided).when(resume).events()];
    expect(dueMsOf('sch_1', stateOf(long))).toBe(ms('10:02:45'));
    const skipped = [...long, ...specAt('10:02:50').given(long).when(decide).events()];
    expect(dueMsOf('sch_1', stateOf(skipped))).toBe(ms('10:03'));
  });

  it('twice is once, and so is resuming', () => {
    specAt('10:02').given(paused).when(pause).thenNothing();
    specAt('10:02').given(first).when(resume).thenNothing();
  });

  it('lasts through versions, and while there is none', () => {
    const history = lived(
      ['10:00', arm('10:00', 1)],
      ['10:00:30', pause],
      ['10:02', disarm('10:02')],
      ['10:03', arm('10:03', 2)],
    );
    expect(openPeriodOf(stateOf(history))).toMatchObject({ paused: true, terms: { version: 2 } });
    const over = [...history, ...specAt('10:05:30').given(history).when(resume).events()];
    expect(after('10:06', over)).toEqual([
      'SlotsSkipped paused 10:01:00-10:02:00 (2)',
      'SlotsSkipped paused 10:04:00-10:05:00 (2)',
      'fired 10:06:00 of 2, 0 late, 0 missed',
    ]);
  });

  it('again and again between two slots leaves no trace', () => {
    const often = Array.from({ length: 50 }, () => [['10:00:30', pause] as const, ['10:00:30', resume] as const]);
    expect(stateOf(lived(['10:00', arm('10:00', 1)], ...often.flat())).periods).toHaveLength(1);
  });
});

describe('a command for a schedule that is not there', () => {
  it.each([pause, resume, decide, backfill('10:01'), { type: 'AdoptCalendar' } as const])(
    '%j is refused',
    (command) => {
      specAt('10:00').given([]).when(command).thenRefused('SCHEDULE_NOT_FOUND');
    },
  );
});

describe('backfilling a slot', () => {
  const history = lived(
    ['10:00', arm('10:00', 1, { misfire: 'skip' })],
    ['10:05', decide],
    ['10:05:10', arm('10:05:10', 2)],
  );

  it('has it run by the active version', () => {
    specAt('10:05:30')
      .given(history)
      .when(backfill('10:02'))
      .then([{ type: 'SlotBackfilled', data: { slot: at('10:02'), executionId: 'ex@10:02:00', version: 2 } }]);
  });

  it('needs an instant of the active version that is decided', () => {
    specAt('10:05:30').given(history).when(backfill('10:02:30')).thenRefused('NO_SUCH_SLOT');
    specAt('10:06:30').given(history).when(backfill('10:06')).thenRefused('SLOT_NOT_DECIDED');
  });
});

describe('adopting the calendar of a process', () => {
  const zones = { croner: '11', zones: '2026d' };
  const adopt = { type: 'AdoptCalendar' } as const;

  it('is nothing when it is the one that was planned by', () => {
    specAt('10:00').given(first).when(adopt).thenNothing();
  });

  it('plans anew, and says what became another instant', () => {
    const [armed] = first;
    if (armed?.type !== 'ScheduleArmed') throw new Error('not armed');
    const planned = minutes('10:01', '10:01:59', '10:03', '10:04');
    const other: ScheduleEvent = { ...armed, data: { ...armed.data, planned } };
    const ahead = minutes('10:01', '10:02', '10:03', '10:04', '10:05');
    specAt('10:00', { calendar: zones })
      .given([other])
      .when(adopt)
      .then([
        {
          type: 'CalendarChanged',
          data: {
            from: CALENDAR,
            to: zones,
            differences: [
              { was: at('10:01:59'), is: at('10:02') },
              { was: null, is: at('10:05') },
            ],
            planned: ahead,
          },
        },
      ]);
  });

  it.each([
    ['pausing', first, pause],
    ['resuming', lived(['10:00', arm('10:00', 1)], ['10:00', pause]), resume],
    ['disarming', first, disarm('10:00:30')],
  ])('goes ahead of %s, which plans anew', (_name, before, command) => {
    const spec = specAt('10:00:30', { calendar: zones }).given(before);
    const events = spec.when(command).events();
    expect(events).toMatchObject([{ type: 'CalendarChanged', data: { from: CALENDAR, to: zones } }, {}]);
    expect(stateOf([...before, ...events]).calendar).toEqual(zones);
    const [, change] = events;
    const planned = specAt('10:00:30').given(before).when(command).events();
    expect([change]).toEqual(planned);
  });

  it('does not go ahead of what changes nothing', () => {
    specAt('10:00', { calendar: zones }).given(first).when(resume).thenNothing();
    const over = lived(['10:00', arm('10:00', 1, {}, 1)], ['10:00', disarm('10:00', 9)]);
    specAt('10:00', { calendar: zones }).given(over).when(disarm('10:00', 9)).thenNothing();
  });

  it('happens once', () => {
    const history = [...first, ...specAt('10:00', { calendar: zones }).given(first).when(adopt).events()];
    expect(history.at(-1)).toMatchObject({ data: { differences: [] } });
    specAt('10:00', { calendar: zones }).given(history).when(adopt).thenNothing();
  });
});
