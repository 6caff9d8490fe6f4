import { InvariantError } from '#libs/kernel';
import { beginsExecution, isNodeEvent, type ExecutionEvent, type ExecutionStarted } from './events.ts';
import { evolveNode } from './evolve-node.ts';
import type { NodeEvent } from './node-events.ts';
import { OwnNodes } from './own-nodes.ts';
import { isActive, type ExecutionState, type NodeState, type StartedExecution } from './state.ts';

export function initialState(): ExecutionState {
  return { status: 'none' };
}

/** The state after a fact that was recorded at `at`. */
export function evolve(state: ExecutionState, event: ExecutionEvent, at: string): ExecutionState {
  return evolveOwn(state, event, { at, own: new OwnNodes() });
}

/** The state after facts that were recorded together; `own` goes on from one call to the next while only the last state is kept. */
export function evolveAll(
  state: ExecutionState,
  events: readonly ExecutionEvent[],
  { at, own = new OwnNodes() }: { readonly at: string; readonly own?: OwnNodes<NodeState> },
): ExecutionState {
  return events.reduce((before, event) => evolveOwn(before, event, { at, own }), state);
}

/** As `evolve`, for a fold that keeps no state but the last: `own` is changed in place. */
export function evolveOwn(
  state: ExecutionState,
  event: ExecutionEvent,
  { at, own }: { readonly at: string; readonly own: OwnNodes<NodeState> },
): ExecutionState {
  if (event.type === 'ExecutionStarted') return start(event, at);
  if (state.status === 'none') throw new InvariantError(`${event.type} before ExecutionStarted`);
  const begun = state.startedAt === undefined && beginsExecution(event.type) ? { ...state, startedAt: at } : state;
  if (isNodeEvent(event)) return evolveNode(begun, event, { at, own });
  const change = CHANGES[event.type] as Change;
  return change(begun, event);
}

function start({ data }: ExecutionStarted, at: string): StartedExecution {
  const { trigger } = data;
  const fired: NodeState = { status: 'succeeded', attempt: 1, output: { sameAs: trigger.nodeId }, leavesBy: ['main'] };
  return { status: 'queued', ...data, createdAt: at, nodes: { [trigger.nodeId]: fired }, active: 0, moving: 0 };
}

type OtherEvent = Exclude<ExecutionEvent, ExecutionStarted | NodeEvent>;
type Change<Type extends OtherEvent['type'] = OtherEvent['type']> = (
  state: StartedExecution,
  event: Extract<OtherEvent, { readonly type: Type }>,
) => StartedExecution;

const unchanged = (state: StartedExecution): StartedExecution => state;

const CHANGES: { readonly [Type in OtherEvent['type']]: Change<Type> } = {
  ResultsKept: (state, { data: { nodes, loops, signals } }) => ({
    ...state,
    nodes: { ...nodes, ...state.nodes },
    ...(loops ? { keptLoops: loops } : {}),
    ...(signals ? { signals } : {}),
  }),
  AdmissionRequested: (state, { data }) => ({ ...state, admission: { gates: data.gates, passed: 0 } }),
  AdmissionHeld: (state, { data: { until } }) => withAdmission(state, { held: until === undefined ? {} : { until } }),
  AdmissionGranted: (state, { data }) => withAdmission(state, { passed: data.gate + 1 }),
  ExecutionBegan: (state, { data }) => ({ ...state, timeoutAt: data.timeoutAt }),
  SignalReceived: (state, { data }) => ({ ...state, signals: [...(state.signals ?? []), data] }),
  SignalDelivered: (state, { data }) => {
    const signals = state.signals ?? [];
    const oldest = signals.find(({ name }) => name === data.name);
    return { ...state, signals: signals.filter((signal) => signal !== oldest) };
  },
  TimerFired: unchanged,
  TimerRearmed: unchanged,
  ResponseDrifted: unchanged,
  ExecutionSucceeded: (state, { data }) => ({ ...state, status: 'succeeded', endNodes: data.endNodes }),
  ExecutionFailed: (state, { data }) => ({ ...cancelActive(state), status: 'failed', error: data.error }),
  ExecutionCancelRequested: unchanged,
  ExecutionCancelled: (state) => ({ ...cancelActive(state), status: 'cancelled' }),
  ExecutionTimedOut: (state, { data }) => ({ ...cancelActive(state), status: 'timedOut', error: data.error }),
};

function withAdmission(
  state: StartedExecution,
  change: { readonly passed?: number; readonly held?: { readonly until?: string } },
): StartedExecution {
  if (!state.admission) throw new InvariantError('admission that was never requested');
  const { gates, passed } = state.admission;
  return { ...state, admission: { gates, passed, ...change } };
}

function cancelActive(state: StartedExecution): StartedExecution {
  if (state.active === 0) return state;
  const nodes = Object.fromEntries(
    Object.entries(state.nodes).map(([id, node]): [string, NodeState] => [
      id,
      isActive(node) ? { status: 'cancelled', attempt: node.attempt } : node,
    ]),
  );
  return { ...state, nodes, active: 0, moving: 0 };
}
