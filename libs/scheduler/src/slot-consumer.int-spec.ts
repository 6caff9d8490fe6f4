import { reconcileConsumer } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import type { SlotStart } from '#libs/schedule';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { createSlotConsumer, SLOT_CONSUMER } from './slot-consumer.ts';
import { SchedulesOnNats } from './testing/schedules-on-nats.ts';

const MINUTE_MS = 60_000;

describe('the consumer of slots', () => {
  let nats: TestNats;
  let world: SchedulesOnNats;
  const errors: unknown[] = [];

  beforeAll(async () => {
    nats = await startTestNats();
    world = await SchedulesOnNats.open(nats.url);
  });
  beforeEach(async () => {
    errors.length = 0;
    await world.makeStreams();
    for (const { name } of world.layout.streams) await reconcileConsumer(world.manager, name, SLOT_CONSUMER);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const streamOf = (scheduleId: string): string => world.layout.streamOf(scheduleId);
  const consume = (scheduleId: string, start: (slot: SlotStart) => Promise<void>) =>
    createSlotConsumer({
      connection: world.connection,
      stream: streamOf(scheduleId),
      start,
      onError: (error) => void errors.push(error),
      ensureConsumer: async () => undefined,
    });
  const leftOf = async (scheduleId: string): Promise<number> => {
    const info = await world.manager.consumers.info(streamOf(scheduleId), SLOT_CONSUMER.durable_name);
    return info.num_pending + info.num_ack_pending;
  };
  const isAllDone = async (scheduleId: string): Promise<boolean> => (await leftOf(scheduleId)) === 0;
  const fire = async (scheduleId: string, minutes = 1): Promise<void> => {
    world.clock.now += minutes * MINUTE_MS;
    await world.journal.submit(scheduleId, { type: 'DecideSlots' });
  };

  it('starts what commits say, in the order of their slots, and acknowledges all', async () => {
    const started: string[] = [];
    await world.arm('sch_1', { misfire: 'runAll' });
    const from = world.clock.now;
    await fire('sch_1', 3);
    await using _consumer = consume('sch_1', async ({ executionId }) => void started.push(executionId));
    await until('all is done', () => isAllDone('sch_1'));
    expect(started).toEqual([1, 2, 3].map((minute) => `sch_1@${from + minute * MINUTE_MS}`));
    expect(errors).toEqual([]);
  });

  it('comes again with what could not be started, the same each time', async () => {
    const asked: string[] = [];
    await world.arm('sch_1');
    await fire('sch_1');
    await using _consumer = consume('sch_1', async ({ executionId }) => {
      asked.push(executionId);
      if (asked.length === 1) throw new Error('not now');
    });
    await until('all is done', () => isAllDone('sch_1'));
    expect(asked).toEqual(Array<string>(2).fill(`sch_1@${world.clock.now}`));
    expect(errors).toMatchObject([{ message: 'not now' }]);
  });

  it.each([
    ['a start of another version', { queue: 'start', payload: { executionId: 'ex_1' } }],
    ['a task of another kind', { queue: 'stop', payload: {} }],
  ])('tells of %s, keeps it, and goes on with others', async (_, task) => {
    const { sequence } = await world.arm('sch_1');
    const last = (await world.store.readLast('sch_1'))!;
    const events = [{ type: 'SchedulePaused', data: { from: last.at, leavesSlots: false, planned: [] } }] as const;
    await world.store.append({ ...last, id: 'other', firstVersion: 2, events, tasks: [task] }, sequence);
    const started: string[] = [];
    await using _consumer = consume('sch_1', async ({ executionId }) => void started.push(executionId));
    await until('it is told', () => errors.length === 1);
    const other = ['sch_2', 'sch_3', 'sch_4', 'sch_5', 'sch_6', 'sch_7'].find(
      (id) => streamOf(id) === streamOf('sch_1'),
    )!;
    await world.arm(other);
    await fire(other);
    await until('the other is started', () => started.length === 1);
    await until('only that is left', async () => (await leftOf('sch_1')) === 1);
    expect(String(errors[0])).toMatch(/can't read/);
  });
});
