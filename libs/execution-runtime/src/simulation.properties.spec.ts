import fc from 'fast-check';
import { evolve, initialState, isTerminal, stateOfSnapshot, type ExecutionState } from '#libs/execution-engine';
import {
  attemptsBegunTwice,
  eventsAfterTheEnd,
  itemsWithTwoResults,
  nodesTooEarly,
  nodesWithTwoResults,
  resultsOfOldAttempts,
  timersFiredTwice,
  workflowFamilies,
  type WorkflowFamily,
} from '#libs/execution-engine/testing';
import {
  calmDown,
  childrenLeftAlone,
  deadReasons,
  quiet,
  startedIn,
  SimulatedWorld,
  take,
  turns,
  type Turn,
} from './testing/simulation/index.ts';

interface Life {
  readonly workflows: WorkflowFamily;
  /** Steps that go well before the turns: the later trouble begins, the further inside it strikes. */
  readonly calmSteps: number;
  readonly sequence: readonly Turn[];
}

/** Two executions, the turns as they come, and then all goes well until nothing is left to do. */
async function live({ workflows, calmSteps, sequence }: Life): Promise<SimulatedWorld> {
  const world = new SimulatedWorld(workflows);
  for (const process of world.processes.slice(0, 2)) world.start(process);
  world.calls.areCalm = calmSteps > 0;
  for (let step = 0; step < calmSteps; step++) await turn(world, { kind: 'go', pick: 0 });
  await world.settle();
  world.calls.areCalm = false;
  for (const one of sequence) await turn(world, one);
  await world.settle();
  expect(deadReasons(world)).toEqual([]);
  expect(wrongMemories(world)).toEqual([]);
  world.calm();
  await quiet(world, { untilMs: world.nowMs });
  expect({ dead: deadReasons(world), alone: childrenLeftAlone(world) }).toEqual({ dead: [], alone: [] });
  await calmDown(world);
  return world;
}

async function turn(world: SimulatedWorld, one: Turn): Promise<void> {
  await world.settle();
  take(world, one);
}

/** What a worker remembers is what the history folds to, at the version that it names. */
function wrongMemories(world: SimulatedWorld): readonly unknown[] {
  return world.processes.flatMap(({ states }) =>
    [...world.states.keys()].flatMap((executionId) => {
      const known = states.recent(executionId);
      return known ? differing(foldOf(world, executionId, known.sequence), known.state) : [];
    }),
  );
}

function wrongSnapshots(world: SimulatedWorld): readonly unknown[] {
  return world.log.commits.flatMap(({ aggregateId, sequence, snapshot }) => {
    const state = stateOfSnapshot(snapshot);
    return state ? differing(foldOf(world, aggregateId, sequence), state) : [];
  });
}

function foldOf(world: SimulatedWorld, executionId: string, sequence: number): ExecutionState {
  return world.log
    .historyOf(executionId)
    .filter((commit) => commit.sequence <= sequence)
    .reduce((state, { events, at }) => events.reduce((one, event) => evolve(one, event, at), state), initialState());
}

/** States are JSON: equal ones have equal texts, if their fields came in the same order, which a fold sees to. */
function differing(folded: ExecutionState, held: ExecutionState): readonly unknown[] {
  return JSON.stringify(folded) === JSON.stringify(held) ? [] : [{ folded, held }];
}

/** What is wrong in the histories, by the rule that it breaks. */
function brokenRules(world: SimulatedWorld): Readonly<Record<string, readonly string[]>> {
  const broken: Record<string, readonly string[]> = {};
  for (const [executionId, state] of startedIn(world)) {
    const history = world.log.historyOf(executionId).flatMap(({ events }) => events);
    const rules = {
      'one end, and nothing after it': eventsAfterTheEnd(history),
      'one result of a node': nodesWithTwoResults(history),
      'one result of an item': itemsWithTwoResults(history),
      'a result of the current attempt': resultsOfOldAttempts(history),
      'an attempt begins once': attemptsBegunTwice(history),
      'a timer acts once': timersFiredTwice(history),
      'no node before its inputs': nodesTooEarly(world.planFor(state.workflowId), history),
      'every start ends': isTerminal(state) ? [] : [JSON.stringify(state)],
    };
    for (const [rule, found] of Object.entries(rules)) if (found.length > 0) broken[`${executionId}: ${rule}`] = found;
  }
  return broken;
}

const lives: fc.Arbitrary<Life> = fc.record({ workflows: workflowFamilies, calmSteps: fc.nat(8), sequence: turns });

describe('the engine, whatever happens around it', () => {
  it('brings every execution to one end, records each result once, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const world = await live(life);
        expect(world.faults).toEqual([]);
        expect(brokenRules(world)).toEqual({});
        expect(wrongSnapshots(world)).toEqual([]);
        expect({ places: world.gates.present, timers: world.timers.armed }).toEqual({ places: [], timers: [] });
      }),
      { numRuns: 2_000, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});
