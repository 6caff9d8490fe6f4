import { Api } from '../support/api.ts';
import { EACH_MISFIRE, ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { firedBy, leaderAt, startWithTwoSchedulers, untilLeads } from '../support/scheduling.ts';
import { ShiftedClock } from '../support/shifted-clock.ts';

const DAYS_MS = 3 * 24 * 60 * 60 * 1000;
const TAKES_OVER_WITHIN_MS = 5_000;

describe('the clock of one of two schedulers is set', () => {
  let clock: ShiftedClock;
  let millrace: Awaited<ReturnType<typeof startWithTwoSchedulers>>;

  beforeAll(async () => {
    clock = await ShiftedClock.create();
    millrace = await startWithTwoSchedulers({ first: clock.env });
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('three days forward: the other one leads at once, no slot is lost and none of the future is decided', async () => {
    const api = await Api.register(millrace.url);
    await untilLeads(api, millrace.pidOf('first'));
    const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await workflow.untilFired(2);
    clock.shift(DAYS_MS);
    const leader = await untilLeads(api, millrace.pidOf('second'), TAKES_OVER_WITHIN_MS);
    // Executions of what the one decides are started by the other as well.
    await workflow.untilFired(6);
    const firedByWrong = await firedBy(millrace.urlOf('first'));
    clock.shift(0);
    await workflow.untilFired(3);
    expect(await leaderAt(api)).toEqual(leader);
    expect(await firedBy(millrace.urlOf('first'))).toBe(firedByWrong);

    const slots = [...(await workflow.proven()).values()].flat();
    for (const { outcome, slot, at } of slots) {
      expect(outcome).toBe('fired');
      const lateMs = Date.parse(at ?? '') - Date.parse(slot);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(TAKES_OVER_WITHIN_MS);
    }
  }, 60_000);
});
