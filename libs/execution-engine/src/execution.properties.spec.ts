import fc from 'fast-check';
import type { Plan } from '#libs/workflow-definition';
import type { ExecutionCommand } from './commands.ts';
import { executionEventSchema } from './event-schemas.ts';
import { evolve, initialState } from './evolve.ts';
import { putBacksOf } from './put-backs.ts';
import { SNAPSHOT_VERSION, stateOfSnapshot } from './snapshot.ts';
import { isTerminal } from './state.ts';
import {
  definitions,
  failure,
  finalNode,
  fire,
  nodesTooEarly,
  nodesWithTwoResults,
  Simulation,
  success,
} from './testing/index.ts';

/** What happens next: a report on one of the open tasks, a timer, or something that comes late or twice. */
type Turn =
  | { readonly kind: 'succeed' | 'fail' | 'failForGood' | 'limit' | 'fire'; readonly pick: number }
  | { readonly kind: 'repeat' | 'stale'; readonly pick: number };

const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Turn['kind'][]>(
      'succeed',
      'succeed',
      'fail',
      'failForGood',
      'limit',
      'fire',
      'repeat',
      'stale',
    ),
    pick: fc.nat(50),
  }),
  { maxLength: 40 },
);

interface Run {
  readonly plan: Plan;
  readonly simulation: Simulation;
  readonly commands: readonly ExecutionCommand[];
}

const input = { body: { yes: true, no: false } };
const start: ExecutionCommand = {
  type: 'StartExecution',
  workspaceId: 'ws_1',
  workflowId: 'wf_drawn',
  workflowVersion: 1,
  trigger: { type: 'trigger.manual', nodeId: 'start' },
  input: { value: input },
  priority: 'normal',
};

/** Executions of generated workflows: reports in any order, then everything that is still open succeeds. */
const runs: fc.Arbitrary<Run> = fc.tuple(definitions, turns).map(([{ plan }, sequence]) => {
  const simulation = new Simulation(plan);
  const commands: ExecutionCommand[] = [];
  const submit = (command: ExecutionCommand): void => {
    commands.push(command);
    simulation.submit(command);
  };
  submit(start);
  submit({ type: 'BeginExecution' });
  for (const turn of sequence) {
    const command = commandOf(turn, simulation, commands);
    if (command) submit(command);
  }
  // Three attempts of each node at most, each with a timer.
  for (let left = plan.nodes.size * 6; left > 0 && !isTerminal(simulation.state); left--) {
    const command = commandOf(
      { kind: simulation.tasks.length > 0 ? 'succeed' : 'fire', pick: 0 },
      simulation,
      commands,
    );
    if (command) submit(command);
  }
  return { plan, simulation, commands };
});

function commandOf(
  { kind, pick }: Turn,
  { tasks, timers }: Simulation,
  commands: readonly ExecutionCommand[],
): ExecutionCommand | undefined {
  if (kind === 'repeat') return commands[pick % commands.length];
  if (kind === 'fire') return fireOne([...timers], pick, timers);
  const index = tasks.length === 0 ? -1 : pick % tasks.length;
  const task = tasks[index];
  if (!task) return undefined;
  if (kind === 'stale') return success(task.nodeId, 'of an attempt that is not the current one', task.attempt + 100);
  tasks.splice(index, 1);
  if (kind === 'succeed') return success(task.nodeId, { by: task.nodeId }, task.attempt);
  const limited = kind === 'limit' ? { limitedAt: 'somewhere', retryAfterMs: 0 } : {};
  const { nodeId, attempt, ...making } = task;
  return { ...failure(nodeId, { retryable: kind !== 'failForGood', ...limited }, attempt), ...putBacksOf(making) };
}

function fireOne(armed: readonly string[], pick: number, timers: Set<string>): ExecutionCommand | undefined {
  const timerId = armed[pick % Math.max(1, armed.length)];
  if (timerId === undefined) return undefined;
  timers.delete(timerId);
  return fire(timerId);
}

const holds = (property: (run: Run) => void): void => fc.assert(fc.property(runs, property), { numRuns: 300 });

describe('every execution of an acyclic workflow', () => {
  it('ends, with nothing left to do', () => {
    holds(({ simulation: { state, tasks, timers, history } }) => {
      expect(isTerminal(state)).toBe(true);
      expect(state).toMatchObject({ active: 0 });
      expect(history.filter(({ type }) => type === 'ExecutionSucceeded' || type === 'ExecutionFailed')).toHaveLength(1);
      expect(timers.size).toBe(0);
      // What failed leaves tasks behind, which find that nobody waits for them.
      if (state.status === 'succeeded') expect(tasks).toEqual([]);
    });
  });

  it('decides about every node that has connections into it when it succeeds, and about no other', () => {
    holds(({ plan, simulation: { state, history } }) => {
      if (state.status !== 'succeeded') return;
      const inner = [...plan.nodes.values()].filter((node) => node.incoming.length > 0).map((node) => node.id);
      expect(history.flatMap(finalNode).sort()).toEqual(inner.sort());
    });
  });

  it('starts and skips no node before the connections into it allow it', () => {
    holds(({ plan, simulation }) => expect(nodesTooEarly(plan, simulation.history)).toEqual([]));
  });

  it('records at most one final result of a node', () => {
    holds(({ simulation: { history } }) => expect(nodesWithTwoResults(history)).toEqual([]));
  });

  it('is changed by nothing that was reported before', () => {
    holds(({ simulation, commands }) => {
      for (const command of commands) expect(simulation.submit(command)).toEqual([]);
    });
  });
});

describe('a report that comes twice in a row', () => {
  it('follows nothing, at any point of the history', () => {
    fc.assert(
      fc.property(definitions, turns, ({ plan }, sequence) => {
        const simulation = new Simulation(plan);
        const commands: ExecutionCommand[] = [];
        for (const first of [start, { type: 'BeginExecution' } as const]) {
          simulation.submit(first);
          expect(simulation.submit(first)).toEqual([]);
        }
        for (const turn of sequence) {
          const command = commandOf(turn, simulation, commands);
          if (!command) continue;
          commands.push(command);
          simulation.submit(command);
          expect(simulation.submit(command)).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a history', () => {
  it('folds to the state that was held', () => {
    holds(({ simulation: { commits, state } }) => {
      const folded = commits.reduce(
        (before, { events, at }) => events.reduce((one, event) => evolve(one, event, at), before),
        initialState(),
      );
      expect(folded).toEqual(state);
    });
  });

  it('folds to the same from any snapshot on', () => {
    holds(({ simulation: { commits, state } }) => {
      for (const [index, { after }] of commits.entries()) {
        const stored: unknown = JSON.parse(JSON.stringify({ version: SNAPSHOT_VERSION, state: after }));
        const restored = stateOfSnapshot(stored);
        expect(restored).toEqual(after);
        const tail = commits.slice(index + 1);
        const folded = tail.reduce(
          (before, { events, at }) => events.reduce((one, event) => evolve(one, event, at), before),
          restored!,
        );
        expect(folded).toEqual(state);
      }
    });
  });

  it('survives JSON and the schema of its events', () => {
    holds(({ simulation: { history } }) => {
      const stored: unknown = JSON.parse(JSON.stringify(history));
      expect(stored).toStrictEqual(history);
      expect((stored as unknown[]).map((event) => executionEventSchema.parse(event))).toStrictEqual(history);
    });
  });
});
