import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { createCommitCodec, JetStreamEventStore, scheduleLog } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { deleteStream } from '#libs/jetstream/testing';
import { scheduleEventSchema, type ScheduleEvent, type ScheduleTerms } from '#libs/schedule';
import { termsOf } from '#libs/schedule/testing';
import { ScheduleJournal } from '../schedule-journal.ts';
import type { KnownSchedule } from '../schedule-snapshot.ts';
import { ScheduleTable } from '../schedule-table.ts';

export const STREAMS = ['SCHEDULES_0', 'SCHEDULES_1'] as const;
const LAYOUT = scheduleLog(2, 1);

/** What one process has of the schedules: its connection, its journal, and a clock that is set. */
export class SchedulesOnNats implements AsyncDisposable {
  readonly clock = { now: Date.parse('2026-11-28T10:00:00.000Z'), nowMs: (): number => this.clock.now };
  readonly underWay = new Set<string>();
  readonly faults: unknown[] = [];
  readonly store: JetStreamEventStore<ScheduleEvent>;
  readonly journal: ScheduleJournal;
  readonly layout = LAYOUT;

  private constructor(
    readonly connection: JetStreamConnection,
    readonly publisher: JetStreamPublisher,
    readonly manager: JetStreamManager,
  ) {
    const codec = createCommitCodec(scheduleEventSchema);
    this.store = new JetStreamEventStore({ connection, publisher, layout: LAYOUT, codec });
    this.journal = new ScheduleJournal({
      ...{ store: this.store, clock: this.clock, calendar: { croner: '11', zones: '2026c' }, newCommitId: randomUUID },
      executionIdOf: (scheduleId, slotMs) => `${scheduleId}@${slotMs}`,
      isUnderWay: async ({ executionId }) => this.underWay.has(executionId),
    });
  }

  static async open(server: string): Promise<SchedulesOnNats> {
    const connection = await JetStreamConnection.open({ servers: [server], name: 'schedules spec' });
    return new SchedulesOnNats(
      connection,
      new JetStreamPublisher(connection),
      await jetstreamManager(connection.client),
    );
  }

  /** Empty streams, in place of those that there are. */
  async makeStreams(told: { readonly max_msgs_per_subject?: number } = {}): Promise<void> {
    for (const stream of LAYOUT.streams) {
      await deleteStream(this.manager, stream.name);
      await reconcileStream(this.manager, { ...stream, ...told });
    }
  }

  async arm(scheduleId: string, terms: Partial<ScheduleTerms> = {}, version = 1): Promise<KnownSchedule> {
    const command = { type: 'ArmSchedule', terms: termsOf(version, terms), atMs: this.clock.now, by: version } as const;
    const { known } = await this.journal.submit(scheduleId, command);
    return known!;
  }

  openTable(): Promise<ScheduleTable> {
    return ScheduleTable.open(this.connection, {
      streams: STREAMS,
      streamOf: (scheduleId) => LAYOUT.streamOf(scheduleId),
      read: (scheduleId) => this.journal.read(scheduleId, { fresh: true }),
      onFault: (error) => void this.faults.push(error),
    });
  }

  async eventsOf(scheduleId: string): Promise<readonly ScheduleEvent[]> {
    const events: ScheduleEvent[] = [];
    for await (const commit of this.store.readHistory(scheduleId)) events.push(...commit.events);
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
  }
}
