import fc from 'fast-check';
import type { StoredCommit } from '#libs/event-sourcing';
import { createCommitCodec } from '#libs/event-store-jetstream';
import { epochMsOf, InvariantError, toInstant } from '#libs/kernel';
import {
  isOccurrence,
  isOutcome,
  nextOccurrence,
  scheduleEventSchema,
  SlotLedger,
  type OutcomeEvent,
  type PresentSchedule,
  type ScheduleEvent,
  type ScheduleRule,
  type ScheduleState,
  type SlotProblem,
  type SlotProof,
} from '#libs/schedule';
import { readSnapshot } from './schedule-snapshot.ts';
import { foldOf, ScheduleWorld, type Act, type Leader } from './testing/schedule-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 366 * DAY_MS;
const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'] as const;
const CRONS = ['*/20 * * * * *', '*/5 * * * *', '30 2 * * *', '0 * * * *', '0,30 1-3 * * *', '0 0 29 2 *'] as const;

/** Among them: a quiet day, and nights in which clocks go forward or back. */
const starts = fc
  .constantFrom('2026-11-28T10:00:00Z', '2026-03-08T05:30:00Z', '2026-11-01T03:59:59Z', '2026-10-25T00:10:00Z')
  .map(epochMsOf);

const ruleAround = (startMs: number): fc.Arbitrary<ScheduleRule> =>
  fc.oneof(
    fc.constantFrom(1_000, 7_000, 60_000, HOUR_MS).map((everyMs) => ({ kind: 'every' as const, everyMs })),
    fc
      .tuple(fc.constantFrom(...CRONS), fc.constantFrom(...ZONES))
      .map(([cron, timezone]) => ({ kind: 'cron' as const, cron, timezone })),
    fc.integer({ min: -60, max: 3 * 3_600 }).map((s) => ({ kind: 'at' as const, at: toInstant(startMs + s * 1_000) })),
  );

const termsAround = (startMs: number) =>
  fc.record({
    rule: ruleAround(startMs),
    misfire: fc.constantFrom('skip', 'runOnce', 'runAll'),
    overlap: fc.constantFrom('allow', 'skip'),
    jitterMs: fc.constantFrom(0, 0, 900, 30_000, 2 * HOUR_MS),
  });

const leader = fc.constantFrom<Leader[]>('a', 'b');
const lagMs = fc.constantFrom(0, 0, 1_500, 100_000);
const forward = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 120_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: DAY_MS }) },
);

const actAround = (startMs: number): fc.Arbitrary<Act> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('arm'), leader, terms: termsAround(startMs), lagMs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('armAgain'), leader }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('disarm'), leader, lagMs }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume', 'adopt'), leader }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('decide'), leader }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('learn'), leader }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('clock'), byMs: forward }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('clock'), byMs: fc.integer({ min: -HOUR_MS, max: -1 }) }) },
  );

/** What happened to a schedule, and how many chances there are that a slot's execution is under way. */
const stories = starts.chain((startMs) =>
  fc.record({
    startMs: fc.constant(startMs),
    acts: fc.array(actAround(startMs), { minLength: 1, maxLength: 40, size: 'max' }),
    busy: fc.integer({ min: 0, max: 4 }),
  }),
);
type Story = typeof stories extends fc.Arbitrary<infer Of> ? Of : never;

async function liveThrough({ startMs, acts, busy }: Story): Promise<ScheduleWorld> {
  const world = new ScheduleWorld(startMs, (executionId) => Number(executionId.slice(-4, -3)) < 2 * busy);
  for (const act of acts) await world.perform(act);
  await world.drive();
  return world;
}

function present(state: ScheduleState | undefined): PresentSchedule {
  if (state?.status !== 'present') throw new InvariantError('there is no schedule');
  return state;
}

function prove(
  history: readonly StoredCommit<ScheduleEvent>[],
  span: { readonly afterMs: number; readonly upToMs: number },
  nowMs: number,
): SlotProof {
  const ledger = new SlotLedger(span);
  for (const { events, at } of history) for (const event of events) ledger.take(event, at);
  return ledger.prove(nowMs);
}

