import { NodeError } from '#libs/node-kit';
import { AttemptCalls } from './attempt-calls.ts';

const LIMITED = new NodeError('ACME_RATE_LIMITED', 'too often', {
  ...{ retryable: true, retryAfterMs: 7_000, rateLimited: true, destination: 'failed' },
});
const read = { quotaKey: 'cr_1@acme', isRepeatable: true };
const write = { ...read, isRepeatable: false };
const answered = async () => 'answered';
const limited = () => Promise.reject(LIMITED);

describe('the calls of an attempt', () => {
  it('are counted by quota, but for the first of each', async () => {
    const spent: string[] = [];
    const calls = new AttemptCalls((key) => void spent.push(key));
    const made: string[] = [];
    for (const quotaKey of ['a', 'b', 'b', 'a', 'b']) made.push(await calls.make({ ...read, quotaKey }, answered));
    expect(made).toEqual(Array(5).fill('answered'));
    expect(spent).toEqual(['b', 'a', 'b']);
  });

  it('say so when a limit refuses the first one', async () => {
    const calls = new AttemptCalls(() => undefined);
    await expect(calls.make(write, limited)).rejects.toBe(LIMITED);
    // Nobody has answered yet.
    await expect(calls.make(write, limited)).rejects.toBe(LIMITED);
  });

  it('are all made again when a limit refuses a later one, and that does no harm', async () => {
    const calls = new AttemptCalls(() => undefined);
    await calls.make(read, answered);
    const { code, options } = await calls.make(write, limited).catch((error: NodeError) => error as never);
    expect([code, options]).toEqual([LIMITED.code, { ...LIMITED.options, afterAnswers: true, cause: LIMITED }]);
  });

  it('have failed when a limit refuses a later one, and making them again would do something twice', async () => {
    const calls = new AttemptCalls(() => undefined);
    await calls.make(write, answered);
    await calls.make(read, answered);
    const { options } = await calls.make(read, limited).catch((error: NodeError) => error as never);
    expect(options).toEqual({ retryable: true, retryAfterMs: 7_000, destination: 'failed', cause: LIMITED });
  });

  it('fail as they fail, where no limit is the reason', async () => {
    const calls = new AttemptCalls(() => undefined);
    await calls.make(read, answered);
    for (const error of [new NodeError('ACME_FAILED', 'oops', { retryable: true }), new TypeError('a bug')])
      await expect(calls.make(read, () => Promise.reject(error))).rejects.toBe(error);
  });
});
