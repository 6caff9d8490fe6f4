import { jetstreamManager } from '@nats-io/jetstream';
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { JetStreamEventStore } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { TcpProxy } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { AuditLog } from './audit-log.ts';
import type { AuditFact } from './entry.ts';
import { createAuditCodec } from './event.ts';
import { lineOf } from './hashing.ts';
import { createAuditSigner } from './keys.ts';
import { AUDIT_STREAM, auditLayout } from './layout.ts';
import { verifyAudit } from './verify.ts';

const signer = createAuditSigner(createSecretKey(randomBytes(32)));
const fact = (target: string): AuditFact => ({
  ...{ kind: 'begun', actor: { type: 'user', id: 'usr_1' }, address: null, action: 'workflow.activate' },
  ...{ target, requestId: 'r-1' },
});

describe('the audit log on JetStream', () => {
  let nats: TestNats;
  const ends: AsyncDisposable[] = [];

  const open = async (server = nats.url): Promise<AuditLog> => {
    const connection = await JetStreamConnection.open({ servers: [server], name: 'audit spec' });
    const publisher = new JetStreamPublisher(connection);
    ends.push(publisher, connection);
    const store = new JetStreamEventStore({ connection, publisher, layout: auditLayout(1), codec: createAuditCodec() });
    return new AuditLog({ store, signer, keys: [signer.key], clock: { nowMs: Date.now }, newCommitId: randomUUID });
  };
  const verdictOn = async (log: AuditLog, workspaceId: string) => {
    const { checkpoint } = (await log.endOf(workspaceId))!;
    const header = { format: 'millrace.audit.export/v1', workspaceId, keys: [signer.key], checkpoint };
    return verifyAudit(async function* () {
      yield JSON.stringify(header);
      for await (const entry of log.entries(workspaceId, checkpoint.size)) yield lineOf(entry);
    });
  };

  beforeAll(async () => {
    nats = await startTestNats();
    const direct = await JetStreamConnection.open({ servers: [nats.url], name: 'audit spec' });
    const [stream] = auditLayout(1).streams;
    await reconcileStream(await jetstreamManager(direct.client), stream!);
    await direct[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    for (const end of ends) await end[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  it('is one chain, whichever processes write it at the same time', async () => {
    const logs = await Promise.all([open(), open(), open()]);
    const written = logs.flatMap((log, writer) =>
      Array.from({ length: 100 }, async (_, at) => {
        await new Promise((go) => setImmediate(go));
        return (await log.append('ws_1', fact(`${writer}/${at}`))).index;
      }),
    );
    const indexes = (await Promise.all(written)).toSorted((one, other) => one - other);
    expect(indexes).toEqual(Array.from({ length: 300 }, (_, index) => index));
    expect(await verdictOn(logs[0], 'ws_1')).toMatchObject({ entries: 300, problem: null });
  });

  it('has what was told to be stored, and each of it once, when connections break', async () => {
    await using proxy = await TcpProxy.start(Number(new URL(nats.url).port));
    const log = await open(`127.0.0.1:${proxy.port}`);
    const told: string[] = [];
    for (let round = 0; round < 5; round++) {
      const asked = Array.from({ length: 10 }, (_, at) => `${round}/${at}`).map(async (target) => {
        await log.append('ws_2', fact(target));
        told.push(target);
      });
      proxy.cut();
      await Promise.allSettled(asked);
      await log.append('ws_2', fact(`after ${round}`)).catch(() => undefined);
    }
    const direct = await open();
    await direct.append('ws_2', fact('last'));
    const stored: string[] = [];
    for await (const entry of direct.entries('ws_2', Infinity)) stored.push(String('target' in entry && entry.target));
    expect(stored).toEqual(expect.arrayContaining(told));
    expect(new Set(stored).size).toBe(stored.length);
    expect(await verdictOn(direct, 'ws_2')).toMatchObject({ problem: null });
  });

  it('lets nobody delete a message or purge the stream', async () => {
    const direct = await JetStreamConnection.open({ servers: [nats.url], name: 'audit spec' });
    const { streams } = await jetstreamManager(direct.client);
    await expect(streams.deleteMessage(AUDIT_STREAM, 1)).rejects.toThrow();
    await expect(streams.purge(AUDIT_STREAM)).rejects.toThrow();
    await direct[Symbol.asyncDispose]();
  });
});
