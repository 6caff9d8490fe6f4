import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { mailStream } from './layout.ts';
import type { MailEntry } from './mail-entry.ts';
import { mailKeyOf } from './mail-key.ts';
import { MailLedger } from './mail-ledger.ts';

describe('the ledger of mails', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let ledger: MailLedger;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'mail ledger spec' });
    publisher = new JetStreamPublisher(connection);
    await reconcileStream(await jetstreamManager(connection.client), mailStream(1, 86_400_000));
    ledger = new MailLedger(connection, publisher);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const entry = (kind: MailEntry['kind'], mailKey: string, workspaceId = 'ws_1'): MailEntry => ({
    ...{ mailKey, workspaceId, executionId: 'ex_1', nodeId: 'send', credentialId: 'cr_1', topic: null, kind },
    ...{ address: 'ann@example.org', at: '2026-11-29T10:00:00.000Z', attempt: 1 },
    ...{ reason: null, replyCode: null, status: null, text: null },
  });

  it('knows the last that was told of each mail, as soon as it is stored', async () => {
    const [one, other] = [mailKeyOf('key-1', 'ann@example.org'), mailKeyOf('key-2', 'ann@example.org')];
    await ledger.append(entry('sending', one));
    await ledger.append(entry('sending', other, 'ws_2'));
    await ledger.append(entry('sent', one));
    expect(await ledger.lastOf({ workspaceId: 'ws_1', mailKey: one })).toEqual(entry('sent', one));
    expect(await ledger.lastOf({ workspaceId: 'ws_2', mailKey: one })).toBeUndefined();
    expect(await ledger.find(other)).toEqual(entry('sending', other, 'ws_2'));
    expect(await ledger.find(mailKeyOf('key-3', 'ann@example.org'))).toBeUndefined();
  });
});
