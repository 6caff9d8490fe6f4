import type { EventStore } from '#libs/event-sourcing';
import { holdersOf, waitsInLine } from '#libs/execution-gates-jetstream';
import {
  FOLLOW_UP_EXECUTOR,
  isTerminal,
  type ExecutionEvent,
  type StartedExecution,
  type WaitReason,
} from '#libs/execution-engine';
import type { KnownState, KnownStates } from '#libs/execution-runtime';
import type { JetStreamConnection } from '#libs/jetstream';
import type { JsonObject } from '#libs/kernel';
import {
  asksFor,
  willLeave,
  type Evidence,
  type HolderEvidence,
  type MessageEvidence,
  type MessageReason,
} from './evidence.ts';
import type { Look } from './look.ts';

export interface WitnessParts {
  readonly connection: JetStreamConnection;
  readonly store: EventStore<ExecutionEvent>;
  readonly states: KnownStates;
}

/** Whose reason it is, and the last commit of its state. */
type Whose = { readonly executionId: string } & Pick<KnownState, 'sequence'>;

/** Looks for what has to be there behind a reason to wait. */
export class Witness {
  constructor(private readonly parts: WitnessParts) {}

  async evidenceOf(whose: Whose, reason: WaitReason, look: Look): Promise<Evidence> {
    switch (reason.kind) {
      case 'task':
      case 'timer':
        return this.#message(whose, reason, look);
      case 'child':
        return this.#child(reason.executionId, look);
      case 'gate':
        return this.#place(whose, reason, look);
      case 'signal':
      case 'person':
        return { kind: 'nothing' };
    }
  }

  async #message({ executionId, sequence }: Whose, reason: MessageReason, look: Look): Promise<MessageEvidence> {
    const handedOut = await look.handedOut(executionId);
    const isThere = await look.has(executionId, reason);
    // Only where it matters, as it takes the whole history.
    const isDecided = isThere || sequence <= handedOut.floor;
    const askedForAt = isDecided ? sequence : await this.#askedForAt(executionId, reason);
    return { kind: 'message', isThere, askedForAt, handedOut };
  }

  async #askedForAt(executionId: string, reason: MessageReason): Promise<number | undefined> {
    let last: number | undefined;
    for await (const commit of this.parts.store.readHistory(executionId))
      if (asksFor(commit, reason)) last = commit.sequence;
    return last;
  }

  async #child(executionId: string, look: Look): Promise<Evidence> {
    const { state, sequence } = await this.#read(executionId);
    if (state.status === 'none') return { kind: 'child', state: 'absent' };
    if (!isTerminal(state)) return { kind: 'child', state: 'open' };
    const told = await this.#followUp({ executionId, sequence }, { kind: 'tellParent' }, look);
    return { kind: 'child', state: 'over', told };
  }

  async #place(
    { executionId }: Whose,
    { key }: Extract<WaitReason, { readonly kind: 'gate' }>,
    look: Look,
  ): Promise<Evidence> {
    const [isInLine, holders] = await Promise.all([
      waitsInLine(this.parts.connection, executionId, key),
      look.holders(key, () => this.#holders(key, look)),
    ]);
    return { kind: 'place', isInLine, holders };
  }

  /** Up to the first who will leave, as one is enough. */
  async #holders(key: string, look: Look): Promise<readonly HolderEvidence[]> {
    const holders: HolderEvidence[] = [];
    for (const id of await holdersOf(this.parts.connection, key)) {
      const holder = await this.#holder(id, key, look);
      holders.push(holder);
      if (willLeave(holder)) break;
    }
    return holders;
  }

  async #holder(executionId: string, key: string, look: Look): Promise<HolderEvidence> {
    const { state, sequence } = await this.#read(executionId);
    if (state.status === 'none') return { state: 'absent' };
    if (!isTerminal(state)) return { state: 'open' };
    const step = { kind: 'leave', gate: gateWith(key, state) };
    return { state: 'over', left: await this.#followUp({ executionId, sequence }, step, look) };
  }

  #followUp(whose: Whose, step: JsonObject, look: Look): Promise<MessageEvidence> {
    const { executionId } = whose;
    const task = { queue: `run.${FOLLOW_UP_EXECUTOR}`, payload: { executionId, ...step } };
    return this.#message(whose, { kind: 'task', task }, look);
  }

  #read(executionId: string): Promise<KnownState> {
    return this.parts.states.read(executionId, { fresh: true });
  }
}

function gateWith(key: string, { admission }: StartedExecution): number {
  return admission?.gates.findIndex((gate) => gate.kind === 'concurrency' && gate.key === key) ?? -1;
}
