import { Api } from '../support/api.ts';
import { ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { firedBy, leaderAt, startWithTwoSchedulers, untilLeads, untilPassed } from '../support/scheduling.ts';

const FROZEN_MS = 30_000;

describe('SIGSTOP of the scheduler that leads, for 30 s', () => {
  let millrace: Awaited<ReturnType<typeof startWithTwoSchedulers>>;

  beforeAll(async () => {
    millrace = await startWithTwoSchedulers();
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('another one leads meanwhile, and the one that is woken fires nothing of what it slept through', async () => {
    const api = await Api.register(millrace.url);
    await untilLeads(api, millrace.pidOf('first'));
    const workflow = await ScheduledWorkflow.start(api, {
      everySecond: { everyMs: 1000, misfire: 'runAll' },
      evenSeconds: { cron: '*/2 * * * * *', misfire: 'runOnce' },
      oddSeconds: { cron: '1-59/2 * * * * *', misfire: 'skip' },
    });
    await workflow.untilFired(2);
    millrace.freezePart('first');
    const frozenAt = new Date();
    const leader = await untilLeads(api, millrace.pidOf('second'), 5_000);
    await untilPassed(FROZEN_MS);
    millrace.thawPart('first');
    await workflow.untilFired(4);
    expect(await leaderAt(api)).toEqual(leader);
    const firedByWoken = await firedBy(millrace.urlOf('first'));

    const slots = [...(await workflow.proven()).values()].flat();
    const fired = slots.filter(({ outcome }) => outcome === 'fired');
    const before = fired.filter(({ at }) => at !== null && new Date(at) <= frozenAt);
    expect(firedByWoken).toBeGreaterThan(0);
    expect(firedByWoken).toBeLessThanOrEqual(before.length);
    // While nobody led nothing was lost: the schedule that runs all of its slots did.
    expect(slots.filter(({ slot }) => new Date(slot) > frozenAt).length).toBeGreaterThan(FROZEN_MS / 1000);
    for (const { lateMs } of fired) expect(lateMs).toBeLessThan(10_000);
  }, 90_000);
});
