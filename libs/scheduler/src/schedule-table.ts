import { DeliverPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { aggregateIdIn, readSnapshotLine } from '#libs/event-store-jetstream';
import { ConditionWaits, StreamFollower, type JetStreamConnection } from '#libs/jetstream';
import { dueMsOf } from '#libs/schedule';
import { readSnapshot, snapshotOf, type KnownSchedule } from './schedule-snapshot.ts';

/** A schedule in memory: parsed states of a hundred thousand are too much to keep, their text is not. */
interface Entry {
  readonly sequence: number;
  readonly snapshot: string;
  readonly workspaceId: string;
  readonly dueMs: number | undefined;
}

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
    this.#put(scheduleId, known.sequence, JSON.stringify(snapshotOf(known)));
  }

  /** Nothing is to be decided, although the state alone does not show it. */
  settle(scheduleId: string, dueMs: number | undefined): void {
    const entry = this.#entries.get(scheduleId);
    if (entry) this.#entries.set(scheduleId, { ...entry, dueMs });
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
    this.#waits.giveUp();
  }

  #follow(
    connection: JetStreamConnection,
    stream: string,
  ): { readonly follower: StreamFollower; readonly current: Promise<void> } {
    const { promise: current, resolve } = Promise.withResolvers<void>();
    const place = new Place();
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

  #take(message: Msg, sequence: number): void {
    const scheduleId = aggregateIdIn(message.subject);
    if ((this.#entries.get(scheduleId)?.sequence ?? 0) >= sequence) return;
    const snapshot = readSnapshotLine(message.data);
    if (snapshot === undefined || !this.#put(scheduleId, sequence, snapshot)) void this.#readFrom(scheduleId);
  }

  /** Written by another version of Millrace: what it means has to be folded. */
  async #readFrom(scheduleId: string): Promise<void> {
    try {
      const known = await this.options.read(scheduleId);
      if (known) this.put(scheduleId, known);
    } catch (error) {
      this.options.onFault(error);
    }
  }

  /** False when the text is no snapshot of this version. */
  #put(scheduleId: string, sequence: number, snapshot: string): boolean {
    const before = this.#entries.get(scheduleId);
    if (before && before.sequence >= sequence) return true;
    const known = readSnapshot(JSON.parse(snapshot));
    if (!known) return false;
    const workspaceId = known.state.workspaceId;
    const dueMs = dueMsOf(scheduleId, known.state);
    this.#entries.set(scheduleId, { sequence, snapshot, workspaceId, dueMs });
    if (!before) this.#index(workspaceId, scheduleId);
    for (const listener of this.#listeners) listener(scheduleId, dueMs);
    this.#waits.look();
    return true;
  }

  #index(workspaceId: string, scheduleId: string): void {
    const ids = this.#ofWorkspaces.get(workspaceId) ?? new Set();
    this.#ofWorkspaces.set(workspaceId, ids.add(scheduleId));
  }
}

/** Where in a stream a follower is. */
class Place {
  sequence = 0;
  #createdAt = '';

  /** After the last message seen; from each schedule's last when the stream is not the one that it was. */
  startAt({ created, state }: StreamInfo): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    if (created === this.#createdAt && this.sequence > 0 && this.sequence <= state.last_seq)
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.sequence + 1 };
    this.#createdAt = created;
    this.sequence = 0;
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: 'schedules.>' };
  }
}
