import { startImapServer } from './testing/index.ts';
import { mailAbout, recordWatch } from './testing/recording-watch.ts';

const SUBJECTS = ['one', 'two', 'three'];
const FAULT = new Error('a fault that stays');

describe('a message that can not be delivered', () => {
  it.each([
    { why: 'whatever it is tried', isTemporary: () => false, tries: 10 },
    { why: 'after it could be by itself', isTemporary: (error: unknown) => error !== FAULT, tries: 13 },
  ])('$why is set aside after 10 tries, left as it is, and the next ones are delivered', async (given) => {
    await using server = await startImapServer();
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    let tries = 0;
    await using watch = recordWatch({
      port: server.port,
      ...{ from: 'beginning', afterwards: 'delete', isTemporary: given.isTemporary },
      deliver: async ({ uid }) => {
        if (uid === 2) throw ++tries > given.tries - 10 ? FAULT : new Error('the log is away');
      },
    });
    await watch.watching();
    expect(tries).toBe(given.tries);
    expect(watch.subjects()).toEqual(['one', 'three']);
    expect(watch.events).toMatchObject([{ kind: 'setAside', uid: 2, trouble: { code: 'DELIVERY_FAILED' } }]);
    expect(server.inbox.messages.map(({ uid, flags }) => [uid, ...flags])).toEqual([[2]]);
    expect(watch.saved.at(-1)).toMatchObject({ lastUid: 3 });
  });

  it('for a while only is tried more often, and delivered', async () => {
    await using server = await startImapServer();
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    let tries = 0;
    await using watch = recordWatch({
      port: server.port,
      ...{ from: 'beginning', isTemporary: () => true },
      deliver: async ({ uid }) => {
        if (uid === 2 && ++tries <= 25) throw new Error('the log is away');
      },
    });
    await watch.watching();
    expect(watch.subjects()).toEqual(SUBJECTS);
    expect(watch.events).toEqual([]);
  });

  it('as the server does not give it is set aside', async () => {
    let asked = 0;
    await using server = await startImapServer({
      script: ({ command, rest }) => {
        if (command !== 'UID FETCH' || !rest.startsWith('2 ')) return undefined;
        asked += 1;
        return { no: 'it is broken' };
      },
    });
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    expect(watch.subjects()).toEqual(['one', 'three']);
    expect(watch.events).toMatchObject([{ kind: 'setAside', uid: 2, trouble: { code: 'IMAP_REFUSED' } }]);
    expect(asked).toBe(10);
  });

  it('as the connection ends with it is tried on', async () => {
    let dropped = 0;
    await using server = await startImapServer({
      script: ({ command, rest }) =>
        command === 'UID FETCH' && rest.startsWith('2 ') && dropped++ < 12 ? 'drop' : undefined,
    });
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    expect(watch.subjects()).toEqual(SUBJECTS);
    expect(watch.events).toEqual([]);
  });
});

describe('room for a message', () => {
  it('is asked for before it is fetched, and given back once it is delivered', async () => {
    await using server = await startImapServer();
    const mails = SUBJECTS.map((subject) => mailAbout(subject, subject.repeat(50)));
    for (const mail of mails) server.inbox.append(mail);
    server.inbox.append(mailAbout('too large'), { size: 2_000 });
    const seen: unknown[] = [];
    await using watch = recordWatch({
      port: server.port,
      ...{ from: 'beginning', messageBytes: 1_000 },
      room: async (bytes) => {
        seen.push(bytes);
        return { [Symbol.dispose]: () => seen.push('given back') };
      },
      deliver: async ({ uid }) => void seen.push(`delivered ${uid}`),
    });
    await watch.watching();
    expect(seen).toEqual([
      ...mails.flatMap((mail, n) => [mail.length, `delivered ${n + 1}`, 'given back']),
      'delivered 4',
    ]);
  });

  it('is given back when a message is not delivered', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('one'));
    let [held, tries] = [0, 0];
    await using watch = recordWatch({
      port: server.port,
      from: 'beginning',
      room: async () => {
        held += 1;
        return { [Symbol.dispose]: () => void held-- };
      },
      deliver: async () => {
        if (++tries < 3) throw new Error('no');
      },
    });
    await watch.watching();
    expect([tries, held]).toEqual([3, 0]);
  });

  it('is waited for no longer once the watch is to end', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('one'));
    const asked = Promise.withResolvers<void>();
    const watch = recordWatch({
      port: server.port,
      from: 'beginning',
      room: (_bytes, signal) => {
        const { promise, reject } = Promise.withResolvers<Disposable>();
        signal.addEventListener('abort', () => reject(new Error('it is over')));
        asked.resolve();
        return promise;
      },
    });
    await asked.promise;
    await watch[Symbol.asyncDispose]();
    expect(watch.messages).toEqual([]);
    expect(watch.states.at(-1)).toEqual({ kind: 'stopped' });
  });
});
