import { Api } from '../support/api.ts';
import { EACH_MISFIRE, ScheduledWorkflow, type SlotView } from '../support/scheduled-workflow.ts';
import { startWithTwoSchedulers, untilPassed } from '../support/scheduling.ts';

const AWAY_MS = 3_000;

describe('every server of Millrace restarted over several slots', () => {
  let millrace: Awaited<ReturnType<typeof startWithTwoSchedulers>>;

  beforeAll(async () => {
    millrace = await startWithTwoSchedulers();
  }, 90_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  /** Ends all of them in that way, and starts them again, whoever schedules last. Gives the time between. */
  const restart = async (end: (part: (typeof millrace.names)[number]) => Promise<void>) => {
    const from = new Date();
    await Promise.all(millrace.names.map(end));
    await untilPassed(AWAY_MS);
    for (const part of millrace.names) await millrace.startPart(part);
    return { from, to: new Date() };
  };

  it.each(['SIGTERM', 'kill -9'])(
    'by %s: slots of meanwhile have the outcome that their policy says',
    async (way) => {
      const api = await Api.register(millrace.url);
      const workflow = await ScheduledWorkflow.start(api, EACH_MISFIRE);
      await workflow.untilFired(2);
      const away = await restart((part) => (way === 'SIGTERM' ? millrace.stopPart(part) : millrace.killPart(part)));
      await workflow.untilFired(2);

      const slots = await workflow.proven();
      const ofMeanwhile = (nodeId: string): readonly SlotView[] =>
        (slots.get(nodeId) ?? []).filter(({ slot }) => new Date(slot) > away.from && new Date(slot) < away.to);
      const outcomesOf = (nodeId: string) => new Set(ofMeanwhile(nodeId).map(({ outcome }) => outcome));
      expect(outcomesOf('all')).toEqual(new Set(['fired']));
      expect(outcomesOf('once')).toContain('coalesced');
      expect(outcomesOf('none')).toContain('missed');
      // What was let go by was let go by once, and not slot by slot.
      const coalesced = ofMeanwhile('once').filter(({ outcome }) => outcome === 'coalesced');
      expect(new Set(coalesced.map(({ into }) => into)).size).toBe(1);
    },
    90_000,
  );
});
