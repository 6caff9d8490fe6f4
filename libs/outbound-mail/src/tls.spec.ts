import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createOutboundMail, type OutboundMailOptions } from './outbound-mail.ts';
import {
  LOCALHOST_CERTIFICATE,
  sampleMail,
  serverOn,
  startSmtpServer,
  type TestSmtpServer,
  type TestSmtpServerOptions,
} from './testing/index.ts';
import type { MailServer, OutboundMail } from './types.ts';

const USER = { username: 'ann', password: 'correct horse' };

describe('a connection', () => {
  const started: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of started.splice(0)) await one[Symbol.asyncDispose]();
  });

  function client(options: Partial<OutboundMailOptions> = {}): OutboundMail {
    const mail = createOutboundMail({ allowPrivateNetwork: true, clock: { nowMs: () => 0 }, ...options });
    started.unshift(mail);
    return mail;
  }

  async function serve(options: TestSmtpServerOptions): Promise<TestSmtpServer> {
    const server = await startSmtpServer(options);
    started.unshift(server);
    return server;
  }

  /** Hands out whatever speaks; what it was told is kept. */
  async function speak(answer: (line: string, socket: Socket) => void, greeting = '220 mail.example.com\r\n') {
    const told: string[] = [];
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        told.push(text);
        for (const line of text.split('\r\n').slice(0, -1)) answer(line, socket);
      });
      socket.write(greeting);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    started.unshift({
      [Symbol.asyncDispose]: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    const { port } = server.address() as AddressInfo;
    return { port, told };
  }

  const send = (port: number, given: Partial<MailServer>, mail = client()) =>
    mail.send(serverOn(port, given), sampleMail());

  describe.each([
    ['TLS from the first byte', { secure: true }, { secure: true }],
    ['STARTTLS', { startTls: true }, { secure: false }],
  ])('with %s', (_what, options, given) => {
    it('is made with a certificate that is trusted', async () => {
      const server = await serve({ ...options, user: USER });
      await send(server.port, { ...given, ...USER, ca: LOCALHOST_CERTIFICATE });
      expect(server.mails[0]).toMatchObject({ secure: true, user: 'ann' });
    });

    it('is refused with one that nobody vouches for, and no password is sent', async () => {
      let auths = 0;
      const server = await serve({
        ...options,
        user: USER,
        script: ({ step }) => (step === 'auth' ? void auths++ : undefined),
      });
      await expect(send(server.port, { ...given, ...USER })).rejects.toMatchObject({
        code: 'SMTP_TLS',
        phase: 'tls',
        retryable: false,
        reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      expect([auths, server.mails.length]).toEqual([0, 0]);
      await server.hasOpen(0);
    });

    it('is refused with one of another name', async () => {
      const server = await serve(options);
      const mail = client({
        resolveAll: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
      });
      const ca = LOCALHOST_CERTIFICATE;
      await send(server.port, { ...given, ca, host: 'mail.example.com' }, mail);
      await expect(send(server.port, { ...given, ca, key: 'b', host: 'mail.example.org' }, mail)).rejects.toMatchObject(
        {
          code: 'SMTP_TLS',
          reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
        },
      );
    });

    it('takes any certificate where it was told to', async () => {
      const server = await serve(options);
      await send(server.port, { ...given, rejectUnauthorized: false });
      expect(server.mails[0]?.secure).toBe(true);
    });
  });

  it('uses STARTTLS where it is offered, though nobody asked for it', async () => {
    const server = await serve({ startTls: true });
    await send(server.port, { ca: LOCALHOST_CERTIFICATE });
    expect(server.mails[0]?.secure).toBe(true);
  });

  it.each([
    ['it has a password', USER],
    ['it is asked for', { requireTls: true }],
  ])('is refused where STARTTLS is not offered and %s', async (_what, given) => {
    const server = await serve({ user: USER });
    await expect(send(server.port, given)).rejects.toMatchObject({ code: 'SMTP_TLS', phase: 'tls', retryable: false });
    expect(server.mails).toHaveLength(0);
  });

  it.each(['502 not here', '454 not now', '220 go on'])(
    'sends no password in the clear, STARTTLS: %s',
    async (reply) => {
      const server = await speak((line, socket) => {
        if (line.startsWith('EHLO')) socket.write('250-mail.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n');
        else socket.write(`${line === 'STARTTLS' ? reply : '250 ok'}\r\n`);
      });
      const mail = client({ timeouts: { greetingMs: 500, connectMs: 1_000 } });
      const failed = send(server.port, USER, mail);
      await expect(failed).rejects.toMatchObject({ outcome: 'notSent', phase: 'tls' });
      const told = server.told.join('');
      expect(told).toContain('STARTTLS');
      for (const form of [USER.password, Buffer.from(`\0ann\0${USER.password}`).toString('base64'), 'AUTH', 'MAIL']) {
        expect(told).not.toContain(form);
      }
    },
  );

  it('does not go on with what was said before TLS', async () => {
    const server = await speak((line, socket) => {
      if (line.startsWith('EHLO')) socket.write('250-mail.example.com\r\n250 STARTTLS\r\n');
      else if (line === 'STARTTLS') socket.write('220 go on\r\n250-mail.example.com\r\n250 AUTH PLAIN\r\n235 in\r\n');
    });
    const mail = client({ timeouts: { greetingMs: 500 } });
    await expect(send(server.port, { ...USER, rejectUnauthorized: false }, mail)).rejects.toMatchObject({
      phase: 'tls',
    });
    expect(server.told.join('')).not.toContain('AUTH');
  });

  it('with TLS to a port without it, and the other way round, fails', async () => {
    const [plain, secure] = [await serve({}), await serve({ secure: true })];
    await expect(send(plain.port, { secure: true })).rejects.toMatchObject({ code: 'SMTP_TLS', retryable: false });
    const mail = client({ timeouts: { greetingMs: 100 } });
    await expect(send(secure.port, { secure: false }, mail)).rejects.toMatchObject({
      code: 'SMTP_TIMEOUT',
      phase: 'greeting',
    });
  });

  it('to what does not speak SMTP fails, and not for a while only', async () => {
    const { port } = await speak(() => undefined, 'HTTP/1.1 200 OK\r\n\r\n');
    await expect(send(port, {})).rejects.toMatchObject({ code: 'SMTP_PROTOCOL', phase: 'greeting', retryable: false });
  });

  it('to what never ends its reply is ended', async () => {
    const { port } = await speak(() => undefined, `220-${'x'.repeat(70_000)}\r\n`.repeat(2));
    await expect(send(port, {})).rejects.toMatchObject({ code: 'SMTP_PROTOCOL', phase: 'greeting' });
  });

  it.each([
    ['took it', '250 ok', 'SMTP_OUTCOME_UNKNOWN'],
    ['refused it', '552 too large', 'SMTP_REFUSED'],
  ])('whose server %s before it had all of the message is not used again', async (_what, reply, code) => {
    let connections = 0;
    const server = await speak((line, socket) => {
      if (line.startsWith('EHLO')) connections++;
      const isData = line === 'DATA';
      // Reads no further, so that the message does not get through.
      if (isData) socket.pause();
      if (/^[A-Z]{4}\b/.test(line)) socket.write(isData ? `354 go on\r\n${reply}\r\n` : '250 ok\r\n');
    });
    const mail = client();
    const large = sampleMail({ text: 'word '.repeat(4_000_000) });
    await expect(mail.send(serverOn(server.port), large)).rejects.toMatchObject({ code });
    await expect(mail.send(serverOn(server.port), large)).rejects.toMatchObject({ code });
    expect(connections).toBe(2);
  });

  describe('to check a server', () => {
    it('signs in, tells how, and leaves', async () => {
      const server = await serve({ startTls: true, user: USER });
      const mail = client();
      const told = serverOn(server.port, { ...USER, ca: LOCALHOST_CERTIFICATE });
      expect(await mail.check(told)).toEqual({ encrypted: true, authenticated: true });
      await server.hasOpen(0);
      expect(mail.held()).toEqual({ pools: 0, connections: 0, waiting: 0 });
      expect(server.mails).toHaveLength(0);
    });

    it('tells that nothing is encrypted, and nobody signed in', async () => {
      const server = await serve({});
      expect(await client().check(serverOn(server.port))).toEqual({ encrypted: false, authenticated: false });
    });

    it('is refused with a password that is wrong', async () => {
      const server = await serve({ secure: true, user: USER });
      const told = serverOn(server.port, { ...USER, password: 'wrong', secure: true, ca: LOCALHOST_CERTIFICATE });
      await expect(client().check(told)).rejects.toMatchObject({ code: 'SMTP_AUTH', replyCode: 535, retryable: false });
      await server.hasOpen(0);
    });
  });

  describe('with a password', () => {
    const clear = { ...USER, requireTls: false };

    it('that is wrong tries it once, and fails all that wait', async () => {
      let auths = 0;
      const server = await serve({ user: USER, script: ({ step }) => (step === 'auth' ? void auths++ : undefined) });
      const mail = client();
      const wrong = { ...clear, password: 'wrong horse' };
      const settled = await Promise.allSettled(Array.from({ length: 20 }, () => send(server.port, wrong, mail)));
      expect(settled).toEqual(
        Array(20).fill(expect.objectContaining({ reason: expect.objectContaining({ code: 'SMTP_AUTH' }) as unknown })),
      );
      expect(auths).toBe(1);
    });

    it('to a server that knows no way to sign in fails, and does not send without', async () => {
      const { port, told } = await speak((_line, socket) => socket.write('250 ok\r\n'));
      await expect(send(port, clear)).rejects.toMatchObject({ code: 'SMTP_AUTH', phase: 'auth', retryable: false });
      expect(told.join('')).not.toContain('MAIL');
    });

    it('does not tell it in an error, though the server does', async () => {
      const plain = Buffer.from(`\0ann\0${USER.password}`).toString('base64');
      const text = `no: ${USER.password} ${plain} ${Buffer.from(USER.password).toString('base64')}`;
      const server = await serve({
        user: USER,
        script: ({ step }) => (step === 'auth' ? { reply: 535, text } : undefined),
      });
      const error: unknown = await send(server.port, clear).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: expect.stringContaining('[redacted] [redacted]') as unknown });
      const shown = [String(error), JSON.stringify(error), (error as Error).stack].join();
      expect(shown).not.toContain(USER.password);
      expect(shown).not.toContain(plain.slice(0, 12));
      expect(error).not.toHaveProperty('cause');
    });
  });

  describe('within a wall', () => {
    it('leads into no private network, by address or by name', async () => {
      const server = await serve({});
      const mail = client({
        allowPrivateNetwork: false,
        resolveAll: (_name, _options, found) =>
          found(null, [
            { address: '192.0.2.1', family: 4 },
            { address: '127.0.0.1', family: 4 },
          ]),
      });
      for (const host of ['127.0.0.1', 'localhost', 'mail.example.com', '[::1]', '0x7f000001']) {
        await expect(send(server.port, { key: host, host }, mail)).rejects.toMatchObject({
          code: 'NETWORK_NOT_ALLOWED',
          retryable: false,
          phase: 'connect',
        });
      }
      expect(server.connections()).toBe(0);
    });

    it('is SMTP_CONNECT with the reason where nobody listens', async () => {
      const closed = await startSmtpServer();
      const { port } = closed;
      await closed[Symbol.asyncDispose]();
      await expect(send(port, {})).rejects.toMatchObject({
        code: 'SMTP_CONNECT',
        reason: 'ECONNREFUSED',
        retryable: true,
      });
    });
  });
});
