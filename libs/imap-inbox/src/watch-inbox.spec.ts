import { LOCALHOST_CERTIFICATE } from '#libs/outbound-mail/testing';
import { createWall } from '#libs/outbound-wall';
import { startImapServer } from './testing/index.ts';
import { mailAbout, recordWatch } from './testing/recording-watch.ts';

describe('a watch', () => {
  it('hands on what comes, as the server has it, and nothing of what was there', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('old'));
    await using watch = recordWatch({ port: server.port });
    await watch.watching();
    expect(watch.states).toEqual([{ kind: 'connecting' }, { kind: 'watching', by: 'idle' }]);
    await server.reached('IDLE');
    const raw = Buffer.concat([Buffer.from(mailAbout('bytes')), Buffer.from([0x00, 0xff, 0x80, 0x0d, 0x0a])]);
    server.inbox.append(raw, { flags: ['\\Seen', 'Work'], internalDate: new Date('2026-11-28T09:08:07Z') });
    await watch.until(() => watch.saved.length === 2);
    expect(watch.messages).toEqual([
      {
        kind: 'message',
        raw,
        uid: 2,
        uidValidity: '1',
        internalDate: '2026-11-28T09:08:07.000Z',
        flags: ['\\Seen', 'Work'],
      },
    ]);
    expect(watch.saved.at(-1)).toMatchObject({ uidValidity: '1', lastUid: 2 });
    expect(server.commands.some((command) => command.startsWith('SELECT'))).toBe(false);
    expect([...(server.inbox.messages[1]?.flags ?? [])]).toEqual(['\\Seen', 'Work']);
  });

  it('begins with all that there is when it is told to, in order', async () => {
    await using server = await startImapServer();
    for (const subject of ['one', 'two', 'three']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    expect(watch.subjects()).toEqual(['one', 'two', 'three']);
    expect(watch.saved.map(({ lastUid }) => lastUid)).toEqual([0, 1, 2, 3]);
  });

  it('goes on where it was, and does not take the newest message for a new one', async () => {
    await using server = await startImapServer();
    for (const subject of ['one', 'two', 'three']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, known: { uidValidity: '1', lastUid: 2 } });
    await watch.watching();
    expect(watch.subjects()).toEqual(['three']);
    await server.reached('IDLE');
    server.inbox.append(mailAbout('four'));
    await watch.until(() => watch.messages.length === 2);
    await server.reached('IDLE', 2);
    expect(watch.subjects()).toEqual(['three', 'four']);
  });

  it('hears of messages that come while others are handed on, and passes over those that are gone', async () => {
    await using server = await startImapServer();
    const uids = ['one', 'two', 'three'].map((subject) => server.inbox.append(mailAbout(subject)));
    await using watch = recordWatch({
      port: server.port,
      from: 'beginning',
      deliver: async ({ uid }) => {
        if (uid !== 1) return;
        server.inbox.remove(uids[1] ?? 0);
        server.inbox.append(mailAbout('four'));
      },
    });
    await watch.until(() => watch.messages.length === 3);
    await watch.watching();
    expect(watch.subjects()).toEqual(['one', 'three', 'four']);
  });

  it('looks now and then where the server has no IDLE', async () => {
    await using server = await startImapServer({ capabilities: ['IMAP4rev1'] });
    await using watch = recordWatch({ port: server.port, times: { pollMs: 5 } });
    await watch.watching();
    expect(watch.states.at(-1)).toEqual({ kind: 'watching', by: 'polling' });
    server.inbox.append(mailAbout('polled'));
    await watch.until(() => watch.messages.length === 1);
    expect(server.commands).not.toContain('IDLE');
  });

  it.each([{ no: 'not today' }, { bad: 'what' }])('looks now and then where IDLE is refused: %j', async (fault) => {
    await using server = await startImapServer({ script: ({ command }) => (command === 'IDLE' ? fault : undefined) });
    await using watch = recordWatch({ port: server.port, times: { pollMs: 5 } });
    await watch.watching(2);
    expect(watch.states.at(-1)).toEqual({ kind: 'watching', by: 'polling' });
    server.inbox.append(mailAbout('polled'));
    await watch.until(() => watch.messages.length === 1);
    expect(server.commands.filter((command) => command === 'IDLE')).toHaveLength(1);
  });

  it('begins IDLE anew now and then, and looks', async () => {
    await using server = await startImapServer();
    await using watch = recordWatch({ port: server.port, times: { renewMs: 5 } });
    await watch.watching();
    await server.reached('IDLE', 3);
    expect(server.connections()).toBe(1);
    expect(watch.states).toHaveLength(2);
  });

  it('begins after the newest message also where the server does not say the next number', async () => {
    await using server = await startImapServer({ tellsUidNext: false });
    server.inbox.append(mailAbout('old'));
    server.inbox.append(mailAbout('newest'));
    await using watch = recordWatch({ port: server.port });
    await server.reached('IDLE');
    expect(watch.saved).toMatchObject([{ lastUid: 2 }]);
    server.inbox.remove(1);
    server.inbox.remove(2);
    server.drop();
    await server.reached('IDLE', 2);
    server.inbox.append(mailAbout('new'));
    await watch.until(() => watch.messages.length === 1);
    expect(watch.subjects()).toEqual(['new']);
  });

  it('signs in with a token that it asks for each time', async () => {
    await using server = await startImapServer({ user: { username: 'ann', secret: 'token-2' } });
    let asked = 0;
    const accessToken = async () => `token-${++asked}`;
    await using watch = recordWatch({ port: server.port, server: { accessToken } });
    await watch.watching();
    expect(watch.states[1]).toMatchObject({ kind: 'refused', trouble: { code: 'IMAP_AUTH' } });
    expect(asked).toBe(2);
  });
});

