import { startSmtpServer, type TestSmtpServer } from '#libs/outbound-mail/testing';
import PostalMime from 'postal-mime';
import { Api, call, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { MAIL_DOMAIN, startMillrace, type LocalMillrace } from '../support/installation.ts';
import { sendMessage } from '../support/send-message.ts';

interface Sent {
  readonly recipients: readonly { readonly address: string; readonly outcome: string; readonly reason?: string }[];
}

/** As Postfix writes them. */
function notice(...recipients: readonly Readonly<Record<string, string>>[]): string {
  return [
    'From: Mail Delivery System <MAILER-DAEMON@mx.example.org>',
    'To: somebody@example.com',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
    '',
    '--part',
    'Content-Type: text/plain',
    '',
    ...recipients.map(({ address, said }) => `<${address}>: ${said}`),
    '--part',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    ...recipients.flatMap(({ address, action = 'failed', status, said }) => [
      '',
      `Final-Recipient: rfc822; ${address}`,
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: smtp; ${said}`,
    ]),
    '',
    '--part--',
    '',
  ].join('\r\n');
}

const HARD = { status: '5.1.1', said: '550 5.1.1 no such user here' };
const FULL = { status: '4.2.2', said: '452 4.2.2 the mailbox is full' };

describe('mail that comes back', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let smtp: TestSmtpServer;
  let credentialId: string;

  beforeAll(async () => {
    const publicUrl = 'https://millrace.example.com';
    [millrace, smtp] = await Promise.all([startMillrace({ publicUrl }), startSmtpServer()]);
    api = await Api.register(millrace.url);
    const data = { host: '127.0.0.1', port: smtp.port, secure: false, returnPath: 'millrace' };
    const { body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Mail', data } });
    credentialId = (body as { id: string }).id;
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
  });

  /** What became of it, and with which envelope and text it went out last. */
  const send = async (to: string | readonly string[], more: object = {}) => {
    const mail = { credentialId, from: 'shop@example.com', to, subject: 'News', text: 'There are some.', ...more };
    const id = await api.create(manualGraph({ send: { type: 'email.send', config: mail } }, ['start>send']));
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { headers: { prefer: 'wait=20' } });
    const { status, output } = body as Execution;
    expect(status).toBe('succeeded');
    return (output as unknown as Sent).recipients;
  };
  const outcomeOf = async (to: string, more: object = {}) => (await send(to, more))[0];
  const lastTo = (address: string) => {
    const found = smtp.mails.findLast(({ envelope }) => envelope.rcptTo[0]?.address === address);
    if (!found) throw new Error(`nothing was sent to ${address}`);
    const { mailFrom } = found.envelope;
    return { returnPath: mailFrom ? mailFrom.address : '', raw: found.raw };
  };
  const comesBack = (to: string, message: string): Promise<string> =>
    sendMessage(millrace.mailPort, { to: [to], from: '', message });

  it('keeps further mail from an address that does not exist, and that fails nothing', async () => {
    expect(await send(['gone@example.org', 'here@example.org'])).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'accepted' },
    ]);
    const { returnPath } = lastTo('gone@example.org');
    expect(returnPath).toMatch(new RegExp(`^bounce\\+[0-9a-z]{52}@${MAIL_DOMAIN}$`));
    expect(returnPath).not.toBe(lastTo('here@example.org').returnPath);
    expect(await comesBack(returnPath, notice({ ...HARD, address: 'gone@example.org' }))).toMatch(/^250 /);
    expect(await send(['Gone@Example.org', 'here@example.org'])).toMatchObject([
      { address: 'Gone@Example.org', outcome: 'suppressed', reason: 'hardBounce', expiresAt: null },
      { address: 'here@example.org', outcome: 'accepted' },
    ]);
  });

  it('is believed of its own recipient alone, and only where we made the address', async () => {
    await send(['victim@example.org', 'forger@example.org']);
    const { returnPath } = lastTo('forger@example.org');
    const forged = returnPath.replace(/.@/, (end) => (end === '0@' ? '1@' : '0@'));
    expect(await comesBack(forged, notice({ ...HARD, address: 'victim@example.org' }))).toMatch(/^550 5\.1\.1/);
    // Its own return path, with a notice about somebody else.
    expect(await comesBack(returnPath, notice({ ...HARD, address: 'victim@example.org' }))).toMatch(/^250 /);
    expect(await outcomeOf('victim@example.org')).toMatchObject({ outcome: 'accepted' });
    expect(await outcomeOf('forger@example.org')).toMatchObject({ outcome: 'suppressed' });
  });

  it('is believed of what it says of its own recipient, whatever it says of others before', async () => {
    const [gone, late] = [
      { ...HARD, address: 'alice@example.org' },
      { ...FULL, address: 'late@example.org' },
    ];
    await send([gone.address, late.address]);
    const { returnPath } = lastTo(late.address);
    expect(await comesBack(returnPath, notice(gone, { ...late, action: 'delayed' }))).toMatch(/^250 /);
    // Nobody can tell which of them it would be.
    expect(await comesBack(returnPath, notice(gone, { ...HARD, address: 'bob@example.org' }))).toMatch(/^250 /);
    expect(await send([gone.address, late.address])).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  });

  it('keeps mail from a full mailbox for a while, after several came back', async () => {
    for (let n = 0; n < 3; n++) {
      expect(await outcomeOf('full@example.org')).toMatchObject({ outcome: 'accepted' });
      const { returnPath } = lastTo('full@example.org');
      // Twice, as when the answer is lost.
      for (let times = 0; times < 2; times++)
        expect(await comesBack(returnPath, notice({ ...FULL, address: 'full@example.org' }))).toMatch(/^250 /);
    }
    expect(await outcomeOf('full@example.org')).toMatchObject({
      outcome: 'suppressed',
      reason: 'softBounces',
      expiresAt: expect.any(String) as unknown,
    });
  });

  it('counts a mail once, however often and for whatever reason it comes back', async () => {
    const address = 'again@example.org';
    await send(address);
    const { returnPath } = lastTo(address);
    const down = { status: '4.4.1', said: '421 4.4.1 the host is down' };
    for (const told of [FULL, down, FULL, down])
      expect(await comesBack(returnPath, notice({ ...told, address }))).toMatch(/^250 /);
    expect(await outcomeOf(address)).toMatchObject({ outcome: 'accepted' });
  });

  it('changes nothing when it is an absence, a delay, a refusal by policy, or anything else', async () => {
    const address = 'away@example.org';
    const vacation = [
      `From: <${address}>`,
      'Subject: Out of office: News',
      'Auto-Submitted: auto-replied (vacation)',
      '',
      'I am away.',
      '',
    ].join('\r\n');
    const quoted = ['', `Final-Recipient: rfc822; ${address}`, 'Action: failed', 'Status: 5.1.1', ''].join('\r\n');
    const complained = ['', 'Feedback-Type: abuse', `Original-Rcpt-To: ${address}`, ''].join('\r\n');
    await send(address);
    const { returnPath } = lastTo(address);
    for (const message of [
      vacation,
      `${vacation}${quoted}`,
      `${vacation}${complained}`,
      notice({ ...FULL, address, action: 'delayed' }),
      notice({ address, status: '5.7.1', said: '554 5.7.1 message refused: looks like spam' }),
      'Subject: hello\r\n\r\nWhat is this about?\r\n',
      '\0\0\0',
    ])
      expect(await comesBack(returnPath, message)).toMatch(/^250 /);
    // A person's answer, which comes from somebody.
    const answer = `From: <${address}>\r\nSubject: Re: ticket\r\n\r\nAction: failed login\r\nStatus: 5.1.1\r\n${quoted}`;
    expect(await sendMessage(millrace.mailPort, { to: [returnPath], from: address, message: answer })).toMatch(/^250 /);
    expect(await outcomeOf(address)).toMatchObject({ outcome: 'accepted' });
  });

  describe('to be unsubscribed from', () => {
    const subscribed = { unsubscribe: { topic: 'news <b>' } };
    const linkOf = async (address: string): Promise<string> => {
      const { headers } = await PostalMime.parse(lastTo(address).raw);
      const value = headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
      const [, path = ''] = /^<https:\/\/millrace\.example\.com(\/unsubscribe\/\w+\/\w+)>$/.exec(value) ?? [];
      expect(headers).toContainEqual(
        expect.objectContaining({ key: 'list-unsubscribe-post', value: 'List-Unsubscribe=One-Click' }),
      );
      return path;
    };
    const form = {
      text: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };

    it('takes one POST, and is not taken for one by who only looks', async () => {
      const address = 'reader@example.org';
      await send(address, subscribed);
      const path = await linkOf(address);
      const page = await call(millrace.url, 'GET', path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.text).toContain('<form method="post">');
      expect(page.text).toContain('news &lt;b&gt;');
      expect(await outcomeOf(address, subscribed)).toMatchObject({ outcome: 'accepted' });
      for (let times = 0; times < 2; times++) {
        const done = await call(millrace.url, 'POST', path, form);
        expect([done.status, done.text]).toEqual([200, expect.stringContaining('You get no more mail')]);
      }
      expect(await outcomeOf(address, subscribed)).toMatchObject({ outcome: 'suppressed', reason: 'unsubscribed' });
      expect(await outcomeOf(address, { unsubscribe: { topic: 'offers' } })).toMatchObject({ outcome: 'accepted' });
      expect(await outcomeOf(address)).toMatchObject({ outcome: 'accepted' });
    });

    it('by its own link alone', async () => {
      await send(['one@example.org', 'other@example.org'], subscribed);
      const [, , key = '', signature = ''] = (await linkOf('one@example.org')).split('/');
      const [, , otherKey = ''] = (await linkOf('other@example.org')).split('/');
      for (const path of [`${otherKey}/${signature}`, `${key}/${signature.slice(1)}0`, `${key}/x`, '../..'])
        expect((await call(millrace.url, 'POST', `/unsubscribe/${path}`, form)).status).toBe(404);
      expect(await call(millrace.url, 'POST', `/unsubscribe/${otherKey}/${signature}`, form)).toMatchObject({
        body: { code: 'UNSUBSCRIBE_LINK_NOT_FOUND' },
      });
      expect(await outcomeOf('other@example.org', subscribed)).toMatchObject({ outcome: 'accepted' });
    });
  });
});
