import { LOG_STREAM_COUNTS } from '#libs/event-store-jetstream';
import {
  DISPATCHER,
  dueSubject,
  executorConsumer,
  queueOfConsumer,
  runSubject,
  START_PLACES,
  starterConsumer,
  startStream,
  startSubject,
  taskStreamOf,
  taskStreams,
  timerStream,
  timerSubject,
} from './layout.ts';

/** Whether the subject matches the filter, as NATS matches. */
function matches(filter: string, subject: string): boolean {
  const pattern = filter.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+');
  return new RegExp(`^${pattern}$`).test(subject);
}

describe.each(LOG_STREAM_COUNTS)('the queues in %i streams', (count) => {
  const streams = taskStreams(count, 1);

  it('lie where an execution lies, in exactly one stream', () => {
    for (let index = 0; index < 200; index++) {
      const subject = runSubject(`ex_${index}`, 'http');
      const takers = streams.filter((stream) => stream.subjects.some((filter) => matches(filter, subject)));
      expect(takers.map((stream) => stream.name)).toEqual([taskStreamOf(`ex_${index}`, count)]);
    }
  });
});

describe('consumers of a task stream', () => {
  it('never share a task: a work queue would refuse them', () => {
    const filters = ['http', 'engine'].map((executor) => executorConsumer(executor).filter_subject ?? '');
    for (const executor of ['http', 'engine']) {
      const subject = runSubject('ex_1', executor);
      expect(filters.filter((filter) => matches(filter, subject))).toHaveLength(1);
    }
  });
});

describe('consumers of the starts', () => {
  it('never share a start, and leave none out', () => {
    const filters = START_PLACES.map((place) => starterConsumer(place).filter_subject ?? '');
    expect(filters).toHaveLength(48);
    for (const place of START_PLACES) {
      const subject = startSubject(place);
      expect(filters.filter((filter) => matches(filter, subject))).toHaveLength(1);
      expect(startStream(1).subjects.some((filter) => matches(filter, subject))).toBe(true);
    }
  });
});

describe('what people call queues', () => {
  it.each([
    [executorConsumer('follow-up'), 'follow-up'],
    [starterConsumer({ lane: 'low', shard: 12 }), 'start.low'],
    [DISPATCHER, 'dispatcher'],
  ])('is told by their consumers: %j', ({ durable_name: name }, queue) => {
    expect(queueOfConsumer(name)).toBe(queue);
  });
});

describe('timers', () => {
  it('are armed and fire within their own stream', () => {
    const { subjects } = timerStream(1);
    for (const subject of [timerSubject('ex_1', 'retry-1-call'), dueSubject('ex_1')]) {
      expect(subjects.filter((filter) => matches(filter, subject))).toHaveLength(1);
    }
  });
});
