import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { TcpProxy, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { mailboxIdOf } from './inbox-state.ts';
import { InboxStore } from './inbox-store.ts';

const SERVER = { host: 'imap.example.com', port: 993, username: 'ann' };
const INBOX = mailboxIdOf(SERVER, 'INBOX');
const at = (lastUid: number) => ({ uidValidity: '1', lastUid });

describe('the checkpoint of a mailbox', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let store: InboxStore;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'inboxes' });
    publisher = new JetStreamPublisher(connection);
    store = await InboxStore.open(connection, publisher, 1);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const loaded = (triggerId: string, mailboxId = INBOX) => store.checkpointsOf(triggerId, mailboxId).load();

  it('is found again by the next watch, whole', async () => {
    const whole = { ...at(3), fingerprints: ['a'], since: '2026-11-28T03:00:00.000Z', isUnfinished: true } as const;
    const first = store.checkpointsOf('again', INBOX);
    expect(await first.load()).toBeUndefined();
    await first.save(at(2));
    await first.save(whole);
    expect(await loaded('again')).toEqual(whole);
  });

  it('is of one mailbox: a trigger that is pointed at another begins there as if for the first time', async () => {
    const first = store.checkpointsOf('moved', INBOX);
    await first.load();
    await first.save(at(9));
    const others = [
      mailboxIdOf(SERVER, 'Orders'),
      mailboxIdOf({ ...SERVER, host: 'imap.example.org' }, 'INBOX'),
      mailboxIdOf({ ...SERVER, username: 'bob' }, 'INBOX'),
      mailboxIdOf({ ...SERVER, port: 1993 }, 'INBOX'),
    ];
    for (const other of others) expect(await loaded('moved', other)).toBeUndefined();
    expect(await loaded('moved', mailboxIdOf({ ...SERVER, port: 143, host: 'IMAP.example.com' }, 'INBOX'))).toEqual(
      at(9),
    );
    const [other = ''] = others;
    const second = store.checkpointsOf('moved', other);
    await second.load();
    await second.save(at(1));
    expect(await loaded('moved', other)).toEqual(at(1));
  });

  it('that somebody else saved meanwhile is not overwritten, and a new watch goes on from there', async () => {
    const [first, second] = [store.checkpointsOf('two', INBOX), store.checkpointsOf('two', INBOX)];
    await Promise.all([first.load(), second.load()]);
    await first.save(at(1));
    await expect(second.save(at(2))).rejects.toMatchObject({ code: 'CHECKPOINT_TAKEN' });
    await expect(second.save(at(2))).rejects.toMatchObject({ code: 'CHECKPOINT_TAKEN' });
    await first.save(at(3));
    const third = store.checkpointsOf('two', INBOX);
    expect(await third.load()).toEqual(at(3));
    await third.save(at(4));
    expect(await loaded('two')).toEqual(at(4));
  });

  describe('behind a network that fails', () => {
    let proxy: TcpProxy;
    let far: JetStreamConnection;
    let farPublisher: JetStreamPublisher;

    beforeEach(async () => {
      proxy = await TcpProxy.start(nats.port);
      far = await JetStreamConnection.open({ servers: [`127.0.0.1:${proxy.port}`], name: 'far' });
      farPublisher = new JetStreamPublisher(far);
    });
    afterEach(async () => {
      await farPublisher[Symbol.asyncDispose]();
      await far[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    });

    it('that was stored without an acknowledgement counts as saved when it is tried again, and so do those after it', async () => {
      const checkpoints = (await InboxStore.open(far, farPublisher, 1)).checkpointsOf('lost', INBOX);
      await checkpoints.load();
      await checkpoints.save(at(1));
      proxy.hold();
      const lost = expect(checkpoints.save(at(2))).rejects.toMatchObject({ kind: 'unavailable' });
      await until('it is stored', async () => (await loaded('lost'))?.lastUid === 2);
      proxy.cut({ refusing: true });
      await lost;
      proxy.admit();
      expect(await far.backWithin(10_000)).toBe(true);
      await checkpoints.save(at(2));
      await checkpoints.save(at(3));
      expect(await loaded('lost')).toEqual(at(3));
    });

    it('that was never stored is saved when it is tried again', async () => {
      const checkpoints = (await InboxStore.open(far, farPublisher, 1)).checkpointsOf('away', INBOX);
      await checkpoints.load();
      await checkpoints.save(at(1));
      proxy.cut({ refusing: true });
      await expect(checkpoints.save(at(2))).rejects.toMatchObject({ kind: 'unavailable' });
      proxy.admit();
      expect(await far.backWithin(10_000)).toBe(true);
      await checkpoints.save(at(2));
      expect(await loaded('away')).toEqual(at(2));
    });
  });
});
