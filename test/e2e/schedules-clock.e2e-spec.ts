import { Api } from '../support/api.ts';
import { EACH_MISFIRE, ScheduledWorkflow, type SlotView } from '../support/scheduled-workflow.ts';
import { clockAheadOf, leaderAt, startWithScheduler, untilLeads, untilNobodyLeads } from '../support/scheduling.ts';
import { ShiftedClock } from '../support/shifted-clock.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Less than what a clock may differ by. */
const SMALL_MS = 40_000;

describe('the clock of the only scheduler is set', () => {
  let clock: ShiftedClock;
  let millrace: Awaited<ReturnType<typeof startWithScheduler>>;
  let api: Api;

  beforeAll(async () => {
    clock = await ShiftedClock.create();
    millrace = await startWithScheduler(clock.env);
    api = await Api.register(millrace.url);
  }, 90_000);

  beforeEach(() => clock.shift(0));

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  const outcomesOf = (slots: readonly SlotView[] | undefined) => new Set(slots?.map(({ outcome }) => outcome));

  it.each([
    ['forward', HOUR_MS],
    ['back', -HOUR_MS],
  ])(
    'an hour %s: it leads no more and decides nothing; set right, slots of meanwhile get their outcome',
    async (_, byMs) => {
      const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
      await workflow.untilFired(2);
      const leader = await untilLeads(api, millrace.pidOf('scheduler'));
      clock.shift(byMs);
      await untilNobodyLeads(api);
      // Who has no lease any more may not have compared clocks again yet.
      await until('it is told by how much the clock is wrong', async () => {
        const aheadMs = 1000 * (await clockAheadOf(millrace.urlOf('scheduler')));
        return Math.abs(aheadMs - byMs) < SMALL_MS ? true : undefined;
      });
      await until('slots are due and nobody decides them', async () =>
        (await workflow.proof('all')).counts.pending >= 3 ? true : undefined,
      );
      clock.shift(0);
      const again = await untilLeads(api, millrace.pidOf('scheduler'));
      expect(again.revision).toBeGreaterThan(leader.revision);
      await workflow.untilFired(2);

      const slots = await workflow.proven();
      // Neither for the future nor by a time that was not.
      for (const { slot, at } of [...slots.values()].flat()) {
        expect(at?.localeCompare(slot)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(Date.parse(at ?? '') - Date.parse(slot))).toBeLessThan(60_000);
      }
      expect(outcomesOf(slots.get('all'))).toEqual(new Set(['fired']));
      expect(outcomesOf(slots.get('once'))).toEqual(new Set(['fired', 'coalesced']));
      expect(outcomesOf(slots.get('none'))).toEqual(new Set(['fired', 'missed']));
    },
    60_000,
  );

  it('by less than it may differ: it leads on, slots in between are decided once, by their policy', async () => {
    const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await workflow.untilFired(1);
    const before = await workflow.fired();
    clock.shift(SMALL_MS);
    await workflow.untilFired(2);
    clock.shift(0);
    // Slots that come after all are those of schedules that did not have theirs.
    const other = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await other.untilFired(1);
    const after = await workflow.fired();
    await other.untilFired(3);
    expect(await workflow.fired()).toEqual(after);
    await other.proven();

    const slots = await workflow.proven();
    const countOf = (nodeId: string, wanted: string): number =>
      (slots.get(nodeId) ?? []).filter(({ outcome }) => outcome === wanted).length;
    expect(countOf('all', 'fired') - (before['all'] ?? 0)).toBeGreaterThanOrEqual(SMALL_MS / 1000);
    expect(countOf('once', 'coalesced')).toBeGreaterThanOrEqual(SMALL_MS / 1000 - 5);
    expect(countOf('none', 'missed')).toBeGreaterThanOrEqual(SMALL_MS / 1000 - 5);
    for (const nodeId of ['once', 'none']) expect(countOf(nodeId, 'fired') - (before[nodeId] ?? 0)).toBeLessThan(30);
    expect(await leaderAt(api)).not.toBeNull();
  }, 60_000);
});
