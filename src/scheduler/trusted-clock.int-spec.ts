import { jetstreamManager } from '@nats-io/jetstream';
import { scheduleLog } from '#libs/event-store-jetstream';
import { JetStreamConnection, reconcileStream } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { TrustedClock } from './trusted-clock.ts';

const HOUR_MS = 3_600_000;

describe('TrustedClock', () => {
  let nats: TestNats;
  let proxy: TcpProxy;
  let connection: JetStreamConnection;
  let shiftMs = 0;
  let frozenMs = 0;
  let lines: { level: string; msg: string; aheadMs: number }[] = [];
  let trusted: TrustedClock;

  beforeAll(async () => {
    nats = await startTestNats();
    proxy = await TcpProxy.start(nats.port);
    connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'trusted clock spec' });
    const [stream] = scheduleLog(1, 1).streams;
    if (stream) await reconcileStream(await jetstreamManager(connection.client), stream);
  });
  beforeEach(async () => {
    [shiftMs, frozenMs, lines] = [0, 0, []];
    const write = (line: string): void => void lines.push(JSON.parse(line) as (typeof lines)[number]);
    trusted = new TrustedClock({
      manager: await jetstreamManager(connection.client, { timeout: 500 }),
      stream: scheduleLog(1, 1).streams[0]?.name ?? '',
      clock: { nowMs: () => Date.now() + shiftMs + frozenMs },
      monotonicMs: () => performance.now() + frozenMs,
      logger: createLogger({ level: 'info', pretty: false, destination: { write } }),
    });
  });
  afterEach(() => trusted[Symbol.asyncDispose]());
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const levels = (): readonly string[] => lines.map(({ level }) => level);

  it('trusts nothing that it did not verify, and then what is about the time of the server', async () => {
    expect([trusted.isTrusted, trusted.aheadMs, trusted.serverNowMs]).toEqual([false, undefined, undefined]);
    await trusted.verify();
    expect(trusted.isTrusted).toBe(true);
    expect(Math.abs(trusted.aheadMs ?? NaN)).toBeLessThan(1_000);
    expect(lines).toEqual([]);
  });

  it.each([
    [-HOUR_MS, false],
    [-61_000, false],
    [-59_000, true],
    [40_000, true],
    [59_000, true],
    [61_000, false],
    [HOUR_MS, false],
  ])('a clock that is %d ms ahead is trusted: %s', async (byMs, expected) => {
    shiftMs = byMs;
    await trusted.verify();
    expect(trusted.isTrusted).toBe(expected);
    expect(Math.abs((trusted.aheadMs ?? NaN) - byMs)).toBeLessThan(1_000);
    expect(levels()).toEqual(expected ? [] : ['error']);
    expect(Math.abs((trusted.serverNowMs ?? NaN) - Date.now())).toBeLessThan(1_000);
  });

  it.each([-HOUR_MS, -1_100, 1_100, HOUR_MS])(
    'a clock that is set by %d ms is not, before anybody asks',
    async (byMs) => {
      await trusted.verify();
      shiftMs = byMs;
      expect(trusted.isTrusted).toBe(false);
    },
  );

  it('time that passes while the process is frozen is no step', async () => {
    await trusted.verify();
    frozenMs = HOUR_MS;
    expect(trusted.isTrusted).toBe(true);
  });

  it('follows what the clock does: tells that it turned, and complains once a minute', async () => {
    const turns: boolean[] = [];
    await trusted.start(() => turns.push(trusted.isTrusted));
    shiftMs = 40_000;
    await until('it is verified after a step', () => trusted.isTrusted);
    expect(turns).toEqual([]);
    for (const byMs of [HOUR_MS, 0, -HOUR_MS, 0]) {
      const before = turns.length;
      shiftMs = byMs;
      await until('it turned', () => turns.length > before);
    }
    expect(turns).toEqual([false, true, false, true]);
    expect(levels()).toEqual(['error', 'info', 'info']);
    frozenMs += 60_000;
    shiftMs = HOUR_MS;
    await until('it is told again', () => levels().length === 4);
    expect(lines.at(-1)?.level).toBe('error');
  });

  it('while NATS says nothing what was found holds on, a step is not trusted, and a late answer says nothing', async () => {
    await trusted.verify();
    proxy.hold();
    await trusted.verify();
    expect(trusted.isTrusted).toBe(true);
    shiftMs = 40_000;
    await trusted.verify();
    expect(trusted.isTrusted).toBe(false);
    proxy.release();
    const asked = trusted.verify();
    frozenMs = HOUR_MS;
    await asked;
    expect([trusted.isTrusted, levels()]).toEqual([false, []]);
    await trusted.verify();
    expect([trusted.isTrusted, levels()]).toEqual([false, ['error']]);
  });
});
