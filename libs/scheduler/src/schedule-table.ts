import { DeliverPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { aggregateIdIn, readSnapshotLine } from '#libs/event-store-jetstream';
import { ConditionWaits, elapsed, StreamFollower, type JetStreamConnection } from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
import { dueMsOf } from '#libs/schedule';
import { readSnapshot, snapshotOf, type KnownSchedule } from './schedule-snapshot.ts';

/** A schedule in memory: parsed states of a hundred thousand are too much to keep, their text is not. */
interface Entry {
  readonly sequence: number;
  readonly snapshot: string;
  readonly workspaceId: string;
  readonly dueMs: number | undefined;
  /** Undefined until the log tells of it. */
  readonly stream: string | undefined;
}

const AGAIN_AFTER_MS = 500;

export interface ScheduleTableOptions {
  /** Of the log's schedules. */
  readonly streams: readonly string[];
  /** As the log has it; asked when a commit's snapshot is none of this version. */
  readonly read: (scheduleId: string) => Promise<KnownSchedule | undefined>;
  readonly onFault: (error: unknown) => void;
}

type Listener = (scheduleId: string, dueMs: number | undefined) => void;

/** All schedules, following the log: who is due when costs no round trip, and who takes over leading has them already. */
export class ScheduleTable implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #ofWorkspaces = new Map<string, Set<string>>();
  readonly #listeners = new Set<Listener>();
  readonly #waits = new ConditionWaits();
  readonly #ended = new AbortController();
  /** Those that have to be folded. */
  readonly #unread = new Set<string>();
  #reading: Promise<void> | undefined;
  readonly #followers: readonly StreamFollower[];
  readonly #current: Promise<unknown>;

  private constructor(
    connection: JetStreamConnection,
    private readonly options: ScheduleTableOptions,
  ) {
    const followed = options.streams.map((stream) => this.#follow(connection, stream));
    this.#followers = followed.map(({ follower }) => follower);
    this.#current = Promise.all(followed.map(({ current }) => current));
  }

  /** Resolves when the table holds what the log held. */
  static async open(connection: JetStreamConnection, options: ScheduleTableOptions): Promise<ScheduleTable> {
    const table = new ScheduleTable(connection, options);
    await table.#current;
    await table.#reading;
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

  dueMsOf(scheduleId: string): number | undefined {
    return this.#entries.get(scheduleId)?.dueMs;
  }

  *dues(): Generator<readonly [scheduleId: string, dueMs: number | undefined]> {
    for (const [scheduleId, { dueMs }] of this.#entries) yield [scheduleId, dueMs];
  }

  idsOf(workspaceId: string): Iterable<string> {
    return this.#ofWorkspaces.get(workspaceId) ?? [];
  }

  /** What a commit of this process made of it, ahead of the log's telling it. */
  put(scheduleId: string, known: KnownSchedule): void {
    this.#put(scheduleId, { sequence: known.sequence, snapshot: JSON.stringify(snapshotOf(known)) });
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
    this.#ended.abort();
    await Promise.all(this.#followers.map((follower) => follower[Symbol.asyncDispose]()));
    await this.#reading;
    this.#waits.giveUp();
  }

  #follow(
    connection: JetStreamConnection,
    stream: string,
  ): { readonly follower: StreamFollower; readonly current: Promise<void> } {
    const { promise: current, resolve } = Promise.withResolvers<void>();
    const place = new Place(() => this.#forget(stream));
    const follower = new StreamFollower(connection, {
      stream,
      startAt: (info) => place.startAt(info),
      onMessage: (message, { sequence }) => {
        place.sequence = sequence;
        this.#take(message, sequence, stream);
      },
      onCurrent: resolve,
      onFault: (error) => this.options.onFault(error),
    });
    return { follower, current };
  }

  #take(message: Msg, sequence: number, stream: string): void {
    const scheduleId = aggregateIdIn(message.subject);
    const known = this.#entries.get(scheduleId);
    if (known && known.sequence >= sequence) {
      this.#entries.set(scheduleId, { ...known, stream });
      return;
    }
    const snapshot = readSnapshotLine(message.data);
    if (snapshot === undefined || !this.#put(scheduleId, { sequence, snapshot, stream })) this.#readLater(scheduleId);
  }

  /** Written by another version of Millrace: what it means has to be folded. */
  #readLater(scheduleId: string): void {
    this.#unread.add(scheduleId);
    this.#reading ??= this.#readUnread();
  }

  /** One after another: there may be a hundred thousand. */
  async #readUnread(): Promise<void> {
    const { signal } = this.#ended;
    for (const scheduleId of this.#unread) {
      if (signal.aborted) return;
      this.#unread.delete(scheduleId);
      await this.#readFrom(scheduleId).catch(async (error: unknown) => {
        this.options.onFault(error);
        // What can't be read now comes again at the end of the line; what never can be would come for ever.
        if (!(error instanceof MillraceError) || error.kind !== 'unavailable') return;
        this.#unread.add(scheduleId);
        await elapsed(AGAIN_AFTER_MS, signal);
      });
    }
    this.#reading = undefined;
  }

  async #readFrom(scheduleId: string): Promise<void> {
    const known = await this.options.read(scheduleId);
    if (known) this.put(scheduleId, known);
  }

  /** The stream is another one than it was: what is in it comes anew, and nothing else is. */
  #forget(stream: string): void {
    for (const [scheduleId, entry] of this.#entries) {
      if (entry.stream !== undefined && entry.stream !== stream) continue;
      this.#entries.delete(scheduleId);
      this.#ofWorkspaces.get(entry.workspaceId)?.delete(scheduleId);
      for (const listener of this.#listeners) listener(scheduleId, undefined);
    }
  }

  /** False when the text is no snapshot of this version. */
  #put(scheduleId: string, told: Pick<Entry, 'sequence' | 'snapshot'> & { readonly stream?: string }): boolean {
    const before = this.#entries.get(scheduleId);
    if (before && before.sequence >= told.sequence) return true;
    return this.#read(scheduleId, { ...told, stream: told.stream ?? before?.stream });
  }

  #read(scheduleId: string, told: Omit<Entry, 'workspaceId' | 'dueMs'>): boolean {
    const known = tryReadSnapshot(told.snapshot);
    if (!known) return false;
    const isNew = !this.#entries.has(scheduleId);
    const workspaceId = known.state.workspaceId;
    const dueMs = dueMsOf(scheduleId, known.state);
    this.#entries.set(scheduleId, { ...told, workspaceId, dueMs });
    if (isNew) this.#index(workspaceId, scheduleId);
    for (const listener of this.#listeners) listener(scheduleId, dueMs);
    this.#waits.look();
    return true;
  }

  #index(workspaceId: string, scheduleId: string): void {
    const ids = this.#ofWorkspaces.get(workspaceId) ?? new Set();
    this.#ofWorkspaces.set(workspaceId, ids.add(scheduleId));
  }
}

function tryReadSnapshot(text: string): ReturnType<typeof readSnapshot> {
  try {
    return readSnapshot(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Where in a stream a follower is. */
class Place {
  sequence = 0;
  #createdAt = '';

  /** @param onAnew told when the stream is not the one that it was */
  constructor(private readonly onAnew: () => void) {}

  /** After the last message seen; from each schedule's last when the stream is not the one that it was. */
  startAt({ created, state }: StreamInfo): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    if (created === this.#createdAt && this.sequence > 0 && this.sequence <= state.last_seq)
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.sequence + 1 };
    if (this.sequence > 0) this.onAnew();
    this.#createdAt = created;
    this.sequence = 0;
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: 'schedules.>' };
  }
}
