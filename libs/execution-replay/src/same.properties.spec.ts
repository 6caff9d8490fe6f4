import fc from 'fast-check';
import type { StoredCommit } from '#libs/event-sourcing';
import { NO_STORED_VALUES, type ExecutionEvent } from '#libs/execution-engine';
import { workflowFamilies, type WorkflowFamily } from '#libs/execution-engine/testing';
import {
  calmDown,
  SimulatedWorld,
  startedIn,
  takeTurn as take,
  turns,
  type Turn,
} from '#libs/execution-runtime/testing';
import { leanCommit, replay, type Recording } from './index.ts';

interface Life {
  readonly workflows: WorkflowFamily;
  readonly sequence: readonly Turn[];
}

/** Executions of all kinds, under all troubles that the simulation knows, to their ends. */
async function lived({ workflows, sequence }: Life): Promise<SimulatedWorld> {
  const world = new SimulatedWorld(workflows);
  for (const process of world.processes.slice(0, 2)) world.start(process);
  await world.settle();
  for (const one of sequence) {
    await world.settle();
    take(world, one);
  }
  await world.settle();
  world.calm();
  await calmDown(world);
  return world;
}

const lives: fc.Arbitrary<Life> = fc.record({ workflows: workflowFamilies, sequence: turns });

const recordingOf = (executionId: string, commits: readonly StoredCommit<ExecutionEvent>[]): Recording => ({
  executionId,
  // As the log gives it back.
  commits: JSON.parse(JSON.stringify(commits)) as typeof commits,
  stored: NO_STORED_VALUES,
});

const leanOf = (recording: Recording): Recording => ({
  ...recording,
  commits: recording.commits.flatMap((commit) => leanCommit(commit) ?? []),
});

describe('a history, replayed with the version that made it', () => {
  it('is the same, over or not', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const world = await lived(life);
        for (const [executionId, { workflowId }] of startedIn(world)) {
          const own = world.planFor(workflowId);
          const commits = world.log.historyOf(executionId);
          for (let length = 1; length <= commits.length; length++)
            expect(replay(recordingOf(executionId, commits.slice(0, length)), { own })).toEqual({ same: true });
          expect(replay(leanOf(recordingOf(executionId, commits)), { own })).toEqual({ same: true });
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});

describe('a history, replayed with another version', () => {
  it('tells the same differences each time', async () => {
    await fc.assert(
      fc.asyncProperty(lives, workflowFamilies, async (life, { parent }) => {
        const world = await lived(life);
        for (const [executionId, { workflowId }] of startedIn(world)) {
          if (workflowId !== parent.workflowId) continue;
          const recording = recordingOf(executionId, world.log.historyOf(executionId));
          const plans = { own: world.planFor(workflowId), other: parent };
          const told = replay(recording, plans);
          expect(replay(recording, plans)).toEqual(told);
          expect(replay(leanOf(recording), plans)).toEqual(told);
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});
