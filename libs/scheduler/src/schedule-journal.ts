import { ConcurrencyConflict, lastVersionOf, type Actor, type Commit, type EventStore } from '#libs/event-sourcing';
import { InvariantError, MillraceError, toInstant, type Clock } from '#libs/kernel';
import {
  scheduleDecider,
  slotStartsOf,
  type Calendar,
  type ScheduleCommand,
  type ScheduleEvent,
  type ScheduleState,
} from '#libs/schedule';
import { readSnapshot, snapshotOf, type KnownSchedule } from './schedule-snapshot.ts';

export interface ScheduleJournalParts {
  readonly store: EventStore<ScheduleEvent>;
  readonly clock: Clock;
  /** Of this process. */
  readonly calendar: Calendar;
  readonly newCommitId: () => string;
  readonly executionIdOf: (scheduleId: string, slotMs: number) => string;
  /** Whether the execution that was fired then is not over; also true of one that is about to be started. */
  readonly isUnderWay: (fired: { readonly executionId: string; readonly at: string }) => Promise<boolean>;
}

export interface Submitted {
  readonly events: readonly ScheduleEvent[];
  /** As the log has it after them; undefined when there is no such schedule. */
  readonly known: KnownSchedule | undefined;
}

interface Attempt {
  readonly before: KnownSchedule | undefined;
  /** Whether the log's leader was asked for it. */
  readonly isFresh: boolean;
  readonly actor?: Actor;
  readonly nowMs: number;
}

/** All by default: where to begin is read, the instant is the clock's. */
export interface SubmitOptions {
  /** Where to begin. */
  readonly known?: KnownSchedule | undefined;
  readonly actor?: Actor;
  /** The instant to decide by. */
  readonly nowMs?: number;
}

const MAX_CONFLICTS = 32;

/** The one way by which schedules change: reads the state, decides, appends one commit; again when somebody else was first. */
export class ScheduleJournal {
  constructor(private readonly parts: ScheduleJournalParts) {}

  /** As its last commit left it; undefined when there is none. `fresh` asks the stream's leader. */
  async read(scheduleId: string, options: { fresh?: boolean } = {}): Promise<KnownSchedule | undefined> {
    const last = await this.parts.store.readLast(scheduleId, options);
    if (!last) return undefined;
    const snapshot = readSnapshot(last.snapshot);
    return snapshot ? { ...snapshot, sequence: last.sequence } : this.#fold(scheduleId);
  }

  /**
   * What changes nothing or is refused is so by what the log's leader has: an older state only costs another round. For
   * `DecideSlots` alone it may be older, as whoever decides slots hears of the newer one and decides again.
   */
  async submit(
    scheduleId: string,
    command: ScheduleCommand,
    { known, actor, nowMs }: SubmitOptions = {},
  ): Promise<Submitted> {
    let before = known ?? (await this.read(scheduleId));
    for (let tries = 0; tries <= MAX_CONFLICTS; tries++) {
      const instant = { nowMs: nowMs ?? this.parts.clock.nowMs() };
      const attempt = { before, isFresh: tries > 0, ...instant, ...(actor ? { actor } : {}) };
      const submitted = await this.#try(scheduleId, command, attempt);
      if (submitted) return submitted;
      before = await this.read(scheduleId, { fresh: true });
    }
    const message = `${scheduleId} is being changed by too many at once`;
    throw new MillraceError('unavailable', 'SCHEDULE_CONTENDED', message, { retryAfterMs: 1000 });
  }

  /** Undefined when it has to be decided again, by what the log's leader has. */
  async #try(scheduleId: string, command: ScheduleCommand, attempt: Attempt): Promise<Submitted | undefined> {
    const isSure = attempt.isFresh || command.type === 'DecideSlots';
    try {
      const submitted = await this.#decide(scheduleId, command, attempt);
      return isSure || submitted.events.length > 0 ? submitted : undefined;
    } catch (error) {
      if (error instanceof ConcurrencyConflict || (!attempt.isFresh && isRefusal(error))) return undefined;
      throw error;
    }
  }

  async #decide(scheduleId: string, command: ScheduleCommand, attempt: Attempt): Promise<Submitted> {
    const { calendar, executionIdOf } = this.parts;
    const { before, actor, nowMs } = attempt;
    const state: ScheduleState = before?.state ?? scheduleDecider.initialState();
    const isLastUnderWay = await this.#isLastUnderWay(command, state);
    const events = scheduleDecider.decide(command, state, {
      ...{ scheduleId, nowMs, calendar, isLastUnderWay },
      executionIdOf: (slotMs) => executionIdOf(scheduleId, slotMs),
    });
    if (events.length === 0) return { events, known: before };
    const at = toInstant(nowMs);
    const after = events.reduce((folded, event) => scheduleDecider.evolve(folded, event, at), state);
    if (after.status === 'none') throw new InvariantError(`${scheduleId} has events and no state`);
    const commit = this.#commitOf(scheduleId, { before, events, at, after, ...(actor ? { actor } : {}) });
    const sequence = await this.parts.store.append(commit, before?.sequence ?? 0);
    return { events, known: { state: after, sequence, version: lastVersionOf(commit) } };
  }

  #commitOf(
    scheduleId: string,
    made: {
      readonly before: KnownSchedule | undefined;
      readonly events: readonly ScheduleEvent[];
      readonly at: string;
      readonly after: KnownSchedule['state'];
      readonly actor?: Actor;
    },
  ): Commit<ScheduleEvent> {
    const { before, events, at, after, actor } = made;
    const firstVersion = (before?.version ?? 0) + 1;
    const tasks = slotStartsOf(events, before?.state ?? { status: 'none' }, at);
    return {
      id: this.parts.newCommitId(),
      ...{ aggregateId: scheduleId, firstVersion, at, events },
      ...(actor ? { actor } : {}),
      ...(tasks.length > 0 ? { tasks } : {}),
      snapshot: snapshotOf({ state: after, version: firstVersion + events.length - 1 }),
    };
  }

  /** Only where it matters: it costs a read. */
  async #isLastUnderWay(command: ScheduleCommand, state: ScheduleState): Promise<boolean> {
    if (command.type !== 'DecideSlots' || state.status === 'none' || !state.lastFired) return false;
    if (!state.periods.some(({ terms }) => terms.overlap === 'skip')) return false;
    return this.parts.isUnderWay(state.lastFired);
  }

  async #fold(scheduleId: string): Promise<KnownSchedule | undefined> {
    let state = scheduleDecider.initialState();
    let place = { sequence: 0, version: 0 };
    for await (const commit of this.parts.store.readHistory(scheduleId)) {
      place = { sequence: commit.sequence, version: lastVersionOf(commit) };
      // The beginning of a long history is gone; any snapshot that is readable stands for what was before it.
      const snapshot = state.status === 'none' ? readSnapshot(commit.snapshot) : undefined;
      if (state.status === 'none' && !snapshot) ensureFirst(commit);
      state =
        snapshot?.state ??
        commit.events.reduce((folded, event) => scheduleDecider.evolve(folded, event, commit.at), state);
    }
    return state.status === 'none' ? undefined : { state, ...place };
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof MillraceError && error.kind !== 'unavailable';
}

function ensureFirst({ aggregateId, firstVersion }: Commit): void {
  if (firstVersion > 1)
    throw new InvariantError(`the beginning of ${aggregateId} is gone, and its snapshots are of another version`);
}
