import { arm, at, decide, disarm, lived, ms, pause, resume, specAt } from '../testing/schedule-spec.ts';
import { SlotLedger, type SlotProof } from './proof.ts';
import type { ScheduleEvent } from './schedule-events.ts';

function prove(history: readonly ScheduleEvent[], from: string, to: string, now = '12:00'): SlotProof {
  const ledger = new SlotLedger({ afterMs: ms(from), upToMs: ms(to) });
  for (const event of history) ledger.take(event, at('10:00'));
  return ledger.prove(ms(now));
}
const outcomesOf = ({ slots }: SlotProof): string[] =>
  slots.map(({ slotMs, version, outcome }) => `${new Date(slotMs).toISOString().slice(11, 16)} ${version} ${outcome}`);

describe('the proof of a schedule', () => {
  const history = lived(
    ['10:00', arm('10:00', 1)],
    ['10:01', decide],
    ['10:01:30', pause],
    ['10:03:30', resume],
    ['10:03:40', decide],
    ['10:06:40', decide],
    ['10:06:50', arm('10:06:50', 2, { misfire: 'skip' })],
    ['10:09:10', decide],
    ['10:10:20', { type: 'BackfillSlot', slotMs: ms('10:08') }],
  );

  it('lists each slot beside what came of it', () => {
    const proof = prove(history, '10:00', '10:11', '10:10');
    expect(outcomesOf(proof)).toEqual([
      '10:01 1 fired',
      '10:02 1 skipped',
      '10:03 1 skipped',
      '10:04 1 coalesced',
      '10:05 1 coalesced',
      '10:06 1 fired',
      '10:07 2 missed',
      '10:08 2 missed',
      '10:09 2 fired',
      '10:10 2 pending',
      '10:11 2 pending',
    ]);
    expect(proof.problems).toEqual([]);
    expect(proof.matches).toBe(true);
    expect(proof.slots[7]).toMatchObject({ backfilledBy: 'ex@10:08:00', recorded: { at: at('10:00') } });
  });

  it('does not hold what reaches into its span against it', () => {
    // 10:02 to 10:03 and 10:04 to 10:05 are one outcome each.
    for (const [from, to] of [
      ['10:02', '10:04'],
      ['10:02:10', '10:02:50'],
      ['10:04:10', '10:04:20'],
    ] as const)
      expect(prove(history, from, to).problems).toEqual([]);
  });

  it('says which slots should have been decided', () => {
    expect(prove(history, '10:00', '10:10', '10:10:30').matches).toBe(true);
    expect(prove(history, '10:00', '10:10', '10:10:30.001')).toMatchObject({
      matches: false,
      problems: [{ slotMs: ms('10:10'), problem: 'undecided' }],
    });
  });

  it('lets slots of a pause wait as long as it lasts, and no longer', () => {
    const paused = lived(['10:00', arm('10:00', 1)], ['10:00:30', pause]);
    expect(prove(paused, '10:00', '11:00', '23:00').matches).toBe(true);
    const over = [...paused, ...specAt('10:05').given(paused).when(disarm('10:05')).events()];
    expect(prove(over, '10:00', '11:00', '23:00').problems).toHaveLength(5);
  });

  it('lets slots wait for their jitter', () => {
    const late = lived(['10:00', arm('10:00', 1, { jitterMs: 600_000 })]);
    expect(prove(late, '10:00', '10:01', '10:11:30').matches).toBe(true);
    expect(prove(late, '10:00', '10:01', '10:11:30.001').matches).toBe(false);
  });

  it('goes on from what was before, when the beginning of the history is gone', () => {
    const before = lived(['10:00', arm('10:00', 1)], ['10:00:30', pause], ['10:00:40', disarm('10:00:40')]);
    const state = specAt('10:00').fold(before);
    if (state.status === 'none') throw new Error('there is no schedule');
    const ledger = new SlotLedger({ afterMs: ms('10:00'), upToMs: ms('10:05') }, state);
    for (const event of specAt('10:01').given(before).when(arm('10:01', 2)).events()) ledger.take(event, at('10:01'));
    const proof = ledger.prove(ms('12:00'));
    expect(outcomesOf(proof)).toEqual(['02', '03', '04', '05'].map((minute) => `10:${minute} 2 pending`));
    expect(proof.matches).toBe(true);
  });

  it('shows an outcome of no slot where it would be', () => {
    const stray: ScheduleEvent = {
      type: 'SlotFired',
      data: { slot: at('10:01:30'), executionId: 'x', version: 1, lateMs: 0, missed: 0, planned: [] },
    };
    const proof = prove([...history, stray], '10:00', '10:02');
    expect(outcomesOf(proof)).toEqual(['10:01 1 fired', '10:01 null fired', '10:02 1 skipped']);
    expect(proof.problems).toEqual([{ slotMs: ms('10:01:30'), problem: 'unexpected' }]);
  });

  it('shows what somebody had run for a time in which it was no slot', () => {
    const ran: ScheduleEvent = { type: 'SlotBackfilled', data: { slot: at('09:58'), executionId: 'x', version: 1 } };
    const early = [...lived(['10:00', arm('10:00', 1)]), ran];
    const proof = prove(early, '09:57', '10:01', '10:01');
    expect(proof).toMatchObject({ matches: true, problems: [] });
    expect(proof.slots).toMatchObject([
      { slotMs: ms('09:58'), version: null, outcome: null, backfilledBy: 'x' },
      { slotMs: ms('10:01'), version: 1, outcome: 'pending', backfilledBy: null },
    ]);
    expect(prove(early, '10:00', '10:01').slots).toHaveLength(1);
  });

  it('tells which slots had an execution', () => {
    const ledger = new SlotLedger({ afterMs: ms('10:00'), upToMs: ms('10:10') });
    for (const event of history) ledger.take(event, at('10:00'));
    const ran = ['10:01', '10:02', '10:08'].map((slot) => ledger.hasRun(ms(slot)));
    expect(ran).toEqual([true, false, true]);
  });

  it('tells of a slot that was fired amid a pause', () => {
    const paused = lived(['10:00', arm('10:00', 1)], ['10:00:30', pause]);
    const fired: ScheduleEvent = {
      type: 'SlotFired',
      data: { slot: at('10:01'), executionId: 'x', version: 1, lateMs: 0, missed: 0, planned: [] },
    };
    expect(prove([...paused, fired], '10:00', '10:02').problems).toEqual([
      { slotMs: ms('10:01'), problem: 'againstTerms' },
    ]);
  });
});
