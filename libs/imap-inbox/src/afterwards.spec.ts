import { startImapServer } from './testing/index.ts';
import { mailAbout, recordWatch } from './testing/recording-watch.ts';

const NO_EXTENSIONS = ['IMAP4rev1', 'IDLE'];

describe('after a message was delivered', () => {
  it('it is marked as seen', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('one'));
    await using watch = recordWatch({ port: server.port, from: 'beginning', afterwards: 'seen' });
    await watch.watching();
    expect([...(server.inbox.messages[0]?.flags ?? [])]).toEqual(['\\Seen']);
    expect(watch.messages).toMatchObject([{ flags: [] }]);
  });

  it('it may be unmarked again by somebody, also when the connection is made anew', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('one'));
    await using watch = recordWatch({ port: server.port, from: 'beginning', afterwards: 'seen' });
    await server.reached('IDLE');
    server.inbox.messages[0]?.flags.clear();
    server.drop();
    await server.reached('IDLE', 2);
    expect([...(server.inbox.messages[0]?.flags ?? [])]).toEqual([]);
    expect(watch.messages).toHaveLength(1);
  });

  it.each([undefined, NO_EXTENSIONS])('it is moved (server with %j)', async (capabilities) => {
    await using server = await startImapServer({
      mailboxes: ['Done'],
      ...(capabilities ? { capabilities } : {}),
    });
    for (const subject of ['one', 'two']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning', afterwards: { moveTo: 'Done' } });
    await watch.watching();
    expect(server.mailbox('Done').messages).toHaveLength(2);
    const left = server.inbox.messages.map(({ flags }) => [...flags]);
    expect(left).toEqual(capabilities ? [['\\Deleted'], ['\\Deleted']] : []);
    expect(watch.events).toEqual([]);
  });

  it('it is deleted, and nothing else with it', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('of somebody else'), { flags: ['\\Deleted'] });
    await using watch = recordWatch({ port: server.port, afterwards: 'delete' });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('new'));
    await server.reached('UID EXPUNGE');
    await server.reached('IDLE', 2);
    expect(watch.subjects()).toEqual(['new']);
    expect(server.inbox.uids).toEqual([1]);
  });

  it('it is only flagged as deleted where others would be deleted with it', async () => {
    await using server = await startImapServer({ capabilities: NO_EXTENSIONS });
    server.inbox.append(mailAbout('of somebody else'), { flags: ['\\Deleted'] });
    await using watch = recordWatch({ port: server.port, afterwards: 'delete' });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('new'));
    await server.reached('UID STORE');
    await server.reached('IDLE', 2);
    expect(watch.subjects()).toEqual(['new']);
    expect(server.inbox.messages.map(({ flags }) => [...flags])).toEqual([['\\Deleted'], ['\\Deleted']]);
    expect(server.commands.filter((command) => command.includes('EXPUNGE'))).toEqual([]);
  });

  it('it is left where it is when the server says no, and the next one is delivered', async () => {
    await using server = await startImapServer();
    for (const subject of ['one', 'two']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning', afterwards: { moveTo: 'Nowhere' } });
    await watch.watching();
    expect(watch.subjects()).toEqual(['one', 'two']);
    expect(watch.events).toEqual([
      { kind: 'leftBehind', uid: 1 },
      { kind: 'leftBehind', uid: 2 },
    ]);
  });

  it('it is done later when the connection ended, without delivering again', async () => {
    let dropped = 0;
    await using server = await startImapServer({
      mailboxes: ['Done'],
      script: ({ command }) => (command === 'UID MOVE' && dropped++ < 2 ? 'drop' : undefined),
    });
    for (const subject of ['one', 'two']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning', afterwards: { moveTo: 'Done' } });
    await watch.watching();
    expect(watch.subjects()).toEqual(['one', 'two']);
    expect(server.mailbox('Done').messages).toHaveLength(2);
  });

  it('it is done by the next process when the first one ended before it', async () => {
    await using server = await startImapServer({ mailboxes: ['Done'] });
    server.inbox.append(mailAbout('one'));
    await using watch = recordWatch({
      port: server.port,
      known: { uidValidity: '1', lastUid: 1, isUnfinished: true },
      afterwards: { moveTo: 'Done' },
    });
    await watch.watching();
    expect(watch.messages).toEqual([]);
    expect(server.mailbox('Done').messages).toHaveLength(1);
  });

  it('nothing is done to a message that was passed over', async () => {
    await using server = await startImapServer();
    for (const subject of ['wanted', 'unwanted', 'wanted too']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({
      port: server.port,
      ...{ from: 'beginning', afterwards: 'delete' },
      deliver: async ({ uid }) => (uid === 2 ? 'passedOver' : 'handled'),
    });
    await watch.watching();
    expect(watch.subjects()).toEqual(['wanted', 'unwanted', 'wanted too']);
    expect(server.inbox.messages.map(({ uid, flags }) => [uid, ...flags])).toEqual([[2]]);
    expect(watch.saved.at(-1)).toMatchObject({ lastUid: 3 });
  });

  it('it is not done again by the next process, which may do something else', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('one'));
    const first = recordWatch({ port: server.port, from: 'beginning', afterwards: 'seen' });
    await first.watching();
    await first[Symbol.asyncDispose]();
    const [known] = first.saved.slice(-1);
    await using second = recordWatch({ port: server.port, ...(known ? { known } : {}), afterwards: 'delete' });
    await second.watching();
    expect(known).toMatchObject({ lastUid: 1 });
    expect(server.inbox.messages.map(({ flags }) => [...flags])).toEqual([['\\Seen']]);
  });

  it('what was there before is left alone', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('old'));
    await using watch = recordWatch({ port: server.port, afterwards: 'delete' });
    await server.reached('IDLE');
    server.drop();
    await server.reached('IDLE', 2);
    expect(watch.messages).toEqual([]);
    expect(server.inbox.messages.map(({ flags }) => [...flags])).toEqual([[]]);
  });
});
