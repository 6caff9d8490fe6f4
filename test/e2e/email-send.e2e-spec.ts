import { startSmtpServer, type SmtpScript, type TestSmtpServer } from '#libs/outbound-mail/testing';
import { Api } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const FROM = { address: 'shop@example.com', name: 'Shop' };
const refusedConnection = expect.objectContaining({ ok: false, code: 'SMTP_CONNECT' }) as unknown;
const MAIL = { from: FROM, subject: 'Your order', text: 'On its way.' };

describe('email.send', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let smtp: TestSmtpServer;
  let credentialId: string;
  let script: SmtpScript = () => undefined;

  beforeAll(async () => {
    [millrace, smtp] = await Promise.all([startMillrace(), startSmtpServer({ script: (moment) => script(moment) })]);
    api = await Api.register(millrace.url);
    const data = { host: '127.0.0.1', port: smtp.port, secure: false };
    const { body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Mail', data } });
    expect(body).toMatchObject({ check: { ok: true, encrypted: false } });
    credentialId = (body as { id: string }).id;
  }, 60_000);
  beforeEach(() => {
    script = () => undefined;
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
  });

  const start = async (node: object, input: object = {}): Promise<string> => {
    const id = await api.create(manualGraph({ send: node }, ['start>send']));
    const reply = await api.send('POST', `/v1/workflows/${id}/executions`, { json: { input } });
    expect(reply.status).toBe(202);
    return (reply.body as { executionId: string }).executionId;
  };
  const config = (to: string) => ({ ...MAIL, credentialId, to: [to] });
  const mailsTo = (to: string) => smtp.mails.filter(({ envelope }) => envelope.rcptTo[0]?.address === to);

  it('tells whether a credential gets in when it is stored, and whenever it is asked', async () => {
    const data = { host: '127.0.0.1', port: 1, secure: false };
    const { status, body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Wrong', data } });
    expect([status, body]).toEqual([201, expect.objectContaining({ check: refusedConnection })]);
    const { id } = body as { id: string };
    expect(await api.send('POST', `/v1/credentials/${id}/check`)).toMatchObject({
      status: 200,
      body: refusedConnection,
    });
    script = ({ step }) => (step === 'connect' ? { reply: 554, text: 'no service' } : undefined);
    expect(await api.send('POST', `/v1/credentials/${credentialId}/check`)).toMatchObject({ body: { ok: false } });
  });

  it('is tried again when the server says not now, as the same mail', async () => {
    let refusals = 0;
    script = ({ step }) =>
      step === 'message' && refusals++ < 2 ? { reply: 451, text: '4.7.1 come later' } : undefined;
    const retry = { maxAttempts: 3, initialMs: 10 };
    const id = await start({ type: 'email.send', config: config('later@example.org'), retry });
    const { output, status } = await api.ended(id);
    expect(status).toBe('succeeded');
    expect(output).toMatchObject({ recipients: [{ address: 'later@example.org', outcome: 'accepted' }] });
    const ids = mailsTo('later@example.org').map(({ raw }) => /^message-id: (.*)$/im.exec(raw.toString())?.[1]?.trim());
    expect(ids).toEqual(Array(3).fill((output as { messageId: string }).messageId));
  });

  it('is not tried again when the server says no', async () => {
    script = ({ step }) => (step === 'rcpt' ? { reply: 550, text: '5.1.1 no such user' } : undefined);
    const id = await start({
      type: 'email.send',
      config: config('nobody@example.org'),
      retry: { maxAttempts: 5, initialMs: 10 },
    });
    expect(await api.ended(id)).toMatchObject({
      status: 'failed',
      error: { code: 'SMTP_REFUSED', attempt: 1, details: { enhancedCode: '5.1.1' } },
    });
  });

  it('asks a person when the server took it and never said so, and sends nothing meanwhile', async () => {
    script = ({ step }) => (step === 'message' ? 'drop' : undefined);
    const retry = { maxAttempts: 5, initialMs: 10 };
    const id = await start({ type: 'email.send', config: config('who-knows@example.org'), retry });
    const waiting = await until('a person is asked', async () => {
      const { body } = await api.send('GET', `/v1/executions/${id}`);
      return (body as { status: string }).status === 'waiting' ? body : undefined;
    });
    expect(waiting).toMatchObject({ waitingOn: { kind: 'person', nodeId: 'send' } });
    expect(await api.send('GET', '/v1/in-doubt')).toMatchObject({
      body: { items: [{ executionId: id, nodes: [{ nodeId: 'send', error: { code: 'SMTP_OUTCOME_UNKNOWN' } }] }] },
    });
    expect(mailsTo('who-knows@example.org')).toHaveLength(1);
    const settled = { outcome: 'succeeded', output: { seen: 'in the log of the server' } };
    expect((await api.send('POST', `/v1/executions/${id}/nodes/send/settle`, { json: settled })).status).toBe(202);
    expect(await api.ended(id)).toMatchObject({ status: 'succeeded', output: settled.output });
    expect(mailsTo('who-knows@example.org')).toHaveLength(1);
  });

  it('is sent to each of a list over the connections of one pool', async () => {
    const people = Array.from({ length: 60 }, (_, n) => `person-${n}@example.net`);
    script = ({ step, address }) => (step === 'rcpt' && address === people[7] ? { reply: 550 } : undefined);
    const before = smtp.connections();
    const mail = { ...MAIL, credentialId, to: '{{ item }}', text: 'No. {{ index }}' };
    const id = await start(
      {
        type: 'forEach',
        config: {
          items: '{{ trigger.body }}',
          concurrency: 20,
          onItemError: 'continue',
          node: { type: 'email.send', config: mail },
        },
      },
      people,
    );
    const { output, status } = await api.ended(id, 30_000);
    expect(status).toBe('succeeded');
    const { results, errors } = output as { results: unknown[]; errors: unknown[] };
    expect(results.filter((one) => one !== null)).toHaveLength(59);
    expect(errors).toMatchObject([{ index: 7, code: 'SMTP_REFUSED' }]);
    expect(smtp.mails.filter(({ envelope }) => envelope.rcptTo[0]?.address.endsWith('@example.net'))).toHaveLength(59);
    expect(smtp.connections() - before).toBeLessThanOrEqual(5);
  });
});
