import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { deleteStream, TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { CallLedger } from './call-ledger.ts';
import { TOLD_ONE_BY_ONE, WINDOW_MS, type LedgerCall } from './call-windows.ts';
import { decodeEntry, type DeliveryEntry } from './delivery-entry.ts';
import { DELIVERY_STREAM, deliveryStream } from './layout.ts';

const DAY_MS = 86_400_000;

describe('the ledger of calls', () => {
  let nats: TestNats;
  let proxy: TcpProxy;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let direct: JetStreamConnection;
  let manager: JetStreamManager;
  let dropped: number;
  let ids = 0;
  const clock = { now: Date.UTC(2026, 10, 28), nowMs: (): number => clock.now };

  beforeAll(async () => {
    nats = await startTestNats();
    proxy = await TcpProxy.start(Number(new URL(nats.url).port));
    connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'ledger spec' });
    publisher = new JetStreamPublisher(connection);
    direct = await JetStreamConnection.open({ servers: [nats.url], name: 'ledger spec, direct' });
    manager = await jetstreamManager(direct.client);
  });
  beforeEach(async () => {
    dropped = 0;
    await deleteStream(manager, DELIVERY_STREAM);
    await reconcileStream(manager, deliveryStream(1, DAY_MS));
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await direct[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const open = (): CallLedger =>
    new CallLedger({
      ...{ publisher, clock },
      newId: () => `dlv_${ids++}`,
      onDropped: (calls) => void (dropped += calls),
    });
  const call = (webhookId = 'wh_1'): LedgerCall => ({
    ...{ webhookId, workspaceId: 'ws_1', at: '2026-11-28T10:00:00.000Z', outcome: 'refused' },
    ...{ status: 401, reason: 'SIGNATURE_MISSING', method: 'POST', ip: '192.0.2.1' },
  });
  const stored = async (): Promise<DeliveryEntry[]> => {
    const { messages, first_seq: first } = (await manager.streams.info(DELIVERY_STREAM)).state;
    const sequences = Array.from({ length: messages }, (_, index) => first + index);
    return Promise.all(
      sequences.map(async (seq) => {
        const message = await manager.streams.getMessage(DELIVERY_STREAM, { seq });
        return decodeEntry(message?.data ?? new Uint8Array(), seq);
      }),
    );
  };

  it('is bounded in time and size', async () => {
    const { config } = await manager.streams.info(DELIVERY_STREAM);
    expect(config).toMatchObject({ max_age: DAY_MS * 1e6, max_bytes: 1024 ** 3, discard: 'old', storage: 'file' });
  });

  it('holds what was written when it ends, and what was only counted until then', async () => {
    const ledger = open();
    for (let n = 0; n < TOLD_ONE_BY_ONE + 5; n++) ledger.record(call());
    await ledger[Symbol.asyncDispose]();
    const entries = await stored();
    expect(entries).toHaveLength(TOLD_ONE_BY_ONE + 1);
    expect(entries[0]).toEqual({ ...call(), id: expect.stringMatching(/^dlv_/) as unknown, calls: 1 });
    expect(entries.at(-1)).toMatchObject({ calls: 5, method: null, ip: null });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });

  it('tells what was counted when the window is over, without another call', async () => {
    await using ledger = open();
    for (let n = 0; n < TOLD_ONE_BY_ONE + 5; n++) ledger.record(call());
    clock.now += WINDOW_MS;
    await until('it is told', async () => (await stored()).some(({ calls }) => calls === 5));
  });

  it('drops what the log does not take at once, and tells how much', async () => {
    const webhooks = 300;
    const ledger = open();
    proxy.hold();
    for (let n = 0; n < webhooks; n++) ledger.record(call(`wh_${n}`));
    // 200 are under way; whoever called waits for none of them.
    expect(dropped).toBe(webhooks - 200);
    proxy.release();
    await ledger[Symbol.asyncDispose]();
    expect(await stored()).toHaveLength(200);
  });

  it('drops all while NATS is away', async () => {
    const ledger = open();
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !connection.connected);
    ledger.record(call());
    await ledger[Symbol.asyncDispose]();
    expect(dropped).toBe(1);
    proxy.admit();
    await until('NATS is back', () => connection.connected);
    const again = open();
    again.record(call());
    await again[Symbol.asyncDispose]();
    expect(await stored()).toHaveLength(1);
  });
});
