import { Registry } from 'prom-client';
import type { InboxMessage } from '#libs/imap-inbox';
import { startImapServer, type TestImapServer } from '#libs/imap-inbox/testing';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import type { InboxRoute } from '#libs/webhook-routes';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { InboxMetrics } from './inbox-metrics.ts';
import { InboxReports } from './inbox-reports.ts';
import { mailboxIdOf } from './inbox-state.ts';
import { InboxStore } from './inbox-store.ts';
import { WatchedInboxes } from './watched-inboxes.ts';

const CLOCK = { nowMs: () => Date.parse('2026-11-29T10:00:00.000Z') };
const OUTBOUND = { allowPrivateNetwork: true, allow: [], deny: [] };

function routeTo(mailbox: string, webhookId: string): InboxRoute {
  return {
    ...{ webhookId, workspaceId: 'ws_1', workflowId: 'wf_1', version: 1, nodeId: 'in', methods: [], maxBodyBytes: 1 },
    ...{ variables: [], priority: 'normal' },
    mail: {
      ...{ maxBytes: 10_000, allowFrom: [], require: 'nothing' },
      imap: { credentialId: 'cr_1', mailbox, afterwards: 'delete' },
    },
  };
}

describe('watched mailboxes', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let store: InboxStore;
  let imap: TestImapServer;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'watched inboxes' });
    publisher = new JetStreamPublisher(connection);
    store = await InboxStore.open(connection, publisher, 1);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    imap = await startImapServer({ mailboxes: ['Other'] });
  });
  afterEach(async () => {
    await imap[Symbol.asyncDispose]();
  });

  const data = () => ({
    ...{ host: '127.0.0.1', port: imap.port, secure: false, requireTls: false },
    ...{ username: 'ann', password: 'secret' },
  });
  const process = () => {
    const taken: InboxMessage[] = [];
    const logger = createLogger({ level: 'fatal', pretty: false });
    const inboxes = new WatchedInboxes(
      store,
      {
        take: async (_token, message) => {
          taken.push(message);
          return 'handled';
        },
      },
      {
        find: async () => ({
          kind: 'found',
          credential: { type: 'imap', id: 'cr_1', allowedHosts: [], data: data() },
        }),
      },
      { outbound: OUTBOUND },
      CLOCK,
      new InboxReports(store, new InboxMetrics(new Registry()), logger, CLOCK),
    );
    return { inboxes, subjects: () => taken.map((one) => (one.kind === 'message' ? one.raw.toString().trim() : '')) };
  };
  const lastUid = async (webhookId: string, mailbox: string) =>
    (await store.checkpointsOf(webhookId, mailboxIdOf(data(), mailbox)).load())?.lastUid;
  const untilAt = (webhookId: string, uid: number, mailbox = 'INBOX') =>
    until(`${mailbox} is read to ${uid}`, async () => (await lastUid(webhookId, mailbox)) === uid);

  it('begin anew when somebody else saved meanwhile, and go on from where that one was', async () => {
    const { inboxes, subjects } = process();
    const wanted = [{ token: 't', route: routeTo('INBOX', 'wh_a') }];
    let asked = 0;
    inboxes.onOvertaken(() => {
      asked += 1;
      void inboxes.bring(wanted, 1);
    });
    await inboxes.bring(wanted, 1);
    await untilAt('wh_a', 0);
    const other = store.checkpointsOf('wh_a', mailboxIdOf(data(), 'INBOX'));
    await other.save({ ...(await other.load()), uidValidity: '1', lastUid: 0, since: '2026-11-01T00:00:00.000Z' });
    imap.inbox.append('one');
    await untilAt('wh_a', 1);
    imap.inbox.append('two');
    await untilAt('wh_a', 2);
    // The first one was taken before it could be known, and is the same execution then.
    expect(subjects()).toEqual(['one', 'one', 'two']);
    expect(asked).toBe(1);
    await inboxes.bring([]);
    expect(inboxes.size).toBe(0);
    await until('the server is left', async () => imap.openConnections() === 0);
  });

  it('begin anew with another term, as others may have watched meanwhile', async () => {
    const { inboxes, subjects } = process();
    const wanted = [{ token: 't', route: routeTo('INBOX', 'wh_b') }];
    await inboxes.bring(wanted, 1);
    await untilAt('wh_b', 0);
    await imap.reached('IDLE');
    await inboxes.bring(wanted, 1);
    const other = store.checkpointsOf('wh_b', mailboxIdOf(data(), 'INBOX'));
    await other.load();
    await other.save({ uidValidity: '1', lastUid: 0, since: '2026-11-01T00:00:00.000Z' });
    await inboxes.bring(wanted, 2);
    imap.inbox.append('one');
    await untilAt('wh_b', 1);
    expect(subjects()).toEqual(['one']);
    expect(imap.commands.filter((command) => command.includes('LOGIN'))).toHaveLength(2);
    await inboxes.bring([]);
  });

  it('begin with what comes next when a trigger is pointed at another mailbox, and delete nothing there', async () => {
    const { inboxes, subjects } = process();
    await inboxes.bring([{ token: 't', route: routeTo('INBOX', 'wh_c') }], 1);
    await untilAt('wh_c', 0);
    for (const text of ['one', 'two', 'three']) imap.inbox.append(text);
    await untilAt('wh_c', 3);
    const there = imap.mailbox('Other');
    there.uidValidity = 7;
    there.append('of before');
    await inboxes.bring([{ token: 't', route: routeTo('Other', 'wh_c') }], 1);
    await untilAt('wh_c', 1, 'Other');
    there.append('new');
    await untilAt('wh_c', 2, 'Other');
    await inboxes.bring([]);
    expect(subjects()).toEqual(['one', 'two', 'three', 'new']);
    expect(there.uids).toContain(1);
  });
});
