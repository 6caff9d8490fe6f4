import { ConcurrencyConflict, type Actor, type Commit, type EventStore } from '#libs/event-sourcing';
import {
  decideIn,
  Draft,
  endOfLongHistory,
  evolveAll,
  HISTORY_LIMITS,
  isTerminal,
  SNAPSHOT_EVERY,
  SNAPSHOT_LIMIT,
  SNAPSHOT_VERSION,
  startExecution,
  tasksOf,
  timersOf,
  type DecisionContext,
  type ExecutionCommand,
  type ExecutionEvent,
  type ExecutionState,
  type PlanSource,
  type StartedExecution,
  type StartExecution,
  type Transition,
  DataErasedError,
  payloadsOf,
} from '#libs/execution-engine';
import { InvariantError, MillraceError, toInstant, type Clock } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { KnownStates, NOT_STARTED, weightOf, type KnownState } from './known-state.ts';
import type { Payloads } from './payloads.ts';

export interface JournalParts {
  readonly store: EventStore<ExecutionEvent>;
  readonly states: KnownStates;
  readonly plans: PlanSource;
  readonly payloads: Payloads;
  readonly clock: Clock;
  /** A fresh commit id. */
  readonly newCommitId: () => string;
  /** The history of an execution that is not over is so long that its workflow should be looked at; told once or twice. */
  readonly onLongHistory?: (executionId: string, events: number) => void;
}

/** What follows from commands, by the plan. */
interface Decided {
  readonly events: readonly ExecutionEvent[];
  readonly plan: Plan;
  /** What they lead to, where it is known already. */
  readonly state?: ExecutionState;
}

interface Waiting {
  readonly command: ExecutionCommand;
  /** Absent when the engine itself wishes it. */
  readonly actor?: Actor;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Mailbox {
  readonly waiting: Waiting[];
  /** Resolves when no commit of ours for the execution is under way; never rejects. */
  readonly quiet: Promise<void>;
}

/** Races for one execution are rare and short; this many in a row mean that something is wrong. */
const MAX_CONFLICTS = 32;

/**
 * The one way by which this process changes executions: reads the state, asks for a decision, appends it as one commit.
 * Commands for one execution wait in its mailbox while another is at work, and then share a commit; other processes are
 * met at the log, which lets one win and makes the others read and decide again.
 */
export class ExecutionJournal {
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(private readonly parts: JournalParts) {}

  /** Records that an execution exists; it is accepted when this resolves. */
  async start(executionId: string, command: StartExecution, actor?: Actor): Promise<void> {
    const busy = this.#mailboxes.get(executionId);
    if (busy) await busy.quiet;
    const append = this.#appendStart(executionId, command, actor);
    this.#open(executionId, [], append);
    await append;
  }

  async #appendStart(executionId: string, command: StartExecution, actor: Actor | undefined): Promise<void> {
    const begun = startExecution(command);
    if (begun.flatMap(payloadsOf).some((payload) => 'erased' in payload)) throw new DataErasedError();
    const events = await this.parts.payloads.putAway(executionId, begun);
    const at = toInstant(this.parts.clock.nowMs());
    await this.#append(executionId, { known: NOT_STARTED, events, at, ...(actor ? { actor } : {}) });
  }

