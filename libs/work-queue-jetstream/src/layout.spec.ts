import { LOG_STREAM_COUNTS } from '#libs/event-store-jetstream';
import {
  dueSubject,
  executorConsumer,
  STARTER,
  taskStreamOf,
  taskStreams,
  taskSubject,
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
      const subject = taskSubject(`ex_${index}`, 'run.http');
      const takers = streams.filter((stream) => stream.subjects.some((filter) => matches(filter, subject)));
      expect(takers.map((stream) => stream.name)).toEqual([taskStreamOf(`ex_${index}`, count)]);
    }
  });
});

describe('consumers of a task stream', () => {
  it('never share a task: a work queue would refuse them', () => {
    const filters = [STARTER, executorConsumer('http'), executorConsumer('engine')].map(
      (one) => one.filter_subject ?? '',
    );
    for (const queue of ['start.high.0', 'start.low.7', 'run.http', 'run.engine']) {
      const subject = taskSubject('ex_1', queue);
      expect(filters.filter((filter) => matches(filter, subject))).toHaveLength(1);
    }
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
