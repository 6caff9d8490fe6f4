import { Api } from '../support/api.ts';
import { ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { startWithTwoSchedulers, untilLeads } from '../support/scheduling.ts';

describe('kill -9 of the scheduler that leads', () => {
  let millrace: Awaited<ReturnType<typeof startWithTwoSchedulers>>;

  beforeAll(async () => {
    millrace = await startWithTwoSchedulers();
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('another one leads within 5 s, and each slot has one outcome', async () => {
    const api = await Api.register(millrace.url);
    const before = await untilLeads(api, millrace.pidOf('first'));
    const workflow = await ScheduledWorkflow.start(api, {
      everySecond: { everyMs: 1000, misfire: 'runAll' },
      evenSeconds: { cron: '*/2 * * * * *', misfire: 'runOnce' },
      oddSeconds: { cron: '1-59/2 * * * * *', misfire: 'skip' },
    });
    await workflow.untilFired(2);
    await millrace.killPart('first');
    const after = await untilLeads(api, millrace.pidOf('second'), 5_000);
    expect(after.revision).toBeGreaterThan(before.revision);
    await workflow.untilFired(2);
    // Whoever comes back stands by.
    await millrace.startPart('first');
    expect(await untilLeads(api, millrace.pidOf('second'))).toEqual(after);
    const slots = await workflow.proven();
    for (const { outcome } of slots.get('everySecond') ?? []) expect(outcome).toBe('fired');
  }, 60_000);
});
