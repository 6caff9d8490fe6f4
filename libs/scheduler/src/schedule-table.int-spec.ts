import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import type { KnownSchedule } from './schedule-snapshot.ts';
import type { ScheduleTable } from './schedule-table.ts';
import { SchedulesOnNats } from './testing/schedules-on-nats.ts';

const MINUTE_MS = 60_000;
const PAST = { kind: 'at', at: '2001-01-01T00:00:00.000Z' } as const;

describe('ScheduleTable', () => {
  let nats: TestNats;
  let world: SchedulesOnNats;

  beforeAll(async () => {
    nats = await startTestNats();
    world = await SchedulesOnNats.open(nats.url);
  });
  beforeEach(async () => {
    world.faults.length = 0;
    world.clock.now = Date.parse('2026-11-28T10:00:00.000Z');
    await world.makeStreams();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const idsOf = (table: ScheduleTable, ...query: Parameters<ScheduleTable['newest']>): readonly string[] =>
    [...table.newest(...query)].map(({ identity }) => identity.id);
  const pause = async (scheduleId: string): Promise<void> => {
    await world.journal.submit(scheduleId, { type: 'PauseSchedule' });
  };
  const disarm = async (scheduleId: string): Promise<KnownSchedule> => {
    const { known } = await world.journal.submit(scheduleId, { type: 'DisarmSchedule', atMs: world.clock.now, by: 2 });
    return known!;
  };

  it('holds all that the log holds when it is open', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `sch_${index}`);
    for (const id of ids) await world.arm(id);
    await pause('sch_7');
    await using table = await world.openTable();
    expect(table.size).toBe(50);
    expect(idsOf(table, 'ws_1').toSorted()).toEqual(ids.toSorted());
    expect(idsOf(table, 'ws_2')).toEqual([]);
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
    expect(idsOf(table, 'ws_1').toSorted()).toEqual(['sch_1', 'sch_2']);
  });

  it('knows of each what is asked of many, and a page of them by age', async () => {
    await using table = await world.openTable();
    const many = ['sch_b', 'sch_a', 'sch_d', 'sch_c', 'sch_e'];
    for (const [index, id] of many.entries()) {
      // Two at a time at the same instant.
      if (index % 2 === 0) world.clock.now += 1;
      await world.arm(id, { workflowId: `wf_${id}`, ...(id === 'sch_e' ? { rule: PAST } : {}) }, index + 1);
    }
    await world.arm('sch_other', { workspaceId: 'ws_2' });
    await pause('sch_d');
    await until('all are there', () => table.size === 6 && table.summaryOf('sch_d')?.status === 'paused');
    const newest = ['sch_e', 'sch_d', 'sch_c', 'sch_b', 'sch_a'];
    expect(idsOf(table, 'ws_1')).toEqual(newest);
    const armedAtMs = world.clock.now - 1;
    const behind = { armedAtMs, id: 'sch_d' };
    expect(idsOf(table, 'ws_1', { behind })).toEqual(newest.slice(2));
    expect(idsOf(table, 'ws_1', { workflowId: 'wf_sch_a' })).toEqual(['sch_a']);
    expect(idsOf(table, 'ws_1', { behind, workflowId: 'wf_sch_e' })).toEqual([]);
    const identity = { id: 'sch_d', workspaceId: 'ws_1', workflowId: 'wf_sch_d', armedAtMs };
    const calendar = { croner: '11', zones: '2026c' };
    expect(table.summaryOf('sch_d')).toMatchObject({ identity, armedVersion: 3, status: 'paused', calendar });
    const statuses = new Map([...table.summaries()].map((one) => [one.identity.id, one.status]));
    expect(['sch_a', 'sch_e', 'sch_other'].map((id) => statuses.get(id))).toEqual(['active', 'finished', 'active']);
  });

  it('does not keep what is over, and takes it back when it is armed again', async () => {
    await using table = await world.openTable();
    await world.arm('sch_1');
    await world.arm('sch_2');
    await until('they are armed', () => table.size === 2);
    await disarm('sch_1');
    await until('it is gone', () => table.size === 1);
    expect(table.find('sch_1')).toBeUndefined();
    expect(idsOf(table, 'ws_1')).toEqual(['sch_2']);
    await using later = await world.openTable();
    expect(later.size).toBe(1);
    await world.arm('sch_1', {}, 3);
    await until('it is back', () => table.summaryOf('sch_1')?.armedVersion === 3);
    expect(idsOf(table, 'ws_1').toSorted()).toEqual(['sch_1', 'sch_2']);
  });

  it('keeps what was disarmed until its slots have their outcomes', async () => {
    await world.arm('sch_1');
    await using table = await world.openTable();
    world.clock.now += MINUTE_MS;
    await disarm('sch_1');
    await until('it is disarmed', () => table.summaryOf('sch_1')?.armedVersion === undefined);
    expect(table.summaryOf('sch_1')).toMatchObject({ status: undefined });
    expect(table.dueMsOf('sch_1')).toBe(world.clock.now);
    await world.journal.submit('sch_1', { type: 'DecideSlots' });
    await until('it is gone', () => table.size === 0);
  });

  it('brings back nothing that is older than what was over', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using behind = await SchedulesOnNats.open(`127.0.0.1:${proxy.port}`);
    await using table = await behind.openTable();
    const armed = await world.arm('sch_1');
    await until('it is armed', () => table.size === 1);
    proxy.hold();
    await pause('sch_1');
    const over = await disarm('sch_1');
    // Ahead of the log: it is gone for whoever asks what is armed or due, and what comes meanwhile finds it.
    table.put('sch_1', over);
    const heard: unknown[] = [];
    table.listen((_, dueMs) => void heard.push(dueMs));
    table.put('sch_1', armed);
    expect(table.summaryOf('sch_1')?.armedVersion).toBeUndefined();
    proxy.release();
    await until('it has left', () => table.size === 0);
    expect(heard).toEqual([undefined]);
    table.put('sch_1', armed);
    table.put('sch_1', over);
    expect([table.size, idsOf(table, 'ws_1'), heard]).toEqual([0, [], [undefined]]);
    const again = await world.arm('sch_1', {}, 3);
    table.put('sch_1', again);
    expect(table.find('sch_1')).toEqual(again);
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