describe('a schedule, whatever happens to it, its leaders and their clocks', () => {
  it('has exactly one outcome for each slot, of any stretch of time', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), async (story, chances) => {
        const world = await liveThrough(story);
        const history = await world.history();
        if (history.length === 0) return;
        const whole = { afterMs: story.startMs - DAY_MS, upToMs: world.nowMs };
        expect(prove(history, whole, world.nowMs).problems).toEqual([]);
        const ends = chances.map((chance) => whole.afterMs + (chance % Math.max(1, whole.upToMs - whole.afterMs)));
        for (const [one = 0, other = 0] of [ends.slice(0, 2), ends.slice(2)]) {
          const span = { afterMs: Math.min(one, other), upToMs: Math.max(one, other) };
          expect(prove(history, span, world.nowMs).problems).toEqual([]);
        }
      }),
      { numRuns: 400, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  });

  it('fires slots of the version that they belong to, each once, and starts each that it fires', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const world = await liveThrough(story);
        const history = await world.history();
        const fired = history.flatMap(({ events }) => events.filter((event) => event.type === 'SlotFired'));
        for (const { data } of fired) {
          expect(isOccurrence(world.armed[data.version - 1]!.rule, epochMsOf(data.slot))).toBe(true);
          expect(data.lateMs).toBeGreaterThanOrEqual(0);
        }
        const executionIds = fired.map(({ data }) => data.executionId);
        expect(new Set(executionIds).size).toBe(executionIds.length);
        const starts = history.flatMap(({ tasks = [] }) => tasks.map(({ payload }) => payload));
        expect(starts.map((start) => start['executionId'])).toEqual(executionIds);
        expect(starts.map((start) => start['version'])).toEqual(fired.map(({ data }) => data.version));
      }),
      { numRuns: 150, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false },
    );
  });

  it('has commits that are on the wire what they were', async () => {
    const codec = createCommitCodec(scheduleEventSchema);
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const world = await liveThrough(story);
        for (const stored of await world.history()) {
          const { sequence, ...commit } = stored;
          expect(codec.decode(Buffer.from(codec.encode(commit)), sequence)).toStrictEqual(stored);
        }
      }),
      { numRuns: 50, interruptAfterTimeLimit: 5_000, markInterruptAsFailure: false },
    );
  });

  it('never goes back, keeps little, and is what its history folds to', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const world = await liveThrough(story);
        let decidedUpToMs = -Infinity;
        for (const { commit, state, version } of foldOf(await world.history())) {
          expect(readSnapshot(commit.snapshot)).toEqual({ state, version });
          const schedule = present(state);
          expect(schedule.decidedUpToMs).toBeGreaterThanOrEqual(decidedUpToMs);
          ({ decidedUpToMs } = schedule);
          expect(schedule.periods.filter((period) => isIdle(period, decidedUpToMs)).length).toBeLessThanOrEqual(1);
          expectDisjoint(schedule);
        }
      }),
      { numRuns: 150, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false },
    );
  });
});

/** Over, and without a slot that has no outcome. */
function isIdle({ terms, fromMs, untilMs }: PresentSchedule['periods'][number], decidedUpToMs: number): boolean {
  if (untilMs === undefined) return false;
  return (nextOccurrence(terms.rule, Math.max(fromMs, decidedUpToMs)) ?? Infinity) > untilMs;
}

function expectDisjoint({ periods }: PresentSchedule): void {
  for (const [index, { fromMs }] of periods.entries())
    if (index > 0) expect(periods[index - 1]?.untilMs ?? Infinity).toBeLessThanOrEqual(fromMs);
}

