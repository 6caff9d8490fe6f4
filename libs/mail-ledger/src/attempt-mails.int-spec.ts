import { createSecretKey, randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import type { MailResult, RecordedMail } from '#libs/nodes';
import { SuppressionList } from '#libs/suppressions';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { AttemptMails } from './attempt-mails.ts';
import { mailStream } from './layout.ts';
import { MailLedger } from './mail-ledger.ts';
import { MailLinks } from './mail-links.ts';

describe('the records of an attempt', () => {
  let nats: TestNats;
  let proxy: TcpProxy;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let suppressions: SuppressionList;
  let mails: AttemptMails;
  let count = 0;
  const clock = { nowMs: () => Date.UTC(2026, 10, 29) };
  const never = new AbortController().signal;

  beforeAll(async () => {
    nats = await startTestNats();
    proxy = await TcpProxy.start(nats.port);
    connection = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'attempt mails spec' });
    publisher = new JetStreamPublisher(connection);
    await reconcileStream(await jetstreamManager(connection.client), mailStream(1, 86_400_000));
    suppressions = await SuppressionList.open({ connection, publisher, clock, replicas: 1 });
    const links = new MailLinks({ keys: [createSecretKey(randomBytes(32))], publicUrl: 'https://x.test' });
    mails = new AttemptMails({ ledger: new MailLedger(connection, publisher), suppressions, links, clock });
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const fresh = (): RecordedMail => ({
    ...{ workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'send', attempt: 1, credentialId: 'cr_1', topic: null },
    ...{ idempotencyKey: `key-${count++}`, address: 'ann@example.org' },
  });
  const told = (kind: MailResult['kind']): MailResult => ({
    ...{ kind, reason: null, replyCode: null, status: null, text: null },
  });
  const lookAt = async (mail: RecordedMail, attempt: number): Promise<string> =>
    (await mails.look({ ...mail, attempt })).kind;

  it.each(['deferred', 'refused', 'unsent'] as const)('what was %s may be sent again', async (kind) => {
    const mail = fresh();
    expect(await lookAt(mail, 1)).toBe('unsent');
    await mails.begin(mail, never);
    await mails.end(mail, told(kind), never);
    expect([await lookAt(mail, 1), await lookAt(mail, 2)]).toEqual(['unsent', 'unsent']);
  });

  it('what was sent is not sent again', async () => {
    const mail = fresh();
    await mails.begin(mail, never);
    await mails.end(mail, told('sent'), never);
    expect([await lookAt(mail, 1), await lookAt(mail, 2)]).toEqual(['sent', 'sent']);
  });

  it('what was begun, and never told of, is in doubt at whichever attempt, until that was told', async () => {
    const mail = fresh();
    await mails.begin(mail, never);
    expect([await lookAt(mail, 1), await lookAt(mail, 2)]).toEqual(['interrupted', 'interrupted']);
    await mails.end(mail, told('unknown'), never);
    expect([await lookAt(mail, 1), await lookAt(mail, 2)]).toEqual(['interrupted', 'unsent']);
  });

  it('who gets no mail is told, but for what was begun before', async () => {
    const [mail, begun] = [fresh(), { ...fresh(), address: 'ben@example.org' }];
    await mails.begin(begun, never);
    for (const address of ['Ann@example.org', 'ben@example.org'])
      await suppressions.add({
        ...{ workspaceId: 'ws_1', address, topic: null, reason: 'manual', detail: null },
        ...{ executionId: null, at: '2026-11-29T00:00:00.000Z', expiresAt: null },
      });
    expect(await mails.look(mail)).toMatchObject({ kind: 'suppressed', reason: 'manual', expiresAt: null });
    expect(await lookAt(begun, 1)).toBe('interrupted');
  });

  it('are written when the log is there again, and given up soon after the time of the attempt', async () => {
    const [kept, given] = [fresh(), fresh()];
    await mails.begin(kept, never);
    proxy.cut({ refusing: true });
    await until('NATS is away', () => !connection.connected);
    const ending = mails.end(kept, told('sent'), never);
    const controller = new AbortController();
    const beginning = mails.begin(given, controller.signal);
    const alsoEnding = mails.end(given, told('sent'), controller.signal);
    controller.abort();
    await expect(beginning).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await alsoEnding;
    proxy.admit();
    await ending;
    expect(await lookAt({ ...kept, address: 'ann@example.org' }, 1)).toBe('sent');
  });
});
