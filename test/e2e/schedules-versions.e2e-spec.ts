import { Api } from '../support/api.ts';
import { ScheduledWorkflow, type SlotView } from '../support/scheduled-workflow.ts';
import { startWithScheduler, untilPassed } from '../support/scheduling.ts';

/** Other terms, and the same slots: so what a version takes over are the slots of the one before. */
const FIRST = { tick: { everyMs: 1000, misfire: 'runAll' }, other: { cron: '*/2 * * * * *', misfire: 'runAll' } };
const SECOND = { tick: { cron: '* * * * * *', misfire: 'runAll' }, other: { everyMs: 2000, misfire: 'runAll' } };

describe('versions of a workflow with schedules', () => {
  let millrace: Awaited<ReturnType<typeof startWithScheduler>>;
  let api: Api;

  beforeAll(async () => {
    millrace = await startWithScheduler();
    api = await Api.register(millrace.url);
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  /** When it was done: before `to`, and not before `from`. */
  const around = async (what: () => Promise<void>) => {
    const from = new Date().toISOString();
    await what();
    return { from, to: new Date().toISOString() };
  };
  const versionsOf = (slots: readonly SlotView[]) => slots.map(({ workflowVersion }) => workflowVersion ?? 0);

  it('one takes over from the other between two slots, also while nobody schedules', async () => {
    const workflow = await ScheduledWorkflow.start(api, FIRST);
    await workflow.untilFired(2);
    const second = await around(() => workflow.change(SECOND));
    await workflow.untilVersionFires(2);
    await millrace.stopPart('scheduler');
    const third = await around(() => workflow.change(FIRST));
    await untilPassed(1_500);
    await millrace.startPart('scheduler');
    await workflow.untilVersionFires(3);

    for (const [nodeId, slots] of await workflow.proven()) {
      const everyMs = nodeId === 'tick' ? 1000 : 2000;
      const instants = slots.map(({ slot }) => Date.parse(slot));
      const first = instants[0] ?? 0;
      // Each instant once: never of both, never of neither.
      expect(instants).toEqual(instants.map((_, index) => first + index * everyMs));
      expect(new Set(slots.map(({ outcome }) => outcome))).toEqual(new Set(['fired']));
      expect(new Set(versionsOf(slots))).toEqual(new Set([1, 2, 3]));
      expect(versionsOf(slots)).toEqual(versionsOf(slots).toSorted());
      const instantsOf = (version: number): readonly string[] =>
        slots.filter(({ workflowVersion }) => workflowVersion === version).map(({ slot }) => slot);
      for (const [version, { from, to }] of [[2, second] as const, [3, third] as const]) {
        expect(instantsOf(version - 1).filter((slot) => slot > to)).toEqual([]);
        expect(instantsOf(version).filter((slot) => slot < from)).toEqual([]);
      }
    }
  }, 60_000);

  it('there is no slot while it is not active, also when nobody schedules', async () => {
    const workflow = await ScheduledWorkflow.start(api, FIRST);
    await workflow.untilFired(2);
    const inactive = async (meanwhile: () => Promise<void>) => {
      const off = await around(() => workflow.turn('deactivate'));
      await meanwhile();
      return { from: off.to, to: (await around(() => workflow.turn('activate'))).from };
    };
    const first = await inactive(() => untilPassed(2_500));
    await workflow.untilFired(2);
    await millrace.stopPart('scheduler');
    // Whoever schedules next learns that it is not active before it decides what was due meanwhile.
    const second = await inactive(() => millrace.startPart('scheduler'));
    await workflow.untilFired(2);

    for (const slots of (await workflow.proven()).values()) {
      const instants = slots.map(({ slot }) => slot);
      for (const { from, to } of [first, second]) {
        expect(instants.filter((slot) => slot > from && slot < to)).toEqual([]);
        expect(instants.some((slot) => slot < from) && instants.some((slot) => slot > to)).toBe(true);
      }
    }
  }, 60_000);

  it('slots of a pause are skipped, also those of a version that is activated meanwhile', async () => {
    const workflow = await ScheduledWorkflow.start(api, FIRST);
    await workflow.untilFired(2);
    const paused = await around(() => workflow.steer('tick', 'pause'));
    await untilPassed(1_500);
    await workflow.change(SECOND);
    await untilPassed(1_500);
    const resumed = await around(() => workflow.steer('tick', 'resume'));
    await workflow.untilFired(2);

    const slots = await workflow.proven();
    expect(new Set(slots.get('other')?.map(({ outcome }) => outcome))).toEqual(new Set(['fired']));
    const ticks = slots.get('tick') ?? [];
    const skipped = ticks.filter(({ outcome }) => outcome === 'skipped');
    expect(new Set(versionsOf(skipped))).toEqual(new Set([1, 2]));
    for (const { slot, reason } of skipped) {
      expect(reason).toBe('paused');
      expect(slot > paused.from && slot < resumed.to).toBe(true);
    }
    const ofThePause = ticks.filter(({ slot }) => slot > paused.to && slot < resumed.from);
    expect(ofThePause.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ofThePause.map(({ outcome }) => outcome))).toEqual(new Set(['skipped']));
  }, 60_000);
});
