import { isTerminal, reasonsToWait, waitsFor, type StartedExecution, type WaitReason } from '#libs/execution-engine';
import type { SimulatedWorld } from './simulated-world.ts';
import { take, verdicts } from './turns.ts';

/** Enough for every world that the turns can make; more means that it goes round in circles. */
const MAX_STEPS = 3_000;

/** Lets a calm world live on until everything is over that somebody outside, or the time, can bring to its end. */
export async function calmDown(world: SimulatedWorld): Promise<void> {
  await quiet(world, { untilMs: Infinity });
  // Persons answer one after the other, signals come: a new wait may stand behind each.
  for (let wishes = askFor(world); wishes > 0; wishes = askFor(world)) await quiet(world, { untilMs: Infinity });
}

/** Does what is to be done now, in order, without moving the clock beyond `untilMs`. */
export async function quiet(world: SimulatedWorld, { untilMs }: { readonly untilMs: number }): Promise<void> {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    await world.settle();
    if (isIdle(world)) {
      const [next] = world.timers.armed;
      if (!next || next.dueMs > untilMs) return;
    }
    take(world, { kind: 'go', pick: 0 });
  }
  throw new Error(`the world is not quiet after ${MAX_STEPS} steps`);
}

export function isIdle({ calls, undispatched, deliveries }: SimulatedWorld): boolean {
  return calls.waiting.length === 0 && undispatched.length === 0 && deliveries.all.length === 0;
}

/** Whatever only somebody outside can do, once; gives how much that was. */
function askFor(world: SimulatedWorld): number {
  const [process] = world.processes;
  let wishes = 0;
  for (const [id, state] of startedIn(world)) {
    if (!process || isTerminal(state)) continue;
    const [verdict] = verdicts(world, id, state);
    verdict?.(process);
    const signal = Object.values(state.nodes).find((node) => node.status === 'waiting' && node.on.kind === 'signal');
    if (signal?.status === 'waiting' && signal.on.kind === 'signal')
      world.wish(process, id, { type: 'SendSignal', name: signal.on.name, payload: { value: 'at last' } });
    wishes += Number(verdict !== undefined) + Number(signal !== undefined);
  }
  return wishes;
}

export function startedIn({ states }: SimulatedWorld): readonly (readonly [string, StartedExecution])[] {
  return [...states].flatMap(([id, state]) => (state.status === 'none' ? [] : [[id, state] as const]));
}

/** Reasons to wait with nothing behind them, of every execution that is not over. */
export function deadReasons(world: SimulatedWorld): readonly string[] {
  return startedIn(world).flatMap(([id, state]) => {
    if (isTerminal(state)) return [];
    const reasons = reasonsToWait(id, state, world.planFor(state.workflowId));
    if (reasons.length === 0) return [`${id} waits for nothing`];
    return reasons.filter((reason) => !isAlive(world, id, reason)).map((reason) => `${id}: ${JSON.stringify(reason)}`);
  });
}

function isAlive(world: SimulatedWorld, executionId: string, reason: WaitReason): boolean {
  switch (reason.kind) {
    case 'task':
      return isToBeDone(world, reason.task);
    case 'timer':
      return isToFire(world, executionId, reason.id);
    case 'child':
      return isChildAlive(world, reason.executionId);
    case 'gate':
      return world.gates.present.includes(executionId);
    case 'signal':
    case 'person':
      return true;
  }
}

function isToBeDone({ deliveries, undispatched }: SimulatedWorld, task: { readonly queue: string }): boolean {
  const wanted = JSON.stringify(task);
  const tasks = [...deliveries.all, ...undispatched.flatMap(({ tasks: own = [] }) => own)];
  return tasks.some(({ queue, payload }) => JSON.stringify({ queue, payload }) === wanted);
}

function isToFire({ timers, deliveries, undispatched }: SimulatedWorld, executionId: string, timerId: string): boolean {
  if (timers.has(executionId, timerId)) return true;
  const due = deliveries.all.some(
    ({ queue, payload }) => queue === 'due' && payload['executionId'] === executionId && payload['timerId'] === timerId,
  );
  const arming = undispatched.some(
    ({ aggregateId, timers: own = [] }) =>
      aggregateId === executionId && own.some(({ kind, id }) => kind === 'arm' && id === timerId),
  );
  return due || arming;
}

/** Its last commit may not have been handed out, or its parent not have been told. */
function isChildAlive(world: SimulatedWorld, executionId: string): boolean {
  const child = world.states.get(executionId);
  if (!child || child.status === 'none') return false;
  return (
    !isTerminal(child) ||
    isToBeDone(world, { queue: 'run.follow-up', ...{ payload: { executionId, kind: 'tellParent' } } })
  );
}

/** Executions that were started to be waited for, that nobody waits for, and that go on. */
export function childrenLeftAlone(world: SimulatedWorld): readonly string[] {
  return startedIn(world).flatMap(([id, { origin, ...state }]) => {
    if (origin?.kind !== 'child' || !origin.waits || isTerminal(state)) return [];
    const parent = world.states.get(origin.executionId);
    return parent && waitsFor(parent, id) ? [] : [`${id} of ${origin.executionId}`];
  });
}
