import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { until } from '../../test/support/until.ts';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { SeenCalls } from './seen-calls.ts';

const MINUTE_MS = 60_000;

describe('calls that were seen', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let seen: SeenCalls;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'seen calls' });
    publisher = new JetStreamPublisher(connection);
    seen = await SeenCalls.open(connection, publisher, 1);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const call = (key: string, webhookId = 'wh_1') => ({ webhookId, key });

  it('belong to who claims them first', async () => {
    expect(await seen.claim(call('a'), 'ex_1', MINUTE_MS)).toBe('ex_1');
    expect(await seen.claim(call('a'), 'ex_2', MINUTE_MS)).toBe('ex_1');
    expect(await seen.claim(call('b'), 'ex_2', MINUTE_MS)).toBe('ex_2');
    expect(await seen.claim(call('a', 'wh_2'), 'ex_3', MINUTE_MS)).toBe('ex_3');
  });

  it('have one owner, whoever asks at once', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `ex_${index}`);
    const owners = await Promise.all(ids.map((id) => seen.claim(call('at once'), id, MINUTE_MS)));
    expect(new Set(owners).size).toBe(1);
  });

  it('are forgotten when their time is over', async () => {
    expect(await seen.claim(call('short'), 'ex_1', 1_000)).toBe('ex_1');
    await until('it is free again', async () =>
      (await seen.claim(call('short'), 'ex_2', 1_000)) === 'ex_2' ? true : undefined,
    );
  });

  it('can be of any text', async () => {
    const odd = ['', ' ', '*.>', 'ü\n\0', 'x'.repeat(100_000)];
    for (const key of odd) expect(await seen.claim(call(key), `ex_${key.length}`, MINUTE_MS)).toBe(`ex_${key.length}`);
  });

  it('are not known while NATS is away', async () => {
    await nats.stop();
    await expect(seen.claim(call('away'), 'ex_1', MINUTE_MS)).rejects.toThrow(LogUnavailableError);
    await nats.start();
  });
});