describe('a token', () => {
  it('that can not be had is told of, and asked for again', async () => {
    await using server = await startImapServer();
    const cause = new Error('the provider is away');
    let asked = 0;
    const accessToken = async () => {
      if (asked++ === 0) throw cause;
      return 'secret';
    };
    await using watch = recordWatch({ port: server.port, server: { accessToken } });
    await watch.watching();
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'TOKEN_FAILED', cause } });
  });

  it('that never comes keeps nobody from ending', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const accessToken = () => {
      resolve();
      return new Promise<string>(() => undefined);
    };
    const watch = recordWatch({ port: 1, server: { accessToken } });
    await asked;
    await watch[Symbol.asyncDispose]();
    expect(watch.states.at(-1)).toEqual({ kind: 'stopped' });
  });
});

describe('a large message', () => {
  const messageBytes = 1_000;

  it('is handed on as too large, and passed over', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('small'));
    server.inbox.append(mailAbout('large', 'x'.repeat(1_000)));
    server.inbox.append(mailAbout('after'));
    await using watch = recordWatch({ port: server.port, from: 'beginning', messageBytes, afterwards: 'delete' });
    await watch.watching();
    const large = server.inbox.messages[0]?.size;
    expect(watch.subjects()).toEqual(['small', `too large: ${large}`, 'after']);
    expect(watch.messages[1]).toEqual({ kind: 'tooLarge', uid: 2, uidValidity: '1', bytes: large });
    expect(server.commands.filter((command) => /^UID FETCH 2 /.test(command))).toEqual([]);
    expect(server.inbox.uids).toEqual([2]);
  });

  it('is so too when the server says that it is small', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('large', 'x'.repeat(100_000)), { size: 10 });
    server.inbox.append(mailAbout('after'));
    await using watch = recordWatch({ port: server.port, from: 'beginning', messageBytes });
    await watch.until(() => watch.messages.length === 2);
    expect(watch.subjects()).toEqual([expect.stringMatching(/^too large: 100\d\d\d$/), 'after']);
    expect(server.connections()).toBe(2);
  });
});

describe('where a watch connects to', () => {
  it('is judged', async () => {
    await using server = await startImapServer();
    await using watch = recordWatch({ port: server.port, wall: createWall({ allowPrivateNetwork: false }) });
    await watch.until(() => watch.states.length >= 3);
    expect(watch.states[1]).toMatchObject({ kind: 'refused', trouble: { code: 'NETWORK_NOT_ALLOWED' } });
    expect(server.connections()).toBe(0);
  });

  it('is what was judged, with the certificate of its name', async () => {
    await using server = await startImapServer({ secure: true });
    const asked: string[] = [];
    await using watch = recordWatch({
      port: server.port,
      server: { host: 'mail.example.com', secure: true, ca: LOCALHOST_CERTIFICATE },
      resolveAll: (name, _options, callback) => {
        asked.push(name);
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    await watch.watching();
    expect(asked).toEqual(['mail.example.com']);
  });

  it('is told when its name leads nowhere', async () => {
    const failure = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    await using watch = recordWatch({
      port: 1,
      server: { host: 'gone.example.com' },
      resolveAll: (_name, _options, callback) => callback(failure, []),
    });
    await watch.until(() => watch.states.length >= 2);
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'IMAP_CONNECT' } });
  });

  it('must be the one that its certificate names', async () => {
    await using server = await startImapServer({ secure: true });
    await using watch = recordWatch({ port: server.port, server: { secure: true } });
    await watch.until(() => watch.states.length >= 2);
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'IMAP_TLS' } });
  });
});

describe('TLS in the middle', () => {
  const server = { requireTls: true, ca: LOCALHOST_CERTIFICATE };

  it('is begun before anything else', async () => {
    await using imap = await startImapServer({ startTls: true });
    await using watch = recordWatch({ port: imap.port, server });
    await watch.watching();
    const isIn = imap.commands.findIndex((command) => command.startsWith('LOGIN'));
    expect(imap.commands.indexOf('STARTTLS')).toBeGreaterThan(-1);
    expect(imap.commands.indexOf('STARTTLS')).toBeLessThan(isIn);
  });

  it('must be there before a password is said', async () => {
    await using imap = await startImapServer();
    await using watch = recordWatch({ port: imap.port, server });
    await watch.until(() => watch.states.length >= 2);
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'IMAP_TLS' } });
    expect(imap.commands.filter((command) => /LOGIN|AUTHENTICATE/.test(command))).toEqual([]);
  });
});