  /** Resolves when all that follows from the command is in the log, which may be nothing. */
  submit(executionId: string, command: ExecutionCommand, actor?: Actor): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { command, resolve, reject, ...(actor ? { actor } : {}) };
      const mailbox = this.#mailboxes.get(executionId);
      if (mailbox) mailbox.waiting.push(waiting);
      else this.#open(executionId, [waiting], Promise.resolve());
    });
  }

  /**
   * The state as far as this process knows it; possibly behind. A commit of our own that is under way is waited for: its
   * tasks may come back from the log before its acknowledgement does.
   */
  async known(executionId: string): Promise<ExecutionState> {
    await this.#mailboxes.get(executionId)?.quiet;
    return (this.parts.states.recent(executionId) ?? (await this.#read(executionId, false))).state;
  }

  /** The state as the log has it now. */
  async fresh(executionId: string): Promise<ExecutionState> {
    return (await this.#read(executionId, true)).state;
  }

  /** Collects commands while `first` is under way, then works through them until none is left. */
  #open(executionId: string, waiting: Waiting[], first: Promise<void>): void {
    const quiet = first.catch(() => undefined).then(() => this.#empty(executionId, waiting));
    this.#mailboxes.set(executionId, { waiting, quiet });
  }

  async #empty(executionId: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, sharedBy(waiting));
      try {
        await this.#commit(executionId, batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.parts.states.forget(executionId);
        for (const { reject } of batch) reject(error);
      }
    }
    // Two starts under one id have a mailbox each; the newer one stays.
    if (this.#mailboxes.get(executionId)?.waiting === waiting) this.#mailboxes.delete(executionId);
  }

  async #commit(executionId: string, batch: readonly Waiting[]): Promise<void> {
    const commands = batch.map(({ command }) => command);
    const by = actorOf(batch);
    const recent = this.parts.states.recent(executionId);
    let known = recent ?? (await this.#read(executionId, false));
    let fresh = false;
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const at = toInstant(this.parts.clock.nowMs());
      const decided = await this.#decideAll(executionId, { commands, known, at, fresh });
      if (decided === 'unsure') {
        known = await this.#read(executionId, true);
        fresh = true;
        continue;
      }
      if (decided.events.length === 0) return;
      try {
        await this.#append(executionId, { known, ...decided, at, ...by });
        return;
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) throw error;
        known = await this.#read(executionId, true);
        fresh = true;
      }
    }
    const message = `${executionId} is being changed by too many at once`;
    throw new MillraceError('unavailable', 'EXECUTION_CONTENDED', message, { retryAfterMs: 1000 });
  }

  async #decideAll(
    executionId: string,
    asked: { commands: readonly ExecutionCommand[]; known: KnownState; at: string; fresh: boolean },
  ): Promise<Decided | 'unsure'> {
    const { at } = asked;
    const { state } = asked.known;
    if (state.status === 'none' && !asked.fresh) return 'unsure';
    if (state.status === 'none') throw new InvariantError(`${executionId} has no history`);
    const plan = await this.parts.plans.planOf(state.workflowId, state.workflowVersion);
    const stored = await this.parts.payloads.loadFor(state);
    const { version } = asked.known;
    const decided = decideEach({ state, version }, asked, { executionId, plan, at, stored });
    if (decided === 'unsure') return 'unsure';
    const events = await this.parts.payloads.putAway(executionId, decided.events);
    // What was put away is another value than the one that was decided with.
    return events === decided.events ? { ...decided, plan } : { events, plan };
  }

  async #append(
    executionId: string,
    made: Partial<Decided> & {
      readonly known: KnownState;
      readonly events: readonly ExecutionEvent[];
      readonly at: string;
      readonly actor?: Actor;
    },
  ): Promise<void> {
    const { known, events, at, plan, actor } = made;
    const state = made.state ?? evolveAll(known.state, events, { at });
    const next = { state, version: known.version + events.length, weight: known.weight + weightOf(events) };
    const withSnapshot = isWorthASnapshot(known, next);
    const commit: Commit<ExecutionEvent> = {
      id: this.parts.newCommitId(),
      aggregateId: executionId,
      firstVersion: known.version + 1,
      at,
      events,
      ...(actor ? { actor } : {}),
      ...effectsOf({ executionId, before: known.state, events, after: state, at, ...(plan ? { plan } : {}) }),
      ...(known.snapshot.sequence > 0 ? { snapshotSequence: known.snapshot.sequence } : {}),
      ...(withSnapshot ? { snapshot: { version: SNAPSHOT_VERSION, state } } : {}),
    };
    const sequence = await this.parts.store.append(commit, known.sequence);
    const snapshot = withSnapshot ? { sequence, version: next.version } : known.snapshot;
    this.#remember(executionId, known.version, { ...next, sequence, snapshot });
  }

  /** Hardly anybody asks for one that is over, and those who do find it in the log. */
  #remember(executionId: string, versionBefore: number, known: KnownState): void {
    const { states, onLongHistory } = this.parts;
    if (isTerminal(known.state)) {
      states.forget(executionId);
      return;
    }
    states.remember(executionId, known);
    if (versionBefore < HISTORY_LIMITS.warns && known.version >= HISTORY_LIMITS.warns)
      onLongHistory?.(executionId, known.version);
  }

  async #read(executionId: string, fresh: boolean): Promise<KnownState> {
    const known = await this.parts.states.read(executionId, { fresh });
    if (known.version > 0) this.parts.states.remember(executionId, known);
    return known;
  }
}

/**
 * The events of all commands, in order, and where they lead. "Nothing follows" is believed of a state that is over, or was
 * read from the leader just now; an older one may not have seen what the command is about, and saying nothing would lose it.
 */
function decideEach(
  { state, version }: { readonly state: StartedExecution; readonly version: number },
  asked: { readonly commands: readonly ExecutionCommand[]; readonly fresh: boolean },
  context: DecisionContext,
): { readonly events: readonly ExecutionEvent[]; readonly state: ExecutionState } | 'unsure' {
  const draft = new Draft(state, context);
  const { events } = draft;
  for (const command of asked.commands) {
    const before = events.length;
    decideIn(draft, command);
    if (events.length === before && !asked.fresh && !isTerminal(draft.state)) return 'unsure';
  }
  if (events.length > 0) draft.record(...endOfLongHistory(draft.state, version + events.length));
  return { events, state: draft.state };
}

function actorOf([first]: readonly Waiting[]): { readonly actor?: Actor } {
  return first?.actor ? { actor: first.actor } : {};
}

/** How many of those who wait share the next commit: what somebody wishes has one of its own, which names them. */
function sharedBy(waiting: readonly Waiting[]): number {
  const first = waiting.findIndex(({ actor }) => actor !== undefined);
  return first === 0 ? 1 : first < 0 ? waiting.length : first;
}

/** Nobody continues after a last commit, and a large state is cheaper to fold than to write again and again. */
function isWorthASnapshot(known: KnownState, next: Pick<KnownState, 'state' | 'version' | 'weight'>): boolean {
  if (isTerminal(next.state) || next.weight > SNAPSHOT_LIMIT) return false;
  return next.version - known.snapshot.version >= SNAPSHOT_EVERY;
}

function effectsOf(transition: Transition): Pick<Commit, 'tasks' | 'timers'> {
  const tasks = tasksOf(transition);
  const timers = timersOf(transition);
  return { ...(tasks.length > 0 ? { tasks } : {}), ...(timers.length > 0 ? { timers } : {}) };
}
