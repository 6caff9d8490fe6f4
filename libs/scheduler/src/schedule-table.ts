import type { Msg } from '@nats-io/nats-core';
import { aggregateIdIn, readSnapshotLine } from '#libs/event-store-jetstream';
import { ConditionWaits, StreamFollower, StreamPlace, type JetStreamConnection } from '#libs/jetstream';
import { dueMsOf, isSameCalendar, openPeriodOf, type Calendar } from '#libs/schedule';
import type { SchedulePlace } from './newest-first.ts';
import { ScheduleLists } from './schedule-lists.ts';
import { readSnapshot, snapshotOf, type KnownSchedule } from './schedule-snapshot.ts';
import { statusOf, type ScheduleSummary } from './schedule-summary.ts';
import { UnreadSchedules } from './unread-schedules.ts';

/** A schedule in memory: parsed states of a hundred thousand are too much to keep, their text is not. */
interface Entry extends ScheduleSummary {
  readonly sequence: number;
  readonly snapshot: string;
  readonly dueMs: number | undefined;
}

export interface ScheduleTableOptions {
  /** Of the log's schedules. */
  readonly streams: readonly string[];
  /** Which of them has a schedule. */
  readonly streamOf: (scheduleId: string) => string;
  /** As the log has it; asked when a commit's snapshot is none of this version. */
  readonly read: (scheduleId: string) => Promise<KnownSchedule | undefined>;
  readonly onFault: (error: unknown) => void;
}

interface NewestQuery {
  readonly behind?: SchedulePlace | undefined;
  readonly workflowId?: string | undefined;
}

type Listener = (scheduleId: string, dueMs: number | undefined) => void;

/**
 * All schedules that are armed or have something to decide, following the log: who is due when costs no round trip, and
 * who takes over leading has them already. One that is over leaves when the log tells so, and comes back with a later commit.
 */
