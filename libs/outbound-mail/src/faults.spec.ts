import { createOutboundMail } from './outbound-mail.ts';
import type { OutboundMailError } from './errors.ts';
import {
  sampleMail,
  serverOn,
  startSmtpServer,
  type SmtpFault,
  type SmtpStep,
  type TestSmtpServer,
} from './testing/index.ts';
import type { OutboundMail } from './types.ts';

const clock = { nowMs: () => 0 };
const USER = { username: 'ann', password: 'correct horse' };
const NOT_NOW = { reply: 451, text: '4.7.1 not now' };
const NO = { reply: 550, text: '5.7.1 no' };
const FAULTS = { '4xx': NOT_NOW, '5xx': NO, stall: 'stall', drop: 'drop' } as const;

/** What an error tells of the reply that it stands for. */
function told(fault: SmtpFault) {
  const { reply, text = '' } = typeof fault === 'object' ? fault : {};
  return {
    replyCode: reply,
    enhancedCode: text === '' ? undefined : text.split(' ')[0],
    response: reply === undefined ? undefined : (expect.stringContaining(text) as unknown),
  };
}

interface Expected {
  readonly code: OutboundMailError['code'];
  readonly phase: OutboundMailError['phase'];
  readonly retryable: boolean;
}

const deferred = (phase: Expected['phase']): Expected => ({ code: 'SMTP_DEFERRED', phase, retryable: true });
const refused = (phase: Expected['phase']): Expected => ({ code: 'SMTP_REFUSED', phase, retryable: false });
const timedOut = (phase: Expected['phase']): Expected => ({ code: 'SMTP_TIMEOUT', phase, retryable: true });
const disconnected = (phase: Expected['phase']): Expected => ({ code: 'SMTP_DISCONNECTED', phase, retryable: true });
const UNKNOWN: Expected = { code: 'SMTP_OUTCOME_UNKNOWN', phase: 'data', retryable: false };

/** What becomes of a mail by where what goes wrong. Within a message there is no reply. */
const CASES: readonly (readonly [SmtpStep, keyof typeof FAULTS, Expected])[] = [
  ['connect', '4xx', deferred('greeting')],
  ['connect', '5xx', refused('greeting')],
  ['connect', 'stall', timedOut('greeting')],
  ['connect', 'drop', disconnected('greeting')],
  ['auth', '4xx', { code: 'SMTP_AUTH', phase: 'auth', retryable: true }],
  ['auth', '5xx', { code: 'SMTP_AUTH', phase: 'auth', retryable: false }],
  ['auth', 'stall', timedOut('auth')],
  ['auth', 'drop', disconnected('auth')],
  ['mail', '4xx', deferred('mail')],
  ['mail', '5xx', refused('mail')],
  ['mail', 'stall', timedOut('envelope')],
  ['mail', 'drop', disconnected('envelope')],
  ['rcpt', '4xx', deferred('rcpt')],
  ['rcpt', '5xx', refused('rcpt')],
  ['rcpt', 'stall', timedOut('envelope')],
  ['rcpt', 'drop', disconnected('envelope')],
  ['data', '4xx', deferred('data')],
  ['data', '5xx', refused('data')],
  ['data', 'stall', timedOut('envelope')],
  ['data', 'drop', disconnected('envelope')],
  ['content', 'stall', UNKNOWN],
  ['content', 'drop', UNKNOWN],
  ['message', '4xx', deferred('data')],
  ['message', '5xx', refused('data')],
  ['message', 'stall', UNKNOWN],
  ['message', 'drop', UNKNOWN],
];

describe.each([true, false])('what goes wrong (pipelining: %s)', (pipelining) => {
  let fault: { readonly step: SmtpStep; readonly fault: SmtpFault } | undefined;
  let server: TestSmtpServer;
  let mail: OutboundMail;
  let impatient: OutboundMail;

  beforeEach(async () => {
    fault = undefined;
    const script = ({ step }: { readonly step: SmtpStep }) => (step === fault?.step ? fault.fault : undefined);
    server = await startSmtpServer({ script, pipelining, user: USER });
    mail = createOutboundMail({ allowPrivateNetwork: true, clock });
    // This server is silent for 100 ms before it greets.
    impatient = createOutboundMail({ allowPrivateNetwork: true, clock, timeouts: { greetingMs: 700, socketMs: 700 } });
  });
  afterEach(async () => {
    await mail[Symbol.asyncDispose]();
    await impatient[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const send = (by = mail) => by.send(serverOn(server.port, { ...USER, requireTls: false }), sampleMail());
  const failing = (by = mail) =>
    send(by).then(
      () => undefined as never,
      (error: unknown) => error as OutboundMailError,
    );

  // How commands are sent matters between these two.
  const cases = pipelining ? CASES : CASES.filter(([step]) => ['mail', 'rcpt', 'data', 'content'].includes(step));

  it.each(cases)('at %s, %s', async (step, name, expected) => {
    fault = { step, fault: FAULTS[name] };
    const by = name === 'stall' ? impatient : mail;
    const outcome = expected === UNKNOWN ? 'unknown' : 'notSent';
    expect(await failing(by)).toMatchObject({ name: 'OutboundMailError', ...expected, outcome, ...told(FAULTS[name]) });
    // The next one is none the worse for it.
    fault = undefined;
    await expect(send()).resolves.toMatchObject({ recipients: [{ outcome: 'accepted' }] });
    const wasAnswered = name.endsWith('xx') && !['connect', 'auth'].includes(step);
    expect(server.connections()).toBe(wasAnswered ? 1 : 2);
  });

  it('tells what was said of each recipient when none is taken', async () => {
    fault = { step: 'rcpt', fault: NO };
    expect((await failing()).recipients).toMatchObject([
      { address: 'ben@example.org', outcome: 'refused', replyCode: 550 },
    ]);
  });

  it('may be tried again when one of several recipients is put off and none is taken', async () => {
    let recipients = 0;
    const both = await startSmtpServer({
      pipelining,
      script: ({ step }) => (step === 'rcpt' ? (recipients++ === 0 ? NOT_NOW : NO) : undefined),
    });
    const envelope = { from: '', to: ['ben@example.org', 'eve@example.org'] };
    await expect(mail.send(serverOn(both.port), sampleMail({ envelope }))).rejects.toMatchObject({
      ...deferred('rcpt'),
      recipients: [{ outcome: 'deferred' }, { outcome: 'refused' }],
    });
    await both[Symbol.asyncDispose]();
  });
});