describe('the proof of a history that somebody changed', () => {
  const forgeries: Readonly<
    Record<
      string,
      { readonly forge: (outcome: OutcomeEvent) => readonly OutcomeEvent[] | undefined; problem: SlotProblem }
    >
  > = {
    'lacks an outcome': { forge: () => [], problem: 'undecided' },
    'has an outcome twice': { forge: (outcome) => [outcome, outcome], problem: 'decidedTwice' },
    'has an outcome of no slot': { forge: (outcome) => [outcome, besides(outcome)], problem: 'unexpected' },
    'counts one more': { forge: (outcome) => counting(outcome, 1), problem: 'miscounted' },
    'does not count': { forge: uncounted, problem: 'miscounted' },
    'ends later': { forge: ending, problem: 'unexpected' },
    'fired for another version': { forge: ofAnotherVersion, problem: 'againstTerms' },
    'skipped for another reason': { forge: forAnotherReason, problem: 'againstTerms' },
  };

  it.each(Object.entries(forgeries))('which %s, says so', async (_, { forge, problem }) => {
    let forged = 0;
    await fc.assert(
      fc.asyncProperty(stories, fc.nat(), async (story, chance) => {
        const world = await liveThrough(story);
        const history = await world.history();
        const places = history.flatMap(({ events }, commit) =>
          events.flatMap((event, index) => {
            const instead = isOutcome(event) ? forge(event) : undefined;
            return instead ? [{ commit, index, instead }] : [];
          }),
        );
        const place = places[chance % Math.max(1, places.length)];
        if (!place) return;
        forged++;
        const other = history.map((commit, at) =>
          at === place.commit
            ? { ...commit, events: commit.events.toSpliced(place.index, 1, ...place.instead) }
            : commit,
        );
        const { decidedUpToMs } = present(foldOf(history).at(-1)?.state);
        const span = { afterMs: story.startMs - DAY_MS, upToMs: decidedUpToMs + 1 };
        expect(prove(history, span, world.nowMs + YEAR_MS).matches).toBe(true);
        const proof = prove(other, span, world.nowMs + YEAR_MS);
        expect(proof.matches).toBe(false);
        expect(proof.problems.map((one) => one.problem)).toContain(problem);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
    );
    expect(forged).toBeGreaterThan(0);
  });
});

const lastOf = ({ data }: OutcomeEvent): number => epochMsOf('slot' in data ? data.slot : data.last);

function besides(outcome: OutcomeEvent): OutcomeEvent {
  const slot = toInstant(lastOf(outcome) + 1);
  return { type: 'SlotFired', data: { slot, executionId: 'x', version: 1, lateMs: 0, missed: 0, planned: [] } };
}

function counting(outcome: OutcomeEvent, more: number): readonly OutcomeEvent[] | undefined {
  if (outcome.type === 'SlotFired' || outcome.data.count === null) return undefined;
  return [{ ...outcome, data: { ...outcome.data, count: outcome.data.count + more } } as OutcomeEvent];
}

function uncounted(outcome: OutcomeEvent): readonly OutcomeEvent[] | undefined {
  if (outcome.type === 'SlotFired' || outcome.data.count === null) return undefined;
  return [{ ...outcome, data: { ...outcome.data, count: null } } as OutcomeEvent];
}

function ending(outcome: OutcomeEvent): readonly OutcomeEvent[] | undefined {
  if (outcome.type === 'SlotFired') return undefined;
  return [{ ...outcome, data: { ...outcome.data, last: toInstant(lastOf(outcome) + 1) } } as OutcomeEvent];
}

function ofAnotherVersion(outcome: OutcomeEvent): readonly OutcomeEvent[] | undefined {
  if (outcome.type !== 'SlotFired') return undefined;
  return [{ ...outcome, data: { ...outcome.data, version: outcome.data.version + 1 } }];
}

function forAnotherReason(outcome: OutcomeEvent): readonly OutcomeEvent[] | undefined {
  if (outcome.type !== 'SlotsSkipped') return undefined;
  const reason = outcome.data.reason === 'paused' ? 'overlap' : 'paused';
  return [{ ...outcome, data: { ...outcome.data, reason } }];
}
