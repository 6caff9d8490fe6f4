import { TcpProxy, until } from '#libs/jetstream/testing';
import type { ScheduleEvent, ScheduleTerms } from '#libs/schedule';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { FiringLoop } from './firing-loop.ts';
import type { ScheduleTable } from './schedule-table.ts';
import { SchedulesOnNats } from './testing/schedules-on-nats.ts';

const MINUTE_MS = 60_000;

/** A process that may lead. */
class Process implements AsyncDisposable {
  leads = true;
  readonly decided: ScheduleEvent[] = [];
  readonly failed: unknown[] = [];
  /** How often it asked for a decision. */
  submitted = 0;
  onSubmit = (): void => undefined;
  readonly loop: FiringLoop;

  constructor(
    readonly world: SchedulesOnNats,
    readonly table: ScheduleTable,
  ) {
    this.loop = new FiringLoop({
      table,
      journal: {
        submit: (...asked) => {
          this.submitted++;
          this.onSubmit();
          return world.journal.submit(...asked);
        },
      },
      leads: () => (this.leads ? 1 : undefined),
      clock: world.clock,
      observer: {
        decided: (events) => void this.decided.push(...events),
        failed: (error) => void this.failed.push(error),
      },
    });
  }

  static async start(world: SchedulesOnNats): Promise<Process> {
    return new Process(world, await world.openTable());
  }

  /** Sets the clock and looks at it. */
  turn(byMs: number): void {
    this.world.clock.now += byMs;
    this.loop.look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.loop[Symbol.asyncDispose]();
    await this.table[Symbol.asyncDispose]();
  }
}

