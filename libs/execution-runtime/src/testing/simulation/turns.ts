import fc from 'fast-check';
import { isActive, isTerminal, type StartedExecution } from '#libs/execution-engine';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/** What the world does next: something that has to happen, something that goes wrong, or a wish of somebody. */
export interface Turn {
  readonly kind: 'go' | 'trouble' | 'wish';
  /** Which of all that is possible. */
  readonly pick: number;
}

/** A small pick is something harmless, so that what is left of a failure after shrinking tells a short story. */
export const turns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record(
    {
      kind: fc.constantFrom<Turn['kind'][]>('go', 'go', 'go', 'go', 'go', 'go', 'trouble', 'trouble', 'wish'),
      pick: fc.nat(999),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 250, size: 'max' },
);

type Action = () => void;

const POSSIBLE: Readonly<Record<Turn['kind'], (world: SimulatedWorld, pick: number) => readonly Action[]>> = {
  go: steps,
  trouble: troubles,
  wish: wishes,
};

/** Nothing happens when nothing of the kind is possible. */
export function take(world: SimulatedWorld, { kind, pick }: Turn): void {
  const possible = POSSIBLE[kind](world, pick);
  possible[pick % Math.max(1, possible.length)]?.();
}

function steps(world: SimulatedWorld, pick: number): readonly Action[] {
  const { calls, undispatched, deliveries, timers, nowMs } = world;
  const process = processFor(world, pick);
  const due = timers.armed.filter(({ dueMs }) => dueMs <= nowMs);
  const next = timers.armed.find(({ dueMs }) => dueMs > nowMs);
  return [
    ...calls.waiting.map((call) => () => call.goOn('well')),
    ...undispatched.map((commit) => () => world.dispatch(commit)),
    ...deliveries.free.map((task) => () => deliveries.deliver(task, process)),
    ...due.map((timer) => () => world.fire(timer)),
    ...(next ? [() => void (world.nowMs = next.dueMs)] : []),
  ];
}

const SKEWS_MS = [0, -3_000, 3_000, -8_000];

/** First of what kind it is, so that a rare kind is not lost among many calls that may fail. */
function troubles(world: SimulatedWorld, pick: number): readonly Action[] {
  const kinds = kindsOfTrouble(world, pick).filter((actions) => actions.length > 0);
  const actions = kinds[pick % kinds.length] ?? [];
  const action = actions[Math.floor(pick / kinds.length) % Math.max(1, actions.length)];
  return action ? [action] : [];
}

function kindsOfTrouble(world: SimulatedWorld, pick: number): readonly (readonly Action[])[] {
  const { calls, undispatched, deliveries, timers, log, processes } = world;
  const process = processFor(world, pick);
  const failing = calls.waiting.flatMap((call) => call.troubles.map((trouble) => () => call.goOn(trouble)));
  return [
    failing,
    processes.map((one) => () => world.kill(one)),
    failing.toReversed(),
    deliveries.inHand.map((task) => () => deliveries.deliver(task, process)),
    log.commits.slice(-6).map((commit) => () => world.dispatch(commit)),
    undispatched.map((commit) => () => world.dispatch(commit, 1)),
    timers.armed.map((timer) => () => world.fire(timer)),
    [() => void (process.skewMs = SKEWS_MS[Math.floor(pick / 8) % SKEWS_MS.length] ?? 0)],
  ];
}

function wishes(world: SimulatedWorld, pick: number): readonly Action[] {
  const process = processFor(world, pick);
  const present = [...world.states].flatMap(([id, state]) =>
    state.status === 'none' || isTerminal(state) ? [] : [{ id, state }],
  );
  return [
    () => world.start(process, pick % 7 === 0 ? 'dry' : undefined),
    ...present.flatMap(({ id, state }) =>
      [...signals(world, id, state), ...verdicts(world, id, state)].map((act) => () => act(process)),
    ),
    ...present.map(
      ({ id }) =>
        () =>
          world.wish(process, id, { type: 'CancelExecution' }),
    ),
  ];
}

type Wish = (process: SimulatedProcess) => void;

/** A signal early, in time or late; the last one to a node that waits, as by its link. */
function signals(world: SimulatedWorld, id: string, state: StartedExecution): readonly Wish[] {
  const payload = { value: 'sent' };
  const names = ['go', 'stop'].map(
    (name) => (process: SimulatedProcess) => world.wish(process, id, { type: 'SendSignal', name, payload }),
  );
  const links = Object.entries(state.nodes).flatMap(([nodeId, node]) => {
    if (node.status !== 'waiting' || node.on.kind !== 'signal') return [];
    const { name } = node.on;
    return [(process: SimulatedProcess) => world.wish(process, id, { type: 'SendSignal', name, payload, nodeId })];
  });
  return [...names, ...links];
}

const VERDICTS = [
  { kind: 'succeeded', output: 'it was done' },
  { kind: 'retry' },
  { kind: 'failed', message: 'it was not done' },
] as const;

export function verdicts(world: SimulatedWorld, id: string, state: StartedExecution): readonly Wish[] {
  return Object.entries(state.nodes).flatMap(([nodeId, node]) => {
    if (!isActive(node) || node.status !== 'waiting' || node.on.kind !== 'person') return [];
    const { attempt } = node;
    return VERDICTS.map(
      (verdict) => (process: SimulatedProcess) =>
        world.wish(process, id, { type: 'SettleAttempt', nodeId, attempt, verdict }),
    );
  });
}

/** By the high digits of the pick: the low ones choose the action. */
function processFor({ processes }: SimulatedWorld, pick: number): SimulatedProcess {
  const process = processes[Math.floor(pick / 100) % processes.length];
  if (!process) throw new Error('a world without processes');
  return process;
}
