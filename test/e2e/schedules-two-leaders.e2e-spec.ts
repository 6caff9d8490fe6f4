import { Api } from '../support/api.ts';
import { BelievingLeader } from '../support/believing-leader.ts';
import { ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { firedBy, startWithScheduler } from '../support/scheduling.ts';
import { until } from '../support/until.ts';

describe('processes that all believe to lead the scheduling', () => {
  let millrace: Awaited<ReturnType<typeof startWithScheduler>>;

  beforeAll(async () => {
    millrace = await startWithScheduler();
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('decide each slot once between them, and start one execution', async () => {
    const api = await Api.register(millrace.url);
    const everySecond = { everyMs: 1000, misfire: 'runAll' };
    const workflow = await ScheduledWorkflow.start(api, {
      ...{ one: everySecond, two: everySecond, three: everySecond, four: everySecond },
      evenSeconds: { cron: '*/2 * * * * *', misfire: 'runOnce' },
      oddSeconds: { cron: '1-59/2 * * * * *', misfire: 'skip' },
    });
    await using believers = new AsyncDisposableStack();
    const natsUrl = millrace.servers.nats.url;
    const leaders = await Promise.all([BelievingLeader.start(natsUrl), BelievingLeader.start(natsUrl)]);
    for (const leader of leaders) believers.use(leader);
    await workflow.untilFired(4);
    // They do compete: who is told of a slot first is a matter of chance.
    await until('each of them has fired some', async () =>
      leaders.every(({ fired }) => fired > 0) ? true : undefined,
    );
    const slots = [...(await workflow.proven()).values()].flat();
    const fired = slots.filter(({ outcome }) => outcome === 'fired');
    expect(fired.length).toBe(slots.length);
    await until('each slot was fired by one of them', async () => {
      const firedByAll = (await firedBy(millrace.urlOf('scheduler'))) + leaders[0].fired + leaders[1].fired;
      return firedByAll === fired.length ? true : undefined;
    });
  }, 90_000);
});
