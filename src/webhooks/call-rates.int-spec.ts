import { JetStreamConnection } from '#libs/jetstream';
import { until } from '../../test/support/until.ts';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { CallRates } from './call-rates.ts';

const MINUTE = { limit: 10, perMs: 60_000 };

describe('the calls of a webhook, counted by several processes', () => {
  let nats: TestNats;
  let connections: JetStreamConnection[];
  let processes: CallRates[];
  /** In the middle of a window. */
  const clock = { ms: 1_000_020_000, nowMs: () => clock.ms };

  beforeAll(async () => {
    nats = await startTestNats();
    connections = await Promise.all(
      ['one', 'two'].map((name) => JetStreamConnection.open({ servers: [nats.url], name })),
    );
    processes = connections.map((connection) => new CallRates(connection, clock));
    for (const one of processes) one.onModuleInit();
    await Promise.all(connections.map((connection) => connection.client.flush()));
  });
  afterAll(async () => {
    for (const one of processes) one.onModuleDestroy();
    for (const connection of connections) await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const [one, two] = [0, 1].map((index) => (webhookId: string) => processes[index]?.take(webhookId, MINUTE)) as [
    (webhookId: string) => ReturnType<CallRates['take']>,
    (webhookId: string) => ReturnType<CallRates['take']>,
  ];

  it('share its limit', async () => {
    for (let call = 0; call < 9; call++) expect(one('wh_shared')).toMatchObject({ allowed: true, remaining: 9 - call });
    const first = two('wh_shared');
    expect(first.allowed).toBe(true);
    await until('the second knows of the calls at the first', async () =>
      two('wh_shared').remaining === 0 ? true : undefined,
    );
    expect(two('wh_shared').allowed).toBe(false);
    await until('and the first of those at the second', async () => (one('wh_shared').allowed ? undefined : true));
  });

  it('are those of one webhook', () => {
    for (let call = 0; call < 10; call++) one('wh_full');
    expect(one('wh_full')).toEqual({ allowed: false, remaining: 0, resetMs: 60_000 - (clock.ms % 60_000) });
    expect(one('wh_other').allowed).toBe(true);
  });

  it('are forgotten with their window', () => {
    for (let call = 0; call < 10; call++) one('wh_window');
    expect(one('wh_window').allowed).toBe(false);
    clock.ms += 60_000 - (clock.ms % 60_000);
    expect(one('wh_window')).toMatchObject({ allowed: true, remaining: 9, resetMs: 60_000 });
  });

  it('do not mind what they can not read', async () => {
    for (const text of ['', 'not JSON', '{}', '{"from":1}', '[]', '{"from":"x","counts":[["wh_odd",1]]}'])
      connections[0]?.client.publish('hooks.counts', text);
    await connections[0]?.client.flush();
    expect(two('wh_odd')).toMatchObject({ allowed: true, remaining: 9 });
  });
});
