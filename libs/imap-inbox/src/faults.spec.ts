import { startImapServer } from './testing/index.ts';
import { BRIEF, mailAbout, recordWatch } from './testing/recording-watch.ts';

const SUBJECTS = ['one', 'two', 'three', 'four', 'five'];

describe('a message that is not taken', () => {
  it('is handed on until it is, and nothing before it', async () => {
    await using server = await startImapServer();
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    const tried: number[] = [];
    await using watch = recordWatch({
      port: server.port,
      from: 'beginning',
      deliver: async ({ uid }) => {
        tried.push(uid);
        if (uid === 2 && tried.length < 5) throw new Error('the database is away');
      },
    });
    await watch.watching();
    expect(tried).toEqual([1, 2, 2, 2, 2, 3, 4, 5]);
    expect(watch.subjects()).toEqual(SUBJECTS);
    const troubles = watch.states.filter(({ kind }) => kind === 'waiting');
    expect(troubles).toHaveLength(3);
    expect(troubles[0]).toMatchObject({
      trouble: { code: 'DELIVERY_FAILED', cause: new Error('the database is away') },
    });
  });
});

describe('a checkpoint that can not be saved', () => {
  it('keeps back what follows, and what was taken is not handed on again', async () => {
    await using server = await startImapServer();
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    let failed = 0;
    await using watch = recordWatch({
      port: server.port,
      from: 'beginning',
      onSave: async ({ lastUid }) => {
        if (lastUid === 3 && failed++ < 3) throw new Error('no');
      },
    });
    await watch.watching();
    expect(watch.subjects()).toEqual(SUBJECTS);
    expect(watch.saved.map(({ lastUid }) => lastUid)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(watch.states.filter(({ kind }) => kind === 'waiting')).toMatchObject(
      Array.from({ length: 3 }, () => ({ trouble: { code: 'CHECKPOINT_FAILED' } })),
    );
  });

  it('at the begin does not move the begin', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('old'));
    let failed = 0;
    await using watch = recordWatch({
      port: server.port,
      onSave: async () => {
        if (failed++ > 0) return;
        server.inbox.append(mailAbout('came meanwhile'));
        throw new Error('no');
      },
    });
    await watch.watching();
    expect(watch.subjects()).toEqual(['came meanwhile']);
  });
});

describe('a connection that ends', () => {
  it.each(['CAPABILITY', 'LOGIN', 'EXAMINE', 'NOOP', 'UID FETCH', 'UID FETCH 3', 'IDLE'])(
    'at %s is made again, and every message is handed on once, in order',
    async (step) => {
      let dropped = 0;
      await using server = await startImapServer({
        script: ({ command, rest }) => (`${command} ${rest}`.startsWith(step) && dropped++ < 2 ? 'drop' : undefined),
      });
      for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
      await using watch = recordWatch({ port: server.port, from: 'beginning' });
      await server.reached(step, 3);
      await watch.until(() => watch.messages.length === 5);
      expect(watch.subjects()).toEqual(SUBJECTS);
      expect(watch.states.filter(({ kind }) => kind === 'waiting').length).toBeGreaterThanOrEqual(2);
    },
  );

  it('in the middle of a message hands on nothing of it', async () => {
    let cut = 0;
    await using server = await startImapServer({
      script: ({ command, rest }) =>
        command === 'UID FETCH' && rest.startsWith('2 ') && cut++ < 3 ? { cutAfter: 60 * cut } : undefined,
    });
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject, 'x'.repeat(500)));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    expect(watch.subjects()).toEqual(SUBJECTS);
    expect(cut).toBe(4);
  });

  it('while it idles is made again, and what came meanwhile is handed on', async () => {
    await using server = await startImapServer();
    await using watch = recordWatch({ port: server.port });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('pushed'));
    server.drop();
    server.inbox.append(mailAbout('missed'));
    await watch.until(() => watch.messages.length === 2);
    expect(watch.subjects()).toEqual(['pushed', 'missed']);
    expect(watch.states.filter(({ kind }) => kind === 'waiting')).toMatchObject([
      { trouble: { code: 'IMAP_DISCONNECTED' } },
    ]);
  });

  it('is made again more and more rarely, up to a bound, and at once after all was well', async () => {
    let isDown = true;
    await using server = await startImapServer({
      script: ({ command }) => (command === 'LOGIN' && isDown ? { bye: 'too busy' } : undefined),
    });
    await using watch = recordWatch({ port: server.port, backoff: { firstMs: 2, maxMs: 8 }, chance: () => 0.5 });
    await server.reached('LOGIN', 5);
    isDown = false;
    await watch.watching();
    const pauses = () => watch.states.flatMap((state) => (state.kind === 'waiting' ? [state.retryInMs] : []));
    expect(pauses().slice(0, 5)).toEqual([2, 3, 6, 6, 6]);
    expect(watch.states[1]).toMatchObject({
      kind: 'waiting',
      trouble: { message: expect.stringContaining('too busy') as string },
    });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('new'));
    await watch.until(() => watch.messages.length === 1);
    const before = pauses().length;
    server.drop();
    await watch.watching(2);
    expect(pauses().slice(before)).toEqual([2]);
  });
});

