import { jetstreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { JetStreamConnection } from './connection.ts';
import { JetStreamPublisher } from './publisher.ts';
import { MAX_SUBJECTS_AT_ONCE, readLastOfEach, subjectsOf } from './read-many.ts';

describe('reading many', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'read many spec' });
    publisher = new JetStreamPublisher(connection);
    const { streams } = await jetstreamManager(connection.client);
    await streams.add({ name: 'MANY', subjects: ['many.>'], allow_direct: true });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const subjectsWith = async (filter: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const page of subjectsOf(connection, 'MANY', filter)) all.push(...page);
    return all;
  };

  it('gives the subjects that hold messages and match', async () => {
    for (const subject of ['many.a.2', 'many.a.1', 'many.b.1', 'many.a.1']) await publisher.publish(subject, '');
    expect(await subjectsWith('many.a.*')).toEqual(['many.a.1', 'many.a.2']);
    expect(await subjectsWith('many.c.*')).toEqual([]);
  });

  it('gives the newest message of each subject, in as many pages as they take', async () => {
    const subjects = Array.from({ length: MAX_SUBJECTS_AT_ONCE }, (_, index) => `many.last.${index}`);
    const text = 'x'.repeat(8 * 1024);
    await Promise.all(subjects.map((subject) => publisher.publish(subject, 'old')));
    const sequences = await Promise.all(subjects.map((subject) => publisher.publish(subject, text)));
    const found = await readLastOfEach(connection, 'MANY', [...subjects.toReversed()]);
    expect(subjects.map((subject) => found.get(subject)?.sequence)).toEqual(sequences);
    expect(new Set([...found.values()].map(({ data }) => data.length))).toEqual(new Set([text.length]));
  });

  it('leaves out a subject that holds nothing', async () => {
    const sequence = await publisher.publish('many.one', 'here');
    const found = await readLastOfEach(connection, 'MANY', ['many.none', 'many.one']);
    expect([...found].map(([subject, message]) => [subject, message.sequence])).toEqual([['many.one', sequence]]);
    expect(await readLastOfEach(connection, 'MANY', ['many.none'])).toEqual(new Map());
    expect(await readLastOfEach(connection, 'MANY', [])).toEqual(new Map());
  });

  it('says that a stream is not there', async () => {
    await expect(subjectsOf(connection, 'NONE', '>')[Symbol.asyncIterator]().next()).rejects.toThrow(
      LogUnavailableError,
    );
  });
});
