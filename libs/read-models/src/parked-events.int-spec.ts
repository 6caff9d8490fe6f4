import { executionSucceeded, scheduled, started, succeeded } from '#libs/execution-engine/testing';
import { until } from '#libs/jetstream/testing';
import { countParked, listParked } from './parked-events.ts';
import { ProjectedLog } from '../../../test/support/projected-log.ts';

describe('an event that a projection can not take', () => {
  let log: ProjectedLog;
  beforeEach(async () => {
    log = await ProjectedLog.open(1);
  }, 60_000);
  afterEach(async () => {
    await log[Symbol.asyncDispose]();
  });

  const run = async (id: string): Promise<void> => {
    await log.say(id, started({ id }));
    await log.say(id, scheduled('call'));
    await log.say(id, succeeded('call'), executionSucceeded('call'));
  };
  const expectOthersWhole = async (): Promise<void> => {
    await until('live is level', () => log.isLevel());
    const records = await log.records();
    records.delete('ex_bad');
    log.commits.delete('ex_bad');
    expect(records).toEqual(log.folds());
    expect(log.failures).toEqual([]);
  };
  const parked = async () =>
    (await listParked(log.database, 'executions', { limit: 10 })).map(({ sequence, aggregateId, reason }) => ({
      sequence,
      aggregateId,
      reason,
    }));
  const BEHIND = expect.stringMatching(/an earlier event of the same history is parked/) as string;

  it('is parked when it can not be read, with what follows in its history, and holds up nobody else', async () => {
    await run('ex_a');
    await log.sayRaw('ex_bad', 'not a commit');
    await Promise.all(Array.from({ length: 100 }, (_, index) => run(`ex_b${index}`)));
    await log.sayRaw('ex_bad', '{}\n[]');
    await run('ex_c');
    await using _live = log.follow();
    await expectOthersWhole();
    expect(await parked()).toEqual([
      { sequence: 4, aggregateId: 'ex_bad', reason: expect.stringMatching(/message 4 is not/) as string },
      { sequence: 305, aggregateId: 'ex_bad', reason: BEHIND },
    ]);
    expect(log.parked).toHaveLength(2);
    expect(await countParked(log.database)).toEqual(new Map([['executions', 2]]));
  });

  it('is parked when it breaks an invariant, and what was there before it stays', async () => {
    await using _live = log.follow();
    await run('ex_a');
    await log.say('ex_bad', succeeded('call'));
    await log.say('ex_bad', executionSucceeded('call'));
    await run('ex_b');
    await expectOthersWhole();
    expect(await parked()).toEqual([
      { sequence: 4, aggregateId: 'ex_bad', reason: 'NodeSucceeded of ex_bad before ExecutionStarted' },
      { sequence: 5, aggregateId: 'ex_bad', reason: BEHIND },
    ]);
    expect((await log.records()).has('ex_bad')).toBe(false);
  });

  it('is parked when Postgres refuses what it holds', async () => {
    await using _live = log.follow();
    await run('ex_a');
    const begun = started({});
    await log.say('ex_bad', { ...begun, data: { ...begun.data, workflowId: 'wf_\u0000' } });
    await run('ex_b');
    await expectOthersWhole();
    expect(await parked()).toMatchObject([{ sequence: 4, aggregateId: 'ex_bad' }]);
  });

  it('is remembered by the next projector', async () => {
    await log.sayRaw('ex_bad', 'not a commit');
    const first = log.follow();
    await until('it is parked', () => log.parked.length === 1);
    await first[Symbol.asyncDispose]();
    await using _second = log.follow();
    await log.say('ex_bad', started({}));
    await expectOthersWhole();
    expect(await parked()).toMatchObject([{ sequence: 1 }, { sequence: 2, reason: BEHIND }]);
  });

  it('is tried again when the rows are begun anew', async () => {
    await log.sayRaw('ex_bad', 'not a commit');
    await run('ex_a');
    const first = log.follow();
    await until('live is level', () => log.isLevel());
    await first[Symbol.asyncDispose]();
    await log.database.query(`update projection_checkpoints set sequence = 0, digest = ''`);
    await using _second = log.follow();
    await expectOthersWhole();
    expect(log.parked).toHaveLength(2);
    expect(await parked()).toMatchObject([{ sequence: 1 }]);
  });
});