describe('a connection that was good for a while', () => {
  it('is made again at once', async () => {
    let failed = 0;
    await using server = await startImapServer({
      script: ({ command }) => (command === 'LOGIN' && failed++ < 3 ? 'drop' : undefined),
    });
    await using watch = recordWatch({ port: server.port, times: { renewMs: 5 } });
    await server.reached('IDLE', 3);
    server.drop();
    await watch.watching(2);
    const pauses = watch.states.flatMap((state) => (state.kind === 'waiting' ? [state.retryInMs] : []));
    expect(pauses).toEqual([1, 1, 2, 1]);
  });
});

describe('a server that says nothing', () => {
  it.each(['LOGIN', 'EXAMINE', 'UID FETCH'])('at %s is given up', async (step) => {
    let stalled = 0;
    await using server = await startImapServer({
      script: ({ command }) => (command === step && stalled++ === 0 ? 'stall' : undefined),
    });
    server.inbox.append(mailAbout('one'));
    await using watch = recordWatch({ port: server.port, from: 'beginning', times: { silenceMs: 100 } });
    await watch.watching();
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'IMAP_TIMEOUT' } });
    expect(watch.subjects()).toEqual(['one']);
  });
});

describe('what only a person can change', () => {
  it('is a password, which is not said', async () => {
    let isRight = false;
    await using server = await startImapServer({
      script: ({ command }) =>
        command === 'LOGIN' && !isRight ? { no: '[AUTHENTICATIONFAILED] secret is wrong' } : undefined,
    });
    await using watch = recordWatch({ port: server.port, backoff: { ...BRIEF, refusedMs: 7 } });
    await server.reached('LOGIN', 2);
    isRight = true;
    await watch.watching();
    const [, refused] = watch.states;
    expect(refused).toMatchObject({ kind: 'refused', retryInMs: 7, trouble: { code: 'IMAP_AUTH' } });
    expect(refused).toMatchObject({ trouble: { message: expect.stringContaining('… is wrong') as string } });
  });

  it('is a mailbox that is not there', async () => {
    await using server = await startImapServer();
    await using watch = recordWatch({ port: server.port, mailbox: 'Nowhere' });
    await watch.until(() => watch.states.length >= 2);
    expect(watch.states[1]).toMatchObject({ kind: 'refused', trouble: { code: 'IMAP_MAILBOX' } });
  });

  it('is not a server that cannot now', async () => {
    let failed = 0;
    await using server = await startImapServer({
      script: ({ command }) => (command === 'LOGIN' && failed++ === 0 ? { no: '[UNAVAILABLE] backend' } : undefined),
    });
    await using watch = recordWatch({ port: server.port });
    await watch.watching();
    expect(watch.states[1]).toMatchObject({ kind: 'waiting', trouble: { code: 'IMAP_REFUSED' } });
  });
});

describe('the end', () => {
  it('waits for a delivery and its checkpoint, and hands on nothing more', async () => {
    await using server = await startImapServer();
    for (const subject of SUBJECTS) server.inbox.append(mailAbout(subject));
    const taken = Promise.withResolvers<void>();
    let tried = 0;
    const watch = recordWatch({
      port: server.port,
      from: 'beginning',
      deliver: async () => {
        tried++;
        await taken.promise;
      },
    });
    await server.reached('UID FETCH 1 ');
    while (tried === 0) await new Promise((resolve) => setImmediate(resolve));
    const ended = watch[Symbol.asyncDispose]();
    taken.resolve();
    await ended;
    expect(watch.saved.map(({ lastUid }) => lastUid)).toEqual([0, 1]);
    expect(watch.subjects()).toEqual(['one']);
    expect(watch.states.at(-1)).toEqual({ kind: 'stopped' });
    expect(server.commands.at(-1)).toBe('LOGOUT');
  });

  it('comes with the signal too, while it idles', async () => {
    await using server = await startImapServer();
    const controller = new AbortController();
    await using watch = recordWatch({ port: server.port, signal: controller.signal });
    await server.reached('IDLE');
    controller.abort();
    await watch.until(() => watch.states.at(-1)?.kind === 'stopped');
    expect(server.commands.at(-1)).toBe('LOGOUT');
  });

  it.each(['LOGIN', 'UID FETCH'])('does not wait for a server that says nothing to %s', async (step) => {
    await using server = await startImapServer({ script: ({ command }) => (command === step ? 'stall' : undefined) });
    server.inbox.append(mailAbout('one'));
    const watch = recordWatch({ port: server.port, from: 'beginning' });
    await server.reached(step);
    await watch[Symbol.asyncDispose]();
    expect(watch.states.at(-1)).toEqual({ kind: 'stopped' });
  });

  it('comes at once while it pauses, while it resolves, and before it began', async () => {
    const backoff = { firstMs: 1e6, maxMs: 1e6, refusedMs: 1e6 };
    const pausing = recordWatch({ port: 1, backoff });
    await pausing.until(() => pausing.states.at(-1)?.kind === 'waiting');
    await pausing[Symbol.asyncDispose]();
    const resolving = recordWatch({ port: 1, server: { host: 'slow.example.com' }, resolveAll: () => undefined });
    await resolving[Symbol.asyncDispose]();
    const never = recordWatch({ port: 1, signal: AbortSignal.abort() });
    await never[Symbol.asyncDispose]();
    expect(never.states).toEqual([{ kind: 'stopped' }]);
  });
});
