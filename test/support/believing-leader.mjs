// A process that believes it leads the scheduling, whoever else does: it decides slots without a lease until it is ended.
// Usage: NATS_URL=URL believing-leader.mjs; it says on stdout, in one JSON line each, how many slots it has fired so far.
import { randomUUID } from 'node:crypto';
import {
  createCommitCodec,
  JetStreamEventStore,
  scheduleLog,
} from '../../dist/libs/event-store-jetstream/src/index.js';
import { JetStreamConnection, JetStreamPublisher } from '../../dist/libs/jetstream/src/index.js';
import { scheduleEventSchema } from '../../dist/libs/schedule/src/index.js';
import { FiringLoop, ScheduleJournal, ScheduleTable } from '../../dist/libs/scheduler/src/index.js';
import { CALENDAR } from '../../dist/src/schedules/calendar.js';
import { slotExecutionIdOf } from '../../dist/src/schedules/schedule-ids.js';

const LOG_STREAMS = 4;
const clock = { nowMs: () => Date.now() };
const complain = (error) => process.stderr.write(`${error.stack}\n`);

const connection = await JetStreamConnection.open({ servers: [process.env.NATS_URL], name: 'believing leader' });
const layout = scheduleLog(LOG_STREAMS, 1);
const publisher = new JetStreamPublisher(connection);
const store = new JetStreamEventStore({
  ...{ connection, publisher, layout },
  codec: createCommitCodec(scheduleEventSchema),
});
const journal = new ScheduleJournal({
  ...{ store, clock, calendar: CALENDAR },
  newCommitId: randomUUID,
  executionIdOf: slotExecutionIdOf,
  isUnderWay: async () => false, // only asked for schedules that skip what overlaps
});
const table = await ScheduleTable.open(connection, {
  streams: layout.streams.map(({ name }) => name),
  streamOf: (scheduleId) => layout.streamOf(scheduleId),
  read: (scheduleId) => journal.read(scheduleId, { fresh: true }),
  onFault: complain,
});

let fired = 0;
const tell = () => process.stdout.write(`${JSON.stringify({ fired })}\n`);
new FiringLoop({
  ...{ table, journal, clock },
  leads: () => 1,
  observer: {
    decided: (events) => {
      fired += events.filter(({ type }) => type === 'SlotFired').length;
      tell();
    },
    failed: complain,
  },
});
tell();
