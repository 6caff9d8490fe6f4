import { createHash, randomBytes } from 'node:crypto';
import {
  sampleMail,
  serverOn,
  startSmtpServer,
  type SmtpScript,
  type TestSmtpServer,
} from '#libs/outbound-mail/testing';
import { createOutboundMail } from '#libs/outbound-mail';
import PostalMime from 'postal-mime';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { MAIL_DOMAIN, startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Postfix } from '../support/postfix.ts';
import { messageOf, sendMessage } from '../support/send-message.ts';
import { shownExecutions } from '../support/shown-executions.ts';
import { until } from '../support/until.ts';

interface Listed {
  readonly address: string;
  readonly status: string;
  readonly bounce: { readonly kind: string; readonly enhancedStatus: string | null } | null;
}

interface Sent {
  readonly messageId: string;
  readonly recipients: readonly { readonly address: string; readonly outcome: string; readonly reason?: string }[];
}

describe('with Postfix', () => {
  const started = new AsyncDisposableStack();
  let millrace: LocalMillrace;
  let api: Api;
  let nextHop: TestSmtpServer;
  let postfix: Postfix;
  /** Tries once to pass a mail on. */
  let hasty: Postfix;
  let credentialId: string;
  let hastyCredentialId: string;
  let script: SmtpScript = () => undefined;

  beforeAll(async () => {
    millrace = started.use(await startMillrace());
    nextHop = started.use(await startSmtpServer({ script: (moment) => script(moment) }));
    const routes = { [MAIL_DOMAIN]: millrace.mailPort, 'example.org': nextHop.port };
    postfix = started.use(await Postfix.start({ routes }));
    hasty = started.use(await Postfix.start({ routes, queueLifetime: '0' }));
    api = await Api.register(millrace.url);
    [credentialId, hastyCredentialId] = await Promise.all([credential(postfix), credential(hasty)]);
  }, 90_000);
  beforeEach(() => {
    script = () => undefined;
  });
  afterAll(async () => {
    await started.disposeAsync();
  }, 60_000);

  const credential = async ({ port }: Postfix): Promise<string> => {
    const data = { host: '127.0.0.1', port, secure: false, returnPath: 'millrace' };
    const { body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Postfix', data } });
    expect(body).toMatchObject({ check: { ok: true } });
    return (body as { id: string }).id;
  };
  const send = async (to: string, more: object = {}): Promise<Sent> => {
    const mail = { credentialId, from: 'shop@example.com', to, subject: 'News', text: 'There are some.', ...more };
    const id = await api.create(manualGraph({ send: { type: 'email.send', config: mail } }, ['start>send']));
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { headers: { prefer: 'wait=20' } });
    const { status, output } = body as Execution;
    expect(status).toBe('succeeded');
    return output as unknown as Sent;
  };
  const mailsTo = (to: string) => nextHop.mails.filter(({ envelope }) => envelope.rcptTo[0]?.address === to);
  const untilArrived = (to: string) => until(`${to} has mail`, async () => mailsTo(to)[0]);
  const emailsTo = async (address: string): Promise<readonly Listed[]> =>
    ((await api.send('GET', `/v1/emails?address=${address}`)).body as { items: Listed[] }).items;
  const untilBounced = (address: string, times = 1): Promise<readonly Listed[]> =>
    until(`mail to ${address} came back`, async () => {
      const bounced = (await emailsTo(address)).filter(({ bounce }) => bounce !== null);
      return bounced.length === times ? bounced : undefined;
    });
  const activate = async (): Promise<{ id: string; address: string }> => {
    const nodes = [{ id: 'in', type: 'trigger.email', config: {} }];
    const id = await api.create({ name: 'Mailed', nodes, connections: [] });
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    const { body } = await api.send('GET', `/v1/workflows/${id}/mail-addresses`);
    return { id, address: (body as { items: { address: string }[] }).items[0]?.address ?? '' };
  };
  const theOnlyExecutionOf = async (workflowId: string): Promise<Execution> => {
    const [one, ...more] = await shownExecutions(api, workflowId, 1);
    expect(more).toEqual([]);
    return api.ended(one?.id ?? '');
  };

  it('sends mail that arrives as it was, with its id and its return path', async () => {
    const text = `${'Zoë, 日本 and a long line. '.repeat(60)}\n.\n..two dots\nFrom here`;
    const { messageId, recipients } = await send('whole@example.org', { subject: 'Für Zoë', text });
    expect(recipients).toMatchObject([{ address: 'whole@example.org', outcome: 'accepted' }]);
    const { raw, envelope } = await untilArrived('whole@example.org');
    const read = await PostalMime.parse(raw);
    expect(read).toMatchObject({ messageId, subject: 'Für Zoë', from: { address: 'shop@example.com' } });
    expect(read.text?.trimEnd()).toBe(text);
    expect(envelope.mailFrom).toMatchObject({
      address: expect.stringMatching(new RegExp(`^bounce\\+\\w+@${MAIL_DOMAIN}$`)) as unknown,
    });
  });

  it('is told of which failures to give notice, and passes that on', async () => {
    await using client = createOutboundMail({ allowPrivateNetwork: true, clock: { nowMs: () => Date.now() } });
    const mail = sampleMail({
      envelope: { from: 'ann@example.com', to: ['noticed@example.org'], dsn: { envid: 'ex1=2' } },
    });
    const sent = await client.send(serverOn(postfix.port), mail);
    expect(sent.recipients).toEqual([{ address: 'noticed@example.org', outcome: 'accepted' }]);
    const { envelope } = await untilArrived('noticed@example.org');
    expect(envelope).toMatchObject({
      rcptTo: [{ dsn: { notify: ['FAILURE', 'DELAY'] } }],
      dsn: { ret: 'HDRS', envid: 'ex1=2' },
    });
  });

  it('sends no further mail to an address that the next server does not know', async () => {
    script = ({ step }) => (step === 'rcpt' ? { reply: 550, text: '5.1.1 no such user here' } : undefined);
    expect(await send('gone@example.org')).toMatchObject({ recipients: [{ outcome: 'accepted' }] });
    expect(await untilBounced('gone@example.org')).toMatchObject([
      { bounce: { kind: 'hard', enhancedStatus: '5.1.1' } },
    ]);
    const { recipients } = await send('Gone@example.org');
    expect(recipients).toMatchObject([{ outcome: 'suppressed', reason: 'hardBounce' }]);
    expect(mailsTo('gone@example.org')).toEqual([]);
  });

  it('keeps mail from a full mailbox once it came back three times', async () => {
    script = ({ step }) => (step === 'rcpt' ? { reply: 452, text: '4.2.2 the mailbox is full' } : undefined);
    const toFull = () => send('full@example.org', { credentialId: hastyCredentialId });
    for (let times = 1; times <= 3; times++) {
      expect(await toFull()).toMatchObject({ recipients: [{ outcome: 'accepted' }] });
      const bounced = await untilBounced('full@example.org', times);
      expect(bounced[0]).toMatchObject({ bounce: { kind: 'mailboxFull', enhancedStatus: '4.2.2' } });
    }
    expect(await toFull()).toMatchObject({ recipients: [{ outcome: 'suppressed', reason: 'softBounces' }] });
  });

  it('is told nothing of mail that comes late, and it comes once', async () => {
    let refusals = 0;
    script = ({ step }) => (step === 'rcpt' && refusals++ < 2 ? { reply: 451, text: '4.7.1 come later' } : undefined);
    await send('late@example.org');
    await untilArrived('late@example.org');
    expect(mailsTo('late@example.org')).toHaveLength(1);
    expect(await emailsTo('late@example.org')).toMatchObject([{ status: 'sent', bounce: null }]);
  });

  it('starts an execution for what it passes on', async () => {
    const { id, address } = await activate();
    const attachment = randomBytes(100_000);
    const message = messageOf({ id: 'order', subject: 'Two, please', text: 'Both red.', attachment });
    expect(await sendMessage(postfix.port, { to: [address], message })).toMatch(/^250 /);
    const sha256 = createHash('sha256').update(attachment).digest('hex');
    expect(await theOnlyExecutionOf(id)).toMatchObject({
      status: 'succeeded',
      input: {
        body: {
          messageId: '<order@example.org>',
          subject: 'Two, please',
          text: expect.stringMatching(/^Both red\.\s*$/) as unknown,
          attachments: [{ name: 'order.pdf', bytes: 100_000, sha256 }],
        },
        envelope: { from: 'ann@example.org', to: [address] },
      },
    });
  });

  it('gets mail for nobody back to whoever sent it', async () => {
    const message = messageOf({ id: 'lost' });
    const to = [`${'0'.repeat(36)}@${MAIL_DOMAIN}`];
    expect(await sendMessage(postfix.port, { to, message })).toMatch(/^250 /);
    const { raw } = await untilArrived('ann@example.org');
    expect(raw.toString()).toMatch(/^Status: 5\.1\.1\r$/m);
  });

  it('starts one execution for mail that comes while the log is away, once it is back', async () => {
    const { id, address } = await activate();
    await millrace.nats.stop();
    try {
      expect(await sendMessage(postfix.port, { to: [address], message: messageOf({ id: 'meanwhile' }) })).toMatch(
        /^250 /,
      );
      await until('it was deferred', async () => (postfix.hasDeferred(address) ? true : undefined));
    } finally {
      await millrace.nats.start();
    }
    await until('it was passed on', async () => (postfix.hasPassedOn(address) ? true : undefined));
    expect(await theOnlyExecutionOf(id)).toMatchObject({
      status: 'succeeded',
      input: { body: { messageId: '<meanwhile@example.org>' } },
    });
  }, 60_000);
});
