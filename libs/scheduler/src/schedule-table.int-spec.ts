import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { SchedulesOnNats } from './testing/schedules-on-nats.ts';

const MINUTE_MS = 60_000;

describe('ScheduleTable', () => {
  let nats: TestNats;
  let world: SchedulesOnNats;

  beforeAll(async () => {
    nats = await startTestNats();
    world = await SchedulesOnNats.open(nats.url);
  });
  beforeEach(async () => {
    world.faults.length = 0;
    await world.makeStreams();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const pause = async (scheduleId: string): Promise<void> => {
    await world.journal.submit(scheduleId, { type: 'PauseSchedule' });
  };

  it('holds all that the log holds when it is open', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `sch_${index}`);
    for (const id of ids) await world.arm(id);
    await pause('sch_7');
    await using table = await world.openTable();
    expect(table.size).toBe(50);
    expect([...table.idsOf('ws_1')].sort()).toEqual(ids.toSorted());
    expect([...table.idsOf('ws_2')]).toEqual([]);
    expect(table.find('sch_1')).toEqual(await world.journal.read('sch_1'));
    expect(table.find('sch_none')).toBeUndefined();
    expect(table.dueMsOf('sch_1')).toBe(world.clock.now + MINUTE_MS);
    expect(new Map(table.dues()).get('sch_7')).toBeUndefined();
  });

  it('follows the log, and tells who listens until they do no more', async () => {
    await using table = await world.openTable();
    const heard: (readonly [string, number | undefined])[] = [];
    const unlisten = table.listen((...told) => void heard.push(told));
    await world.arm('sch_1');
    await until('it is armed', () => table.size === 1);
    await pause('sch_1');
    await until('it is paused', () => table.find('sch_1')?.state.paused === true);
    expect(heard).toEqual([
      ['sch_1', world.clock.now + MINUTE_MS],
      ['sch_1', undefined],
    ]);
    unlisten();
    await world.arm('sch_2');
    await until('it is armed', () => table.size === 2);
    expect(heard).toHaveLength(2);
  });

  it('knows at once what its own process made, and does not go back by what the log tells later', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await SchedulesOnNats.open(`127.0.0.1:${proxy.port}`);
    await using table = await behind.openTable();
    proxy.hold();
    const armed = await world.arm('sch_1');
    const { known } = await world.journal.submit('sch_1', { type: 'PauseSchedule' });
    table.put('sch_1', known!);
    table.put('sch_1', armed);
    expect(table.find('sch_1')).toEqual(known);
    const heard: unknown[] = [];
    table.listen((...told) => void heard.push(told));
    proxy.release();
    await world.arm('sch_2');
    await until('the rest has come', () => table.size === 2);
    expect(table.find('sch_1')).toEqual(known);
    expect(heard.flat()).not.toContain('sch_1');
  });

  it('folds what another version of Millrace wrote, also before it is open', async () => {
    const { sequence } = await world.arm('sch_1');
    const { snapshot: _, ...last } = (await world.store.readLast('sch_1'))!;
    const events = [{ type: 'SchedulePaused', data: { from: last.at, leavesSlots: false, planned: [] } } as const];
    await world.store.append({ ...last, id: 'other', firstVersion: 2, events }, sequence);
    await using table = await world.openTable();
    expect(table.find('sch_1')).toMatchObject({ version: 2, state: { paused: true } });
    expect(world.faults).toEqual([]);
  });

  it('tells of what it can not read, and goes on', async () => {
    await using table = await world.openTable();
    await world.publisher.publish(world.layout.subjectOf('sch_bad'), '{}\n[]\nnonsense');
    await world.publisher.publish(world.layout.subjectOf('sch_worse'), 'nonsense');
    await until('it is told', () => world.faults.length === 2);
    await world.arm('sch_1');
    await until('it is armed', () => table.size === 1);
  });

  it('does not miss what is written while the connection is cut', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await SchedulesOnNats.open(`127.0.0.1:${proxy.port}`);
    await using table = await behind.openTable();
    for (let round = 0; round < 3; round++) {
      proxy.hold();
      await world.arm(`sch_${round}`);
      proxy.cut();
      await until('it has come', () => table.find(`sch_${round}`) !== undefined);
    }
    expect(table.size).toBe(3);
  });

  it('forgets all when the streams were made anew, though its sequences are lower', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await SchedulesOnNats.open(`127.0.0.1:${proxy.port}`);
    for (const id of ['sch_1', 'sch_2', 'sch_3', 'sch_4', 'sch_5']) await world.arm(id);
    for (const id of ['sch_1', 'sch_2', 'sch_3', 'sch_4', 'sch_5']) await pause(id);
    await using table = await behind.openTable();
    expect(table.size).toBe(5);
    proxy.cut({ refusing: true });
    await world.makeStreams();
    await world.arm('sch_1');
    await world.arm('sch_2');
    proxy.admit();
    await until('it is as the log has it', () => table.size === 2 && table.find('sch_1')?.state.paused === false);
    expect([...table.idsOf('ws_1')].sort()).toEqual(['sch_1', 'sch_2']);
  });

  it('goes on when the server is killed and started', async () => {
    await world.arm('sch_1');
    await using table = await world.openTable();
    await nats.kill();
    await nats.start();
    expect(await world.connection.backWithin(10_000)).toBe(true);
    await pause('sch_1');
    await until('it is paused', () => table.find('sch_1')?.state.paused === true);
  });

  it('leaves no consumer behind', async () => {
    const table = await world.openTable();
    await table[Symbol.asyncDispose]();
    for (const { name } of world.layout.streams)
      await until('it is gone', async () => (await world.manager.streams.info(name)).state.consumer_count === 0);
  });
});
