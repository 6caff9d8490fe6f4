import fc from 'fast-check';
import { workflowFamilies } from '#libs/execution-engine/testing';
import { calmDown, SimulatedWorld, startedIn, takeTurn as take, turns } from '#libs/execution-runtime/testing';
import { ExecutionFold, projectCommit, type ExecutionRecord } from './execution-record.ts';

describe('the fold of a whole history', () => {
  it('gives after each commit what commits give one by one', async () => {
    await fc.assert(
      fc.asyncProperty(workflowFamilies, turns, async (workflows, sequence) => {
        const world = new SimulatedWorld(workflows);
        for (const process of world.processes.slice(0, 2)) world.start(process);
        for (const one of sequence) {
          await world.settle();
          take(world, one);
        }
        world.calm();
        await calmDown(world);
        for (const [executionId] of startedIn(world)) {
          const fold = new ExecutionFold();
          let record: ExecutionRecord | undefined;
          for (const commit of world.log.historyOf(executionId)) {
            const before = JSON.stringify(record);
            const after = projectCommit(record, commit);
            // What was given out before stays as it was.
            expect(JSON.stringify(record)).toBe(before);
            fold.add(commit);
            expect(fold.record).toEqual(after);
            record = after;
          }
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  }, 60_000);
});
