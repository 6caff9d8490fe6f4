import { Api } from '../support/api.ts';
import { EACH_MISFIRE, ScheduledWorkflow } from '../support/scheduled-workflow.ts';
import { startWithTwoSchedulers, untilPassed } from '../support/scheduling.ts';

describe('kill -9 of NATS over several slots', () => {
  let millrace: Awaited<ReturnType<typeof startWithTwoSchedulers>>;

  beforeAll(async () => {
    millrace = await startWithTwoSchedulers();
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('slots go on by themselves, and those of meanwhile have the outcome that their policy says', async () => {
    const api = await Api.register(millrace.url);
    const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
    await workflow.untilFired(2);
    await millrace.servers.nats.kill();
    const killedAt = new Date();
    await untilPassed(5_000);
    await millrace.servers.nats.start();
    await millrace.untilReadinessIs(200);
    await workflow.untilFired(2);

    const slots = await workflow.proven();
    const outcomesOf = (nodeId: string): string[] =>
      (slots.get(nodeId) ?? []).filter(({ slot }) => new Date(slot) > killedAt).map(({ outcome }) => outcome ?? 'none');
    expect(new Set(outcomesOf('all'))).toEqual(new Set(['fired']));
    expect(new Set(outcomesOf('once'))).toEqual(new Set(['coalesced', 'fired']));
    expect(new Set(outcomesOf('none'))).toEqual(new Set(['missed', 'fired']));
  }, 90_000);
});
