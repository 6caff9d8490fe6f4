import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { createCommitCodec, JetStreamEventStore, scheduleLog } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { scheduleEventSchema, type Calendar, type ScheduleEvent, type ScheduleTerms } from '#libs/schedule';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import { startTestNats } from '../../test/support/servers.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { CALENDAR } from '../schedules/calendar.ts';
import { AdoptCalendar } from './adopt-calendar.ts';

const NOW_MS = Date.UTC(2026, 10, 28, 10);
const OLD: Calendar = { croner: '10', zones: '2019a' };
const TERMS: ScheduleTerms = {
  ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'tick', version: 1 },
  rule: { kind: 'cron', cron: '0 9 * * *', timezone: 'Europe/Berlin' },
  ...{
    misfire: 'runOnce',
    overlap: 'allow',
    jitterMs: 0,
    priority: 'normal',
    readsVariables: false,
    hasPayload: false,
  },
};

describe('a process with other zone data', () => {
  it('computes anew what was planned, once, and says so in the history', async () => {
    await using nats = await startTestNats();
    await using connection = await JetStreamConnection.open({ servers: [nats.url], name: 'calendar spec' });
    await using publisher = new JetStreamPublisher(connection);
    const layout = scheduleLog(1, 1);
    const manager = await jetstreamManager(connection.client);
    for (const stream of layout.streams) await reconcileStream(manager, stream);
    const codec = createCommitCodec(scheduleEventSchema);
    const store = new JetStreamEventStore<ScheduleEvent>({ connection, publisher, layout, codec });
    const journalBy = (calendar: Calendar): ScheduleJournal =>
      new ScheduleJournal({
        ...{ store, calendar, newCommitId: randomUUID, clock: { nowMs: () => NOW_MS } },
        executionIdOf: (scheduleId, slotMs) => `ex_${scheduleId}_${slotMs}`,
        isUnderWay: () => Promise.resolve(false),
      });
    const armed = { type: 'ArmSchedule', terms: TERMS, atMs: NOW_MS, by: 1 } as const;
    await journalBy(OLD).submit('sch_old', armed);
    await journalBy(CALENDAR).submit('sch_new', armed);
    await using table = await ScheduleTable.open(connection, {
      streams: layout.streams.map(({ name }) => name),
      read: (scheduleId) => journalBy(CALENDAR).read(scheduleId),
      onFault: (error) => {
        throw error;
      },
    });
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      pretty: false,
      destination: { write: (line: string) => void lines.push(line) },
    });
    const adopting = new AdoptCalendar(table, journalBy(CALENDAR), logger);

    await adopting.begin(() => false);
    expect(table.find('sch_old')?.state.calendar).toEqual(OLD);

    await adopting.begin(() => true);
    await adopting.begin(() => true);
    expect(table.find('sch_old')?.state.calendar).toEqual(CALENDAR);
    const changes: ScheduleEvent[] = [];
    for (const id of ['sch_old', 'sch_new'])
      for await (const { events } of store.readHistory(id))
        changes.push(...events.filter(({ type }) => type === 'CalendarChanged'));
    // The rules of Berlin did not change since 2019.
    expect(changes).toMatchObject([{ data: { from: OLD, to: CALENDAR, differences: [] } }]);
    expect(lines.filter((line) => line.includes('follow the calendar'))).toHaveLength(1);
  });
});
