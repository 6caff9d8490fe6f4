import fc from 'fast-check';
import { LogUnavailableError } from '#libs/event-sourcing';
import { InvariantError, MillraceError } from '#libs/kernel';
import { backoffMs, FailingWork, MAX_FAILURES, type FailedWork } from './failing-work.ts';

const BUG = new InvariantError('it can not be');
const AWAY = new LogUnavailableError('no connection');
const AGAIN = { againAfterMs: 500 };
const work = (sequence = 1): FailedWork => ({
  stream: 'TASKS_0',
  sequence,
  deliveries: 1,
  queue: 'run.http',
  payload: { executionId: 'ex_1', nodeId: 'a', attempt: 1 },
});

/** Work that fails, and what is done about it; `recorded` is what becomes of the attempt's failure. */
function given(recorded: () => Promise<boolean> = () => Promise.resolve(false)) {
  const setAside: { work: FailedWork; error: unknown }[] = [];
  const process = { isStopping: false };
  const failing = new FailingWork({
    isAway: (error) => error instanceof MillraceError && error.kind === 'unavailable',
    isStopping: () => process.isStopping,
    recordFailure: recorded,
    poison: { setAside: async (one, error) => void setAside.push({ work: one, error }) },
  });
  const fail = async (times: number, error: unknown = BUG, of = work()): Promise<unknown> => {
    let after: unknown;
    for (let n = 0; n < times; n++) after = await failing.after(error, of);
    return after;
  };
  return { fail, setAside, process };
}

describe('work that fails', () => {
  it('by a bug comes again, later and later, and is set aside at the last of its failures', async () => {
    const { fail, setAside } = given();
    const delays: unknown[] = [];
    for (let n = 1; n < MAX_FAILURES; n++) delays.push(await fail(1));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000].map((againAfterMs) => ({ againAfterMs })));
    expect(setAside).toEqual([]);
    expect(await fail(1)).toBe('done');
    expect(setAside).toEqual([{ work: work(), error: BUG }]);
  });

  it('because something is away comes again for ever, and that does not count', async () => {
    const { fail, setAside } = given();
    expect(await fail(50, AWAY)).toEqual(AGAIN);
    await fail(MAX_FAILURES - 1);
    expect(await fail(50, AWAY)).toEqual(AGAIN);
    expect(setAside).toEqual([]);
    expect(await fail(1)).toBe('done');
  });

  it('because the process is ending comes again', async () => {
    const { fail, setAside, process } = given();
    process.isStopping = true;
    expect(await fail(MAX_FAILURES + 1)).toEqual(AGAIN);
    expect(setAside).toEqual([]);
  });

  it('is counted message by message', async () => {
    const { fail, setAside } = given();
    for (let sequence = 1; sequence <= 20; sequence++) await fail(MAX_FAILURES - 1, BUG, work(sequence));
    expect(setAside).toEqual([]);
  });

  it('is not set aside when its failure is recorded', async () => {
    const { fail, setAside } = given(() => Promise.resolve(true));
    expect(await fail(MAX_FAILURES)).toBe('done');
    expect(setAside).toEqual([]);
  });

  it('is set aside when its failure can not be recorded either', async () => {
    const { fail, setAside } = given(() => Promise.reject(BUG));
    expect(await fail(MAX_FAILURES)).toBe('done');
    expect(setAside).toHaveLength(1);
  });

  it('waits when the log is away as it is to be given up', async () => {
    const { fail, setAside } = given(() => Promise.reject(AWAY));
    await expect(fail(MAX_FAILURES)).rejects.toBe(AWAY);
    await expect(fail(1)).rejects.toBe(AWAY);
    expect(setAside).toEqual([]);
  });
});

it('the delay never shrinks, and has a cap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (failures) => {
      expect(backoffMs(failures + 1)).toBeGreaterThanOrEqual(backoffMs(failures));
      expect(backoffMs(failures)).toBeLessThanOrEqual(30_000);
    }),
  );
});