export class ScheduleTable implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #lists = new ScheduleLists();
  readonly #listeners = new Set<Listener>();
  readonly #waits = new ConditionWaits();
  readonly #unread: UnreadSchedules;
  readonly #places = new Map<string, StreamPlace>();
  readonly #followers: readonly StreamFollower[];
  readonly #current: Promise<unknown>;
  /** The one that most have: kept once for all. */
  #calendar: Calendar | undefined;

  private constructor(
    connection: JetStreamConnection,
    private readonly options: ScheduleTableOptions,
  ) {
    const { read, onFault } = options;
    this.#unread = new UnreadSchedules({ read, onFault, onRead: (...told) => this.#accept(...told) });
    const followed = options.streams.map((stream) => this.#follow(connection, stream));
    this.#followers = followed.map(({ follower }) => follower);
    this.#current = Promise.all(followed.map(({ current }) => current));
  }

  /** Resolves when the table holds what the log held. */
  static async open(connection: JetStreamConnection, options: ScheduleTableOptions): Promise<ScheduleTable> {
    const table = new ScheduleTable(connection, options);
    await table.#current;
    await table.#unread.settled;
    return table;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(scheduleId: string): KnownSchedule | undefined {
    const entry = this.#entries.get(scheduleId);
    const known = entry && readSnapshot(JSON.parse(entry.snapshot));
    return known && { ...known, sequence: entry.sequence };
  }

  summaryOf(scheduleId: string): ScheduleSummary | undefined {
    return this.#entries.get(scheduleId);
  }

  /** Of all schedules, in no order. */
  summaries(): Iterable<ScheduleSummary> {
    return this.#entries.values();
  }

  /** Of a workspace's schedules, or of one workflow's, the newest first; those behind a place if there is one. */
  *newest(workspaceId: string, { behind, workflowId }: NewestQuery = {}): Generator<ScheduleSummary> {
    for (const identity of this.#lists.behind(workspaceId, behind)) {
      if (workflowId !== undefined && identity.workflowId !== workflowId) continue;
      const entry = this.#entries.get(identity.id);
      if (entry) yield entry;
    }
  }

  dueMsOf(scheduleId: string): number | undefined {
    return this.#entries.get(scheduleId)?.dueMs;
  }

  *dues(): Generator<readonly [scheduleId: string, dueMs: number | undefined]> {
    for (const [scheduleId, { dueMs }] of this.#entries) yield [scheduleId, dueMs];
  }

  /** What a commit of this process made of it, ahead of the log's telling it. */
  put(scheduleId: string, known: KnownSchedule): void {
    // What the log told of and is not here has left since, by this commit or a later one.
    if (this.#entries.has(scheduleId) || !this.#wasTold(scheduleId, known.sequence)) this.#accept(scheduleId, known);
  }

  /** Told of each change, until the result is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** True when `holds` does, at the latest after `withinMs`; looked at again with every change. */
  waitUntil(holds: () => boolean, withinMs: number): Promise<boolean> {
    return this.#waits.until(holds, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower[Symbol.asyncDispose]()));
    await this.#unread[Symbol.asyncDispose]();
    this.#waits.giveUp();
  }

  #follow(
    connection: JetStreamConnection,
    stream: string,
  ): { readonly follower: StreamFollower; readonly current: Promise<void> } {
    const { promise: current, resolve } = Promise.withResolvers<void>();
    const place = new StreamPlace('schedules.>', () => this.#forget(stream));
    this.#places.set(stream, place);
    const follower = new StreamFollower(connection, {
      stream,
      startAt: (info) => place.startAt(info),
      onMessage: (message, { sequence }) => {
        place.sequence = sequence;
        this.#take(message, sequence);
      },
      onCurrent: resolve,
      onFault: (error) => this.options.onFault(error),
    });
    return { follower, current };
  }

  #wasTold(scheduleId: string, sequence: number): boolean {
    return sequence <= (this.#places.get(this.options.streamOf(scheduleId))?.sequence ?? 0);
  }

  #take(message: Msg, sequence: number): void {
    const scheduleId = aggregateIdIn(message.subject);
    const before = this.#entries.get(scheduleId);
    if (before && before.sequence >= sequence) {
      this.#unread.delete(scheduleId);
      if (before.sequence === sequence && isOver(before)) this.#leave(before);
      return;
    }
    const snapshot = readSnapshotLine(message.data);
    const known = snapshot === undefined ? undefined : tryReadSnapshot(snapshot);
    if (snapshot === undefined || !known) return this.#unread.add(scheduleId, sequence);
    this.#unread.delete(scheduleId);
    this.#hold(scheduleId, { ...known, sequence }, snapshot);
  }

  #accept(scheduleId: string, known: KnownSchedule): void {
    if (known.sequence > (this.#entries.get(scheduleId)?.sequence ?? 0))
      this.#hold(scheduleId, known, JSON.stringify(snapshotOf(known)));
  }

  /** Who is over and put ahead of the log stays until it tells so: else what it tells before would bring back an older state. */
  #hold(scheduleId: string, { state, sequence }: KnownSchedule, snapshot: string): void {
    const before = this.#entries.get(scheduleId);
    const of = { armedVersion: openPeriodOf(state)?.terms.version, dueMs: dueMsOf(scheduleId, state) };
    if (isOver(of) && this.#wasTold(scheduleId, sequence)) {
      if (before) this.#leave(before);
      return;
    }
    const calendar = this.#shared(state.calendar);
    const identity = before?.identity ?? this.#lists.add(scheduleId, state);
    this.#entries.set(scheduleId, { identity, sequence, snapshot, ...of, status: statusOf(state), calendar });
    this.#tell(scheduleId, of.dueMs);
  }

  #shared(calendar: Calendar): Calendar {
    if (!this.#calendar || !isSameCalendar(this.#calendar, calendar)) this.#calendar = calendar;
    return this.#calendar;
  }

  /** The stream is another one than it was: what is in it comes anew, and nothing else is. */
  #forget(stream: string): void {
    for (const [scheduleId, entry] of this.#entries)
      if (this.options.streamOf(scheduleId) === stream) this.#leave(entry);
  }

  #leave({ identity }: Entry): void {
    this.#entries.delete(identity.id);
    this.#lists.delete(identity);
    this.#tell(identity.id, undefined);
  }

  #tell(scheduleId: string, dueMs: number | undefined): void {
    for (const listener of this.#listeners) listener(scheduleId, dueMs);
    this.#waits.look();
  }
}

/** Not armed, and every slot has its outcome: only a commit of its workflow makes anything of it again. */
function isOver({ armedVersion, dueMs }: Pick<Entry, 'armedVersion' | 'dueMs'>): boolean {
  return armedVersion === undefined && dueMs === undefined;
}

function tryReadSnapshot(text: string): ReturnType<typeof readSnapshot> {
  try {
    return readSnapshot(JSON.parse(text));
  } catch {
    return undefined;
  }
}
