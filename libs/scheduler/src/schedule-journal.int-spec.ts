import { randomUUID } from 'node:crypto';
import { termsOf } from '#libs/schedule/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { SchedulesOnNats } from './testing/schedules-on-nats.ts';

const MINUTE_MS = 60_000;
const decide = { type: 'DecideSlots' } as const;
const pause = { type: 'PauseSchedule' } as const;
const resume = { type: 'ResumeSchedule' } as const;

describe('ScheduleJournal', () => {
  let nats: TestNats;
  let world: SchedulesOnNats;
  let startMs: number;

  beforeAll(async () => {
    nats = await startTestNats();
    world = await SchedulesOnNats.open(nats.url);
    startMs = world.clock.now;
  });
  beforeEach(async () => {
    world.clock.now = startMs;
    await world.makeStreams();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  /** Appends as another version of Millrace would. */
  const writeAs = async (scheduleId: string, snapshot: unknown): Promise<void> => {
    const { sequence, tasks: _, ...last } = (await world.store.readLast(scheduleId, { fresh: true }))!;
    const data = { slot: last.at, executionId: 'ex_1', version: 1 };
    const firstVersion = last.firstVersion + last.events.length;
    const events = [{ type: 'SlotBackfilled', data }] as const;
    await world.store.append({ ...last, id: randomUUID(), firstVersion, events, snapshot }, sequence);
  };

  it('knows nothing of a schedule that is not there, and refuses what would change it', async () => {
    expect(await world.journal.read('sch_none')).toBeUndefined();
    await expect(world.journal.submit('sch_none', pause)).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    expect(await world.journal.submit('sch_none', { type: 'DisarmSchedule', atMs: startMs, by: 2 })).toEqual({
      events: [],
      known: undefined,
    });
  });

  it('appends what was decided, with who wanted it and what it starts, and reads it as it left it', async () => {
    await world.arm('sch_1');
    const actor = { type: 'user', id: 'u_1' } as const;
    const { events, known } = await world.journal.submit('sch_1', pause, { actor });
    expect(events.map(({ type }) => type)).toEqual(['SchedulePaused']);
    expect(await world.journal.read('sch_1')).toEqual(known);
    expect((await world.store.readLast('sch_1'))?.actor).toEqual(actor);
    await world.journal.submit('sch_1', resume);
    world.clock.now += MINUTE_MS;
    await world.journal.submit('sch_1', decide);
    expect((await world.store.readLast('sch_1'))?.tasks).toMatchObject([
      { queue: 'start', payload: { executionId: `sch_1@${startMs + MINUTE_MS}`, missed: 0 } },
    ]);
  });

  it('lets one of many decide a slot, and tells the others what came of it', async () => {
    const known = await world.arm('sch_1');
    world.clock.now += MINUTE_MS;
    const all = await Promise.all(Array.from({ length: 8 }, () => world.journal.submit('sch_1', decide, { known })));
    expect(all.filter(({ events }) => events.length > 0)).toHaveLength(1);
    expect(new Set(all.map((one) => one.known?.sequence)).size).toBe(1);
    expect((await world.eventsOf('sch_1')).map(({ type }) => type)).toEqual(['ScheduleArmed', 'SlotFired']);
  });

  it('does not take an old state for the truth, when by it there is nothing to do or all is refused', async () => {
    const armed = await world.arm('sch_1');
    const { known: paused } = await world.journal.submit('sch_1', pause);
    // By the state of before it is not paused.
    expect((await world.journal.submit('sch_1', resume, { known: armed })).events).toHaveLength(1);
    expect((await world.journal.submit('sch_1', pause, { known: paused })).events).toHaveLength(1);
    const { known: gone } = await world.journal.submit('sch_1', { type: 'DisarmSchedule', atMs: startMs, by: 7 });
    const terms = termsOf(2);
    await world.journal.submit('sch_1', { type: 'ArmSchedule', terms, atMs: startMs, by: 8 });
    expect((await world.journal.submit('sch_1', resume, { known: gone })).events).toHaveLength(1);
  });

  it('asks whether the last execution is under way where that matters', async () => {
    await world.arm('sch_1', { overlap: 'skip' });
    world.clock.now += MINUTE_MS;
    await world.journal.submit('sch_1', decide);
    world.underWay.add(`sch_1@${world.clock.now}`);
    world.clock.now += MINUTE_MS;
    expect((await world.journal.submit('sch_1', decide)).events).toMatchObject([{ data: { reason: 'overlap' } }]);
    world.underWay.clear();
    world.clock.now += MINUTE_MS;
    expect((await world.journal.submit('sch_1', decide)).events).toMatchObject([{ type: 'SlotFired' }]);
  });

  it.each([
    ['no snapshot', undefined],
    ['a snapshot of another version', { format: 0, version: 1, state: {} }],
    ['a snapshot that is none', 'nonsense'],
  ])('folds the history where the last commit has %s', async (_, snapshot) => {
    await world.arm('sch_1');
    const { state } = (await world.journal.read('sch_1'))!;
    await writeAs('sch_1', snapshot);
    expect(await world.journal.read('sch_1')).toMatchObject({ version: 2, state });
    world.clock.now += MINUTE_MS;
    expect((await world.journal.submit('sch_1', decide)).events).toHaveLength(1);
  });

  describe('with a log that keeps four commits of a schedule', () => {
    beforeEach(() => world.makeStreams({ max_msgs_per_subject: 4 }));

    const live = async (minutes: number): Promise<void> => {
      await world.arm('sch_1');
      for (let minute = 0; minute < minutes; minute++) {
        world.clock.now += MINUTE_MS;
        await world.journal.submit('sch_1', decide);
      }
    };

    it('goes on from what is left', async () => {
      await live(9);
      expect(await world.eventsOf('sch_1')).toHaveLength(4);
      expect(await world.journal.read('sch_1')).toMatchObject({ version: 10, state: { counts: { fired: 9 } } });
      await writeAs('sch_1', undefined);
      expect(await world.journal.read('sch_1')).toMatchObject({ version: 11, state: { counts: { fired: 9 } } });
    });

    it('says so when nothing that is left tells what was before', async () => {
      await live(1);
      for (let commit = 0; commit < 4; commit++) await writeAs('sch_1', undefined);
      await expect(world.journal.read('sch_1')).rejects.toThrow(/the beginning of sch_1 is gone/);
    });
  });

  it('is unavailable while NATS is away', async () => {
    const known = await world.arm('sch_1');
    await nats.stop();
    await expect(world.journal.submit('sch_1', pause, { known })).rejects.toMatchObject({ kind: 'unavailable' });
    await nats.start();
    expect(await world.connection.backWithin(10_000)).toBe(true);
    expect((await world.journal.submit('sch_1', pause, { known })).events).toHaveLength(1);
  });
});
