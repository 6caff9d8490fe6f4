import { createOutboundMail, type OutboundMailOptions } from './outbound-mail.ts';
import {
  sampleMail,
  serverOn,
  startSmtpServer,
  type SmtpScript,
  type TestSmtpServer,
  type TestSmtpServerOptions,
} from './testing/index.ts';
import type { MailServer, OutboundMail } from './types.ts';

describe('createOutboundMail', () => {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs };
  const started: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of started.splice(0)) await one[Symbol.asyncDispose]();
  });

  async function serve(script: SmtpScript = () => undefined, options: TestSmtpServerOptions = {}) {
    const server = await startSmtpServer({ ...options, script });
    started.unshift(server);
    return server;
  }

  function client(options: Partial<OutboundMailOptions> = {}): OutboundMail {
    const mail = createOutboundMail({ allowPrivateNetwork: true, clock, ...options });
    started.unshift(mail);
    return mail;
  }

  /** Sends so many at once, as one workspace does. */
  const sendMany = (mail: OutboundMail, server: TestSmtpServer, count: number, given: Partial<MailServer> = {}) =>
    Promise.allSettled(Array.from({ length: count }, () => mail.send(serverOn(server.port, given), sampleMail())));
  const codesOf = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.map((one) => (one.status === 'fulfilled' ? 'sent' : (one.reason as { code: string }).code));

  describe('a mail', () => {
    it('is sent to whom its envelope names, and what the server said is told', async () => {
      const server = await serve();
      const to = ['ben@example.org', 'eve@example.org'];
      const envelope = { from: 'bounce+1@example.com', to, dsn: { envid: 'ex1=2' } };
      const sent = await client().send(serverOn(server.port), sampleMail({ envelope }));
      expect(sent).toMatchObject({ messageId: '<m1@example.com>', response: expect.stringMatching(/^250/) as string });
      expect(sent.recipients).toEqual(to.map((address) => ({ address, outcome: 'accepted' })));
      const [mail] = server.mails;
      expect(mail?.envelope).toMatchObject({
        mailFrom: { address: 'bounce+1@example.com' },
        rcptTo: [{ address: 'ben@example.org' }, { address: 'eve@example.org' }],
        dsn: { ret: 'HDRS', envid: 'ex1=2' },
      });
      expect(mail?.envelope.rcptTo[1]?.dsn?.notify).toEqual(['FAILURE', 'DELAY']);
      expect(mail?.raw.toString()).toContain('Subject: Hello');
    });

    it('keeps its dots and its size', async () => {
      const server = await serve();
      const text = `.\n..\n${'.long line of text\n'.repeat(60_000)}`;
      await client().send(serverOn(server.port), sampleMail({ text }));
      expect(server.mails[0]?.raw.toString()).toContain(`\r\n\r\n${text.replaceAll('\n', '\r\n')}`);
    });

    it('may have no sender, so that it bounces to nobody', async () => {
      const server = await serve();
      await client().send(serverOn(server.port), sampleMail({ envelope: { from: '', to: ['ben@example.org'] } }));
      expect(server.mails[0]?.envelope.mailFrom).toMatchObject({ address: '' });
    });

    it('goes to those whom the server takes, and tells of the others', async () => {
      const replies: Readonly<Record<string, number>> = { 'no@example.org': 550, 'later@example.org': 452 };
      const server = await serve(({ step, address = '' }) => {
        const reply = step === 'rcpt' ? replies[address] : undefined;
        return reply === undefined ? undefined : { reply, text: 'of this one' };
      });
      const to = ['no@example.org', 'ben@example.org', 'later@example.org'];
      const sent = await client().send(serverOn(server.port), sampleMail({ envelope: { from: '', to } }));
      expect(sent.recipients).toMatchObject([
        { address: 'no@example.org', outcome: 'refused', replyCode: 550 },
        { address: 'ben@example.org', outcome: 'accepted' },
        { address: 'later@example.org', outcome: 'deferred', replyCode: 452 },
      ]);
      expect(server.mails[0]?.envelope.rcptTo.map(({ address }) => address)).toEqual(['ben@example.org']);
    });

    it('that must not be sent is refused before anything is connected to', async () => {
      const server = await serve();
      const mail = sampleMail({ envelope: { from: '', to: ['b@y.test\r\nRCPT TO:<evil@z.test>'] } });
      await expect(client().send(serverOn(server.port), mail)).rejects.toMatchObject({ code: 'INVALID_MAIL' });
      expect(server.connections()).toBe(0);
    });

    it('that is larger than the server takes is refused before it goes out', async () => {
      const server = await serve(undefined, { size: 1_000 });
      const mail = client();
      await expect(mail.send(serverOn(server.port), sampleMail({ text: 'x'.repeat(2_000) }))).rejects.toMatchObject({
        code: 'SMTP_REFUSED',
        retryable: false,
        outcome: 'notSent',
      });
      await mail.send(serverOn(server.port), sampleMail());
      expect([server.mails.length, server.connections()]).toEqual([1, 1]);
    });
  });

  describe('connections', () => {
    it('are as many as may be, and all mails go over them', async () => {
      const server = await serve();
      expect(codesOf(await sendMany(client(), server, 40, { maxConnections: 3 }))).toEqual(Array(40).fill('sent'));
      expect(server.mails).toHaveLength(40);
      expect(server.connections()).toBe(3);
    });

    it('are used again', async () => {
      const server = await serve();
      const mail = client();
      for (let sent = 0; sent < 10; sent++) await mail.send(serverOn(server.port), sampleMail());
      expect(server.connections()).toBe(1);
    });

    it('are shared by key and by nothing else', async () => {
      const server = await serve();
      const mail = client();
      for (const key of ['a', 'b', 'a']) await mail.send(serverOn(server.port, { key }), sampleMail());
      expect([server.connections(), mail.held().pools]).toEqual([2, 2]);
    });

    it('are left after as many messages as they may carry', async () => {
      const server = await serve();
      const given = { maxConnections: 1, messagesPerConnection: 2 };
      expect(codesOf(await sendMany(client(), server, 5, given))).toEqual(Array(5).fill('sent'));
      expect(server.mails.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3]);
    });

    it('are left when nobody needs them, and nothing is held then', async () => {
      const server = await serve();
      const mail = client({ idleMs: 20 });
      await sendMany(mail, server, 3);
      await server.hasOpen(0);
      expect(mail.held()).toEqual({ pools: 0, connections: 0, waiting: 0 });
    });

    it('that the server ends between mails are no failure', async () => {
      const server = await serve();
      const mail = client();
      await sendMany(mail, server, 3);
      server.hangUp();
      await server.hasOpen(0);
      await mail.send(serverOn(server.port), sampleMail());
      expect(server.mails).toHaveLength(4);
    });

    it.each<[string, ReturnType<SmtpScript>]>([
      ['is over', 'drop'],
      ['is to be closed', { reply: 421 }],
    ])('are opened anew, once, when one from before %s', async (_what, fault) => {
      let mails = 0;
      const server = await serve(({ step }) => (step === 'mail' && ++mails === 2 ? fault : undefined));
      const mail = client();
      await mail.send(serverOn(server.port), sampleMail());
      await mail.send(serverOn(server.port), sampleMail());
      expect(server.mails.map(({ connection }) => connection)).toEqual([1, 2]);
    });

    it('are not opened a third time for one mail', async () => {
      let mails = 0;
      const server = await serve(({ step }) => (step === 'mail' && ++mails > 1 ? 'drop' : undefined));
      const mail = client();
      await mail.send(serverOn(server.port), sampleMail());
      await expect(mail.send(serverOn(server.port), sampleMail())).rejects.toMatchObject({
        code: 'SMTP_DISCONNECTED',
        retryable: true,
      });
      expect([mails, server.connections()]).toEqual([3, 2]);
    });

    it('that end while a message goes out are not tried again', async () => {
      let messages = 0;
      const server = await serve(({ step }) => (step === 'message' && ++messages === 2 ? 'drop' : undefined));
      const mail = client();
      await mail.send(serverOn(server.port), sampleMail());
      await expect(mail.send(serverOn(server.port), sampleMail())).rejects.toMatchObject({
        code: 'SMTP_OUTCOME_UNKNOWN',
      });
      expect([server.connections(), server.mails.length]).toEqual([1, 2]);
    });

    it.each<[string, TestSmtpServerOptions['user'], number]>([
      ['at once', undefined, 5],
      ['one by one until the first is signed in', { username: 'ann', password: 'secret' }, 5],
    ])('beyond those that the server lets in are done without, opened %s', async (_what, user, maxConnections) => {
      const crowded: SmtpScript = ({ step, connection }) =>
        step === 'connect' && connection > 2 ? { reply: 421, text: 'too many connections' } : undefined;
      const server = await serve(crowded, user ? { user } : {});
      const settled = await sendMany(client(), server, 30, { maxConnections, ...user, requireTls: false });
      expect(codesOf(settled)).toEqual(Array(30).fill('sent'));
      expect(new Set(server.mails.map(({ connection }) => connection))).toEqual(new Set([1, 2]));
      expect(server.connections()).toBe(5);
    });

    it('that the server refuses, all of them, fail each mail after one more try at most', async () => {
      const server = await serve(({ step }) => (step === 'connect' ? { reply: 421 } : undefined));
      const settled = await sendMany(client(), server, 12);
      expect(codesOf(settled)).toEqual(Array(12).fill('SMTP_DEFERRED'));
      expect(server.connections()).toBeLessThanOrEqual(24);
    });
  });

  describe('the rate', () => {
    it('is that of the given clock', async () => {
      const server = await serve();
      const mail = client();
      const both = sendMany(mail, server, 2, { ratePerSecond: 100 });
      await server.reached('message');
      expect([mail.held().waiting, server.mails.length]).toEqual([1, 1]);
      nowMs += 10;
      expect(codesOf(await both)).toEqual(['sent', 'sent']);
    });

    it('holds though no connection stays', async () => {
      const server = await serve();
      const mail = client();
      const given = { ratePerSecond: 100, messagesPerConnection: 1 };
      await sendMany(mail, server, 1, given);
      await server.hasOpen(0);
      const second = sendMany(mail, server, 1, given);
      expect(mail.held()).toEqual({ pools: 1, connections: 0, waiting: 1 });
      nowMs += 10;
      expect(codesOf(await second)).toEqual(['sent']);
    });
  });

  describe('bounds', () => {
    it('of mails that wait turn away one more', async () => {
      const server = await serve(({ step }) => (step === 'mail' ? 'stall' : undefined));
      const mail = client({ maxWaiting: 2 });
      const waiting = sendMany(mail, server, 3, { maxConnections: 1 });
      await server.reached('mail');
      expect(mail.held()).toEqual({ pools: 1, connections: 1, waiting: 2 });
      const [more] = await sendMany(mail, server, 1, { maxConnections: 1 });
      expect(more).toMatchObject({ reason: { code: 'SMTP_CONNECT', phase: 'queue', retryable: true } });
      await mail[Symbol.asyncDispose]();
      expect(codesOf(await waiting)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    });

    it('of servers end the connections of one that is idle, and turn away one more when none is', async () => {
      const busy = await serve(({ step }) => (step === 'mail' ? 'stall' : undefined));
      const [first, second] = [await serve(), await serve()];
      const mail = client({ maxPools: 2 });
      await sendMany(mail, first, 1);
      const stalled = sendMany(mail, busy, 1);
      await busy.reached('mail');
      expect(codesOf(await sendMany(mail, second, 1))).toEqual(['sent']);
      await first.hasOpen(0);
      expect(mail.held().pools).toBe(2);
      const alsoStalled = sendMany(mail, busy, 1, { key: 'other' });
      await busy.reached('mail', 2);
      expect(codesOf(await sendMany(mail, first, 1))).toEqual(['SMTP_CONNECT']);
      await mail[Symbol.asyncDispose]();
      expect(codesOf([...(await stalled), ...(await alsoStalled)])).toEqual(['ABORTED', 'ABORTED']);
    });
  });
});
