import {
  beginsExecution,
  decideIn,
  Draft,
  evolveAll,
  failNode,
  initialState,
  isActive,
  isNodeEvent,
  isTerminal,
  nodeStateOf,
  purposeOf,
  succeedAt,
  type ExecutionEvent,
  type ExecutionState,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';
import type { Plan, PlannedEngineNode, PlannedExecutorNode, PlannedNode } from '#libs/workflow-definition';
import { answerIn, type Answer, type Answering } from './answers.ts';
import { inputOf, type Input } from './input.ts';
import type { RecordedCommit, Recording } from './recording.ts';

/** What the history was made with, and what it led to. */
export interface Original {
  readonly plan: Plan;
  readonly state: StartedExecution;
  /** By node, what it was given; known once the history was run again with its own plan. */
  readonly inputs: ReadonlyMap<string, Input>;
}

/** Where the recorded results lead with a plan. */
export interface Rerun {
  readonly state: StartedExecution;
  /** By node that needs the outside and was reached, what it was given. */
  readonly inputs: ReadonlyMap<string, Input>;
}

/**
 * Takes all decisions again, in the order and at the instants of the history. What came from outside is taken from it: the
 * results of nodes that need the outside, signals, a cancellation, a time-out. What the engine decides and computes by
 * itself is decided and computed anew.
 */
export function rerun(recording: Recording, plan: Plan, original: Original): Rerun {
  const run = new Run(recording, plan, original);
  for (const commit of recording.commits)
    for (const [index, event] of commit.events.entries()) run.take(event, commit, commit.events[index + 1]);
  return { state: run.state, inputs: run.inputs };
}

type OutsideNode = PlannedExecutorNode | PlannedEngineNode;

class Run {
  readonly inputs = new Map<string, Input>();
  #state: ExecutionState = initialState();
  /** Results that were recorded before the node is reached here. */
  readonly #early = new Map<string, Answer>();
  /** Nodes that were reached and that no recorded result is the answer of. */
  readonly #unanswerable = new Set<string>();

  constructor(
    private readonly recording: Recording,
    private readonly plan: Plan,
    private readonly original: Original,
  ) {}

  get state(): StartedExecution {
    if (this.#state.status === 'none') throw new InvariantError(`${this.recording.executionId} has no history`);
    return this.#state;
  }

  /** One case a fact that comes from outside; all others follow from these, and are decided anew. */
  // eslint-disable-next-line complexity -- see above
  take(event: ExecutionEvent, { at }: RecordedCommit, next: ExecutionEvent | undefined): void {
    if (event.type !== 'ExecutionStarted' && beginsExecution(event.type)) this.#begin(at);
    switch (event.type) {
      case 'ExecutionStarted':
      case 'ResultsKept':
        this.#state = evolveAll(this.#state, [event], { at });
        return;
      case 'AdmissionRequested':
        return this.#decide(at, (draft) => decideIn(draft, { type: 'BeginExecution' }));
      case 'AdmissionGranted':
        return this.#decide(at, (draft) => decideIn(draft, { type: 'PassGate', gate: event.data.gate }));
      case 'NodeSucceeded':
      case 'NodeFailed':
        return this.#answer(event, at);
      case 'SignalReceived':
        if (!this.#isDelivered(next)) this.#decide(at, (draft) => draft.record(event));
        return;
      case 'TimerFired':
        if (purposeOf(event.data.timerId)?.kind === 'timeout')
          this.#decide(at, (draft) => decideIn(draft, { type: 'FireTimer', timerId: event.data.timerId }));
        return;
      case 'ExecutionCancelled':
        return this.#decide(at, (draft) => decideIn(draft, { type: 'CancelExecution', ...event.data }));
      case 'ExecutionFailed':
        // Its length is no matter of the workflow.
        if (event.data.error.code === 'HISTORY_TOO_LONG') this.#decide(at, (draft) => draft.record(event));
        return;
      default:
        return;
    }
  }

  /** It began here in the record; gates that this plan alone has are passed. */
  #begin(at: string): void {
    if (this.state.startedAt !== undefined) return;
    this.#decide(at, (draft) => {
      decideIn(draft, { type: 'BeginExecution' });
      const gates = draft.state.admission?.gates.length ?? 0;
      for (let gate = draft.state.admission?.passed ?? 0; gate < gates; gate++)
        decideIn(draft, { type: 'PassGate', gate });
    });
  }

  #decide(at: string, change: (draft: Draft) => void): void {
    const { state, plan } = this;
    const { executionId, stored } = this.recording;
    if (isTerminal(state)) return;
    const draft = new Draft(state, { executionId, plan, at, stored });
    change(draft);
    // Answers given on the way lead to further nodes.
    for (let index = 0; index < draft.events.length; index++) this.#reach(draft, draft.events[index]);
    this.#state = draft.state;
  }

  #reach(draft: Draft, event: ExecutionEvent | undefined): void {
    if (!event || !isNodeEvent(event) || event.type === 'NodeSkipped') return;
    const { nodeId } = event.data;
    const node = this.plan.nodes.get(nodeId);
    if (!isOutside(node) || this.inputs.has(nodeId) || isPinned(draft.state, nodeId)) return;
    const input = inputOf(node, draft.scope, this.plan);
    this.inputs.set(nodeId, input);
    if (isAwaited(draft.state, nodeId)) this.#meet(node, input, draft);
  }

  /** The node begins; what is known of it by now is told. */
  #meet(node: OutsideNode, input: Input, draft: Draft): void {
    const early = this.#early.get(node.id);
    if (input.kind === 'fault' && this.#isFaultNew(node.id)) failNode(draft, node, { attempt: 1, error: input.fault });
    else if (!this.#isAnswerable(node, input)) this.#unanswerable.add(node.id);
    else if (early) give(draft, node, early);
  }

  /** A fault that was there before is known to have come to nothing, or its failure is recorded. */
  #isFaultNew(nodeId: string): boolean {
    return this.plan !== this.original.plan && this.original.inputs.get(nodeId)?.kind !== 'fault';
  }

  /** A failure for want of an input says nothing of what comes of the input that there is now. */
  #isAnswerable(node: OutsideNode, input: Input): boolean {
    const isFaultGone = input.kind === 'value' && this.original.inputs.get(node.id)?.kind === 'fault';
    return isLike(node, this.original.plan.nodes.get(node.id)) && !(isFaultGone && this.#hasFailed(node.id));
  }

  #hasFailed(nodeId: string): boolean {
    return nodeStateOf(this.original.state, nodeId)?.status === 'failed';
  }

  #answer(event: Answering, at: string): void {
    const { nodeId } = event.data;
    const node = this.plan.nodes.get(nodeId);
    if (!isOutside(node)) return;
    const here = nodeStateOf(this.state, nodeId);
    const answer = answerIn(event, this.original.state);
    if (!here) this.#early.set(nodeId, answer);
    else if (isActive(here) && !this.#unanswerable.has(nodeId)) this.#decide(at, (draft) => give(draft, node, answer));
  }

  /** Whether the signal goes to a node that waits here too: its result is recorded next. */
  #isDelivered(next: ExecutionEvent | undefined): boolean {
    return next?.type === 'SignalDelivered' && isActive(nodeStateOf(this.state, next.data.nodeId));
  }
}

function give(draft: Draft, node: OutsideNode, answer: Answer): void {
  const { attempt } = answer;
  if (answer.kind === 'failed') failNode(draft, node, { attempt, error: answer.error });
  else succeedAt(draft, node, { attempt, output: answer.output });
}

function isPinned({ pins = {} }: StartedExecution, nodeId: string): boolean {
  return Object.hasOwn(pins, nodeId);
}

function isAwaited(state: StartedExecution, nodeId: string): boolean {
  return !isTerminal(state) && isActive(nodeStateOf(state, nodeId));
}

function isOutside(node: PlannedNode | undefined): node is OutsideNode {
  return node?.runs === 'executor' || node?.runs === 'engine';
}

/** Whether a result of the one may stand for one of the other. */
function isLike(node: OutsideNode, other: PlannedNode | undefined): boolean {
  if (node.type !== other?.type) return false;
  return node.runs !== 'engine' || other.runs !== 'engine' || node.inner?.type === other.inner?.type;
}