describe('FiringLoop', () => {
  let nats: TestNats;
  let world: SchedulesOnNats;

  beforeAll(async () => {
    nats = await startTestNats();
    world = await SchedulesOnNats.open(nats.url);
  });
  beforeEach(async () => {
    world.clock.now = Date.parse('2026-11-28T10:00:00.000Z');
    await world.makeStreams();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const armMany = async (count: number, terms: Partial<ScheduleTerms> = {}): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, (_, index) => `sch_${index}`);
    for (let from = 0; from < count; from += 500)
      await Promise.all(ids.slice(from, from + 500).map((id) => world.arm(id, terms)));
    return ids;
  };
  const typesOf = async (scheduleId: string): Promise<readonly string[]> =>
    (await world.eventsOf(scheduleId)).map(({ type }) => type);

  it('decides by the instant at which it led, though the clock is set an hour forward amid the decision', async () => {
    await world.arm('sch_1');
    await using leader = await Process.start(world);
    await until('it expects it', () => leader.loop.nextDueMs === world.clock.now + MINUTE_MS);
    const dueMs = world.clock.now + MINUTE_MS;
    leader.onSubmit = () => {
      leader.leads = false;
      world.clock.now += 60 * MINUTE_MS;
    };
    leader.turn(MINUTE_MS);
    await until('it is fired', () => leader.decided.length > 0);
    expect(leader.decided).toMatchObject([{ type: 'SlotFired', data: { slot: new Date(dueMs).toISOString() } }]);
    expect(await typesOf('sch_1')).toEqual(['ScheduleArmed', 'SlotFired']);
  });

  it('fires what is due, when it is due', async () => {
    await world.arm('sch_1');
    await using leader = await Process.start(world);
    await until('it expects it', () => leader.loop.nextDueMs === world.clock.now + MINUTE_MS);
    expect(leader.decided).toEqual([]);
    leader.turn(MINUTE_MS);
    await until('it is fired', () => leader.decided.length === 1);
    await until('it expects the next', () => leader.loop.nextDueMs === world.clock.now + MINUTE_MS);
    expect(await typesOf('sch_1')).toEqual(['ScheduleArmed', 'SlotFired']);
    expect(leader.table.find('sch_1')?.state.counts.fired).toBe(1);
  });

  it('sees by itself that a clock was set', async () => {
    await world.arm('sch_1');
    await using leader = await Process.start(world);
    await until('it expects it', () => leader.loop.nextDueMs !== undefined);
    world.clock.now += MINUTE_MS;
    await until('it is fired', () => leader.decided.length === 1);
  });

  it('hears of a schedule that is armed while it waits', async () => {
    await using leader = await Process.start(world);
    await world.arm('sch_1');
    await world.arm('sch_2', { rule: { kind: 'every', everyMs: 1_000 } });
    await until('it expects it', () => leader.loop.nextDueMs === world.clock.now + 1_000);
    leader.turn(1_000);
    await until('it is fired', () => leader.decided.length === 1);
  });

  it('does nothing until it leads, nor when it leads no more', async () => {
    await world.arm('sch_1');
    await using process = await Process.start(world);
    process.leads = false;
    process.turn(MINUTE_MS);
    await until('it expects nothing', () => process.loop.nextDueMs === undefined);
    expect(process.submitted).toBe(0);
    process.leads = true;
    process.loop.look();
    await until('it is fired', () => process.decided.length === 1);
    process.leads = false;
    process.turn(MINUTE_MS);
    await until('it expects nothing', () => process.loop.nextDueMs === undefined);
    expect(await typesOf('sch_1')).toEqual(['ScheduleArmed', 'SlotFired']);
  });

  it('decides each slot once where two believe that they lead', async () => {
    const ids = await armMany(60);
    await using other = await SchedulesOnNats.open(nats.url);
    other.clock.now = world.clock.now;
    await using one = await Process.start(world);
    await using two = await Process.start(other);
    for (let minute = 1; minute <= 3; minute++) {
      one.turn(MINUTE_MS);
      two.turn(MINUTE_MS);
      const isDone = (id: string): boolean => one.table.find(id)?.state.counts.fired === minute;
      await until('all are fired', () => ids.every(isDone));
    }
    for (const id of ids) expect(await typesOf(id)).toEqual(['ScheduleArmed', ...Array<string>(3).fill('SlotFired')]);
    expect(one.decided.length + two.decided.length).toBe(180);
    expect([...one.failed, ...two.failed]).toEqual([]);
  });

  it('fires thousands that are due at once', async () => {
    const ids = await armMany(3_000);
    await using leader = await Process.start(world);
    leader.turn(MINUTE_MS);
    await until('all are fired', () => leader.decided.length === ids.length, 20_000);
    await until('all are expected', () => leader.loop.nextDueMs === world.clock.now + MINUTE_MS);
    expect(leader.submitted).toBe(ids.length);
  });

  it('takes several commits for what is more than one holds', async () => {
    await world.arm('sch_1', { misfire: 'runAll', rule: { kind: 'every', everyMs: 1_000 } });
    await using leader = await Process.start(world);
    leader.turn(250_000);
    await until('all are fired', () => leader.decided.length === 250);
    expect(leader.submitted).toBe(3);
  });

  it('skips slots of a pause as soon as it is over', async () => {
    await world.arm('sch_1');
    await world.journal.submit('sch_1', { type: 'PauseSchedule' });
    await using leader = await Process.start(world);
    leader.turn(3.5 * MINUTE_MS);
    await world.journal.submit('sch_1', { type: 'ResumeSchedule' });
    await until('they are skipped', () => leader.decided.length === 1);
    expect(leader.decided).toMatchObject([{ type: 'SlotsSkipped', data: { count: 3, reason: 'paused' } }]);
  });

  it('decides nothing again when its clock is set back, and does not try either', async () => {
    await world.arm('sch_1');
    await using leader = await Process.start(world);
    leader.turn(2 * MINUTE_MS);
    await until('both are decided', () => leader.decided.length === 2);
    const { submitted } = leader;
    leader.turn(-30 * MINUTE_MS);
    await world.arm('sch_2', { rule: { kind: 'at', at: new Date(world.clock.now + 1_000).toISOString() } });
    await until('it expects the other', () => leader.loop.nextDueMs === world.clock.now + 1_000);
    leader.turn(1_000);
    await until('the other is fired', () => leader.decided.length === 3);
    expect(leader.submitted).toBe(submitted + 1);
    leader.turn(31 * MINUTE_MS);
    await until('time has come again', () => leader.decided.length > 3);
    expect((await typesOf('sch_1')).filter((type) => type !== 'ScheduleArmed').length).toBeGreaterThan(2);
  });

  it('does not try without end what is said to be due and is not', async () => {
    const { state, ...place } = await world.arm('sch_1');
    await using leader = await Process.start(world);
    // As zone data of before could have planned it: a slot that there is none of.
    const gone = Array.from({ length: 5 }, (_, index) => world.clock.now + 1_000 + index);
    leader.table.put('sch_1', { ...place, sequence: place.sequence + 0.5, state: { ...state, planned: gone } });
    leader.turn(2_000);
    await until('it tried', () => leader.submitted === 1);
    await world.arm('sch_2', { rule: { kind: 'every', everyMs: 1_000 } });
    leader.turn(1_000);
    await until('others are fired', () => leader.decided.length === 1);
    expect(leader.submitted).toBeLessThanOrEqual(3);
  });

  it('goes on when NATS is back', async () => {
    await world.arm('sch_1');
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await SchedulesOnNats.open(`127.0.0.1:${proxy.port}`);
    behind.clock.now = world.clock.now;
    await using leader = await Process.start(behind);
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !behind.connection.connected);
    leader.turn(MINUTE_MS);
    await until('it is told', () => leader.failed.length > 0);
    expect(leader.failed[0]).toMatchObject({ kind: 'unavailable' });
    proxy.admit();
    await until('it is fired', () => leader.decided.length === 1);
    expect(await typesOf('sch_1')).toEqual(['ScheduleArmed', 'SlotFired']);
  });

  it('ends with nothing under way', async () => {
    await armMany(500);
    const leader = await Process.start(world);
    leader.turn(MINUTE_MS);
    await until('it has begun', () => leader.submitted > 0);
    await leader[Symbol.asyncDispose]();
    const { length } = leader.decided;
    expect(leader.submitted).toBe(length);
    leader.turn(MINUTE_MS);
    await world.arm('sch_new');
    expect(leader.submitted).toBe(length);
  });
});
