import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { createCommitCodec, JetStreamEventStore, scheduleLog } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { scheduleEventSchema, type Calendar, type ScheduleEvent, type ScheduleTerms } from '#libs/schedule';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
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
const ARM = { type: 'ArmSchedule', terms: TERMS, atMs: NOW_MS, by: 1 } as const;

/** A process that may lead, and others with other zone data, on one log. */
async function openProcess(port: number) {
  const stack = new AsyncDisposableStack();
  const servers = [`127.0.0.1:${port}`];
  const connection = stack.use(await JetStreamConnection.open({ servers, name: 'calendar spec' }));
  const publisher = stack.use(new JetStreamPublisher(connection));
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
  const openTable = async (): Promise<ScheduleTable> =>
    stack.use(
      await ScheduleTable.open(connection, {
        streams: layout.streams.map(({ name }) => name),
        streamOf: (scheduleId) => layout.streamOf(scheduleId),
        read: (scheduleId) => journalBy(CALENDAR).read(scheduleId),
        onFault: (error) => {
          throw error;
        },
      }),
    );
  const changesOf = async (scheduleId: string): Promise<ScheduleEvent[]> => {
    const changes: ScheduleEvent[] = [];
    for await (const { events } of store.readHistory(scheduleId))
      changes.push(...events.filter(({ type }) => type === 'CalendarChanged'));
    return changes;
  };
  return { connection, journalBy, openTable, changesOf, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('a leader with other zone data', () => {
  let nats: TestNats;
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'info', pretty: false, destination });
  const told = (): number => lines.filter((line) => line.includes('follow the calendar')).length;

  beforeEach(async () => {
    lines.length = 0;
    nats = await startTestNats();
  });
  afterEach(async () => {
    await nats[Symbol.asyncDispose]();
  });

  it('computes anew what was planned, once, and says so in the history', async () => {
    await using log = await openProcess(nats.port);
    await log.journalBy(OLD).submit('sch_old', ARM);
    await log.journalBy(CALENDAR).submit('sch_new', ARM);
    const table = await log.openTable();
    const adopting = new AdoptCalendar(table, log.journalBy(CALENDAR), logger);

    await adopting.begin(() => false);
    expect(table.summaryOf('sch_old')?.calendar).toEqual(OLD);

    let leads = true;
    const following = adopting.begin(() => leads);
    await until('it is adopted', () => table.find('sch_old')?.state.calendar.zones === CALENDAR.zones);
    leads = false;
    await following;
    expect(table.summaryOf('sch_old')?.calendar).toEqual(CALENDAR);
    // The rules of Berlin did not change since 2019.
    expect(await log.changesOf('sch_old')).toMatchObject([{ data: { from: OLD, to: CALENDAR, differences: [] } }]);
    expect(await log.changesOf('sch_new')).toEqual([]);
    expect(told()).toBe(1);
  });

  it('does so again when a process with other zone data changes a schedule, until it leads no more', async () => {
    await using log = await openProcess(nats.port);
    await log.journalBy(CALENDAR).submit('sch_1', ARM);
    const table = await log.openTable();
    const adopting = new AdoptCalendar(table, log.journalBy(CALENDAR), logger);
    let leads = true;
    const following = adopting.begin(() => leads);
    await log.journalBy(OLD).submit('sch_1', { type: 'PauseSchedule' });
    await log.journalBy(OLD).submit('sch_2', ARM);
    await until('both are adopted', async () => {
      const changes = [...(await log.changesOf('sch_1')), ...(await log.changesOf('sch_2'))];
      return changes.filter(({ data }) => 'to' in data && data.to.zones === CALENDAR.zones).length === 2;
    });
    expect(await log.changesOf('sch_1')).toMatchObject([
      { data: { from: CALENDAR, to: OLD } },
      { data: { from: OLD, to: CALENDAR } },
    ]);
    leads = false;
    await following;
    await log.journalBy(OLD).submit('sch_1', { type: 'ResumeSchedule' });
    await until('it is resumed', () => table.summaryOf('sch_1')?.calendar.zones === OLD.zones);
    expect(await log.changesOf('sch_1')).toHaveLength(3);
  });

  it('takes up what it could not do while NATS was away, and ends with its process', async () => {
    await using proxy = await TcpProxy.start(nats.port);
    await using log = await openProcess(proxy.port);
    await log.journalBy(OLD).submit('sch_1', ARM);
    const table = await log.openTable();
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !log.connection.connected);
    const adopting = new AdoptCalendar(table, log.journalBy(CALENDAR), logger);
    let asked = 0;
    const following = adopting.begin(() => ++asked > 0);
    await until('it tried', () => asked > 2);
    expect(table.summaryOf('sch_1')?.calendar).toEqual(OLD);
    proxy.admit();
    await until('it is adopted', () => table.summaryOf('sch_1')?.calendar.zones === CALENDAR.zones);
    await adopting.onModuleDestroy();
    await following;
    expect(lines.filter((line) => line.includes('could not follow'))).toEqual([]);
  });
});
