import type { Execution } from '../support/api.ts';
import { Api } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { ScheduledWorkflow } from '../support/scheduled-workflow.ts';

/** Longer than from slot to slot. */
const WORK = { type: 'wait.delay', config: { delayMs: 2_500 } };

describe('slots that come while an execution of an earlier one is not over', () => {
  let millrace: LocalMillrace;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);

  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  it('are fired, skipped, queued, or cancel it, as the schedule says', async () => {
    const api = await Api.register(millrace.url);
    const everySecond = { everyMs: 1000, misfire: 'runAll' };
    const workflow = await ScheduledWorkflow.start(
      api,
      {
        allow: { ...everySecond, overlap: 'allow' },
        skip: { ...everySecond, overlap: 'skip' },
        queue: { ...everySecond, overlap: 'queue' },
        cancelPrevious: { ...everySecond, overlap: 'cancelPrevious' },
      },
      WORK,
    );
    await workflow.untilFired(2);
    const slots = await workflow.proven();

    const executions = await workflow.executions();
    const runsOf = (nodeId: string) =>
      executions
        .filter(({ trigger }) => trigger.nodeId === nodeId)
        .toSorted((one, other) => one.id.localeCompare(other.id));
    const outcomesOf = (nodeId: string) => new Set(slots.get(nodeId)?.map(({ outcome }) => outcome));
    for (const nodeId of ['allow', 'queue', 'cancelPrevious']) expect(outcomesOf(nodeId)).toEqual(new Set(['fired']));
    expect(runsOf('allow').some(overlapsNext)).toBe(true);

    expect(outcomesOf('skip')).toEqual(new Set(['fired', 'skipped']));
    const skipped = slots.get('skip')?.filter(({ outcome }) => outcome === 'skipped');
    expect(new Set(skipped?.map(({ reason }) => reason))).toEqual(new Set(['overlap']));
    expect(runsOf('skip').some(overlapsNext)).toBe(false);

    expect(runsOf('queue').some(overlapsNext)).toBe(false);
    for (const nodeId of ['allow', 'skip', 'queue'])
      expect(new Set(runsOf(nodeId).map(({ status }) => status))).toEqual(new Set(['succeeded']));

    const runs = runsOf('cancelPrevious');
    expect(runs.at(-1)?.status).toBe('succeeded');
    expect(runs.some(({ status }) => status === 'cancelled')).toBe(true);
    // On a machine that stands still for longer than the work takes, one ends before the next comes.
    const left = runs.slice(0, -1).filter((run, index) => run.status !== 'cancelled' && overlapsNext(run, index, runs));
    expect(left).toEqual([]);
  }, 90_000);
});

/** Whether the next began before this one was over. */
function overlapsNext({ finishedAt }: Execution, index: number, all: readonly Execution[]): boolean {
  const next = all[index + 1]?.startedAt;
  return next != null && finishedAt !== null && next < finishedAt;
}
