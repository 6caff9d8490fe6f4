import { Api } from '../support/api.ts';
import { EACH_MISFIRE, ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { leaderAt, startWithScheduler, untilLeads } from '../support/scheduling.ts';
import { ShiftedClock } from '../support/shifted-clock.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 60 * 60 * 1000;

describe('the clock of the scheduler that leads is set', () => {
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

  it('an hour back: nothing is fired again or for the past; set right, slots go on', async () => {
    const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await workflow.untilFired(2);
    const leader = await untilLeads(api, millrace.pidOf('scheduler'));
    clock.shift(-HOUR_MS);
    await until('slots are due and nobody decides them', async () =>
      (await workflow.proof('all')).problems.length >= 3 ? true : undefined,
    );
    clock.shift(0);
    await workflow.untilFired(2);
    // Who leads does not depend on what clocks show.
    expect(await leaderAt(api)).toEqual(leader);

    const slots = await workflow.proven();
    for (const { slot, at } of [...slots.values()].flat()) expect(at?.localeCompare(slot)).toBeGreaterThanOrEqual(0);
    const outcomesOf = (nodeId: string) => new Set(slots.get(nodeId)?.map(({ outcome }) => outcome));
    expect(outcomesOf('all')).toEqual(new Set(['fired']));
    expect(outcomesOf('once')).toEqual(new Set(['fired', 'coalesced']));
    expect(outcomesOf('none')).toEqual(new Set(['fired', 'missed']));
  }, 60_000);

  it('an hour forward and back again: slots in between are decided by their policy, once', async () => {
    // Slower, as each of its slots of an hour has an execution.
    const all = { everyMs: 10_000, misfire: 'runAll' };
    const workflow = await ScheduledWorkflow.start(api, { ...EACH_MISFIRE, all });
    await workflow.untilFired(1);
    const before = await workflow.fired();
    clock.shift(HOUR_MS);
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
    expect(countOf('all', 'fired') - (before['all'] ?? 0)).toBeGreaterThanOrEqual(HOUR_MS / 10_000);
    expect(countOf('once', 'coalesced')).toBeGreaterThanOrEqual(HOUR_MS / 1000 - 5);
    expect(countOf('none', 'missed')).toBeGreaterThanOrEqual(HOUR_MS / 1000 - 5);
    for (const nodeId of ['once', 'none']) expect(countOf(nodeId, 'fired') - (before[nodeId] ?? 0)).toBeLessThan(30);
  }, 120_000);
});
