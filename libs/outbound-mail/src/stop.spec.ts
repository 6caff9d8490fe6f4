import { createOutboundMail } from './outbound-mail.ts';
import {
  sampleMail,
  serverOn,
  startSmtpServer,
  type SmtpScript,
  type SmtpStep,
  type TestSmtpServer,
} from './testing/index.ts';
import type { OutboundMail, SendOptions } from './types.ts';

const USER = { username: 'ann', password: 'secret' };
const given = { ...USER, requireTls: false, maxConnections: 1 };

describe('sending', () => {
  let stalling: SmtpStep | undefined;
  let server: TestSmtpServer;
  let mail: OutboundMail;
  const script: SmtpScript = ({ step }) => (step === stalling ? 'stall' : undefined);

  beforeEach(async () => {
    stalling = undefined;
    server = await startSmtpServer({ script, user: USER });
    mail = createOutboundMail({ allowPrivateNetwork: true, clock: { nowMs: () => 0 } });
  });
  afterEach(async () => {
    await mail[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const send = (options?: SendOptions) => mail.send(serverOn(server.port, given), sampleMail(), options);
  const stopped = (phase: string) => ({ code: 'ABORTED', phase, retryable: true, outcome: 'notSent' });
  const UNKNOWN = { code: 'SMTP_OUTCOME_UNKNOWN', phase: 'data', retryable: false, outcome: 'unknown' };
  const STEPS: readonly (readonly [SmtpStep, object])[] = [
    ['connect', stopped('greeting')],
    ['auth', stopped('auth')],
    ['mail', stopped('envelope')],
    ['rcpt', stopped('envelope')],
    ['data', stopped('envelope')],
    ['content', UNKNOWN],
    ['message', UNKNOWN],
  ];

  it.each(STEPS)('ends at %s when it is aborted', async (step, expected) => {
    stalling = step;
    const controller = new AbortController();
    const failed = expect(send({ signal: controller.signal })).rejects.toMatchObject(expected);
    await server.reached(step);
    controller.abort();
    await failed;
    await server.hasOpen(0);
    expect(mail.held()).toEqual({ pools: 0, connections: 0, waiting: 0 });
    stalling = undefined;
    await send();
  });

  it.each(STEPS)('ends at %s when the client is closed, and so does what waits', async (step, expected) => {
    stalling = step;
    const failed = expect(send()).rejects.toMatchObject(expected);
    const waiting = expect(send()).rejects.toMatchObject(stopped('queue'));
    await server.reached(step);
    await mail[Symbol.asyncDispose]();
    await failed;
    await waiting;
    await server.hasOpen(0);
  });

  it('ends while it waits for a connection', async () => {
    stalling = 'mail';
    const controller = new AbortController();
    const first = expect(send()).rejects.toMatchObject({ code: 'ABORTED' });
    await server.reached('mail');
    const second = send({ signal: controller.signal });
    expect(mail.held().waiting).toBe(1);
    controller.abort();
    await expect(second).rejects.toMatchObject(stopped('queue'));
    expect(mail.held().waiting).toBe(0);
    await mail[Symbol.asyncDispose]();
    await first;
  });

  it('does not begin when it was aborted before', async () => {
    await expect(send({ signal: AbortSignal.abort() })).rejects.toMatchObject(stopped('queue'));
    expect(server.connections()).toBe(0);
  });

  it('leaves no listener on a signal that serves many', async () => {
    const listening = new Set<unknown>();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: (_type: 'abort', listener: () => void) => void listening.add(listener),
      removeEventListener: (_type: 'abort', listener: () => void) => void listening.delete(listener),
    };
    await send({ signal });
    stalling = 'mail';
    await expect(send({ signal, timeoutMs: 100 })).rejects.toMatchObject({ code: 'SMTP_TIMEOUT' });
    expect(listening.size).toBe(0);
  });

  it('ends when its time is over, waiting for a connection included', async () => {
    stalling = 'mail';
    const controller = new AbortController();
    const first = expect(send({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    await server.reached('mail');
    await expect(send({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'SMTP_TIMEOUT',
      phase: 'queue',
      retryable: true,
    });
    controller.abort();
    await first;
  });

  it('ends while a name is looked up, by its time or by its caller', async () => {
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    await using silent = createOutboundMail({
      allowPrivateNetwork: true,
      clock: { nowMs: () => 0 },
      resolveAll: () => isAsked(),
      timeouts: { dnsMs: 30 },
    });
    const told = serverOn(server.port, { host: 'mail.example.com' });
    await expect(silent.send(told, sampleMail())).rejects.toMatchObject({ code: 'SMTP_TIMEOUT', phase: 'connect' });
    const controller = new AbortController();
    const failed = expect(silent.send(told, sampleMail(), { signal: controller.signal })).rejects.toMatchObject(
      stopped('connect'),
    );
    await asked;
    controller.abort();
    await failed;
  });

  it('is over with a client that was closed', async () => {
    await send();
    await mail[Symbol.asyncDispose]();
    await expect(send()).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(mail.check(serverOn(server.port, given))).rejects.toMatchObject({ code: 'ABORTED' });
    await server.hasOpen(0);
  });

  it('and checking end alike', async () => {
    stalling = 'auth';
    const controller = new AbortController();
    const checks = [
      mail.check(serverOn(server.port, given), { signal: controller.signal }),
      mail.check(serverOn(server.port, given)),
    ];
    const settled = Promise.allSettled(checks);
    await server.reached('auth', 2);
    controller.abort();
    await mail[Symbol.asyncDispose]();
    expect(await settled).toMatchObject([{ reason: stopped('auth') }, { reason: stopped('auth') }]);
    await server.hasOpen(0);
  });
});
