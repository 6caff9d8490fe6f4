import { createHash } from 'node:crypto';
import type { Credential } from '#libs/credential-types';
import type { JsonObject } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { createOutboundMail } from '#libs/outbound-mail';
import { startSmtpServer, type SmtpScript, type TestSmtpServer } from '#libs/outbound-mail/testing';
import PostalMime from 'postal-mime';
import { checkedBy, refusedBy, runNode } from '../testing/run-nodes.ts';
import { emailSendNode } from './email-send.ts';
import { InMemoryMailTemplates } from './testing/in-memory-mail-templates.ts';
import { InMemoryMailRecords } from './testing/in-memory-mail-records.ts';

const NOW = Date.UTC(2026, 10, 29);
const RECORD = {
  ...{ workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'node', idempotencyKey: 'key-1' },
  ...{ credentialId: 'cr_1', topic: null },
};
const MAIL = {
  credentialId: 'cr_1',
  from: { address: 'shop@example.com', name: 'Shop' },
  to: ['ann@example.org'],
  subject: 'Your order',
  text: 'It is on its way.',
};

describe('email.send', () => {
  const clock = { nowMs: (): number => NOW };
  const outbound = createOutboundMail({ allowPrivateNetwork: true, clock });
  let mailRecords: InMemoryMailRecords;
  let script: SmtpScript = () => undefined;
  let server: TestSmtpServer;
  beforeEach(async () => {
    script = () => undefined;
    mailRecords = new InMemoryMailRecords();
    server = await startSmtpServer({ script: (moment) => script(moment) });
  });
  afterEach(() => server[Symbol.asyncDispose]());
  afterAll(() => outbound[Symbol.asyncDispose]());

  const node = () => emailSendNode({ mail: outbound, mailRecords, mailTemplates: new InMemoryMailTemplates(), clock });
  const send = (
    config: JsonObject = {},
    given: Parameters<typeof runNode>[2] = {},
    settings: Partial<Credential<'smtp'>['data']> = {},
  ) => {
    const data = { host: '127.0.0.1', port: server.port, secure: false, ...settings };
    const credential: Credential<'smtp'> = { type: 'smtp', id: 'cr_1', allowedHosts: [], data };
    return runNode(node(), { ...MAIL, ...config }, { ...given, credentials: [credential] });
  };
  const failing = (config: JsonObject = {}) =>
    send(config).then(
      () => undefined,
      (error: unknown) => (error instanceof NodeError ? { code: error.code, ...error.options } : error),
    );

  it('sends a mail, and says what became of each recipient', async () => {
    const output = await send({
      cc: { address: 'ben@example.org', name: 'Ben' },
      bcc: 'eve@example.org',
      replyTo: 'help@example.com',
    });
    expect(output).toEqual({
      messageId: '<key-1@example.com>',
      recipients: ['ann@example.org', 'ben@example.org', 'eve@example.org'].map(
        (address) => expect.objectContaining({ address, outcome: 'accepted' }) as unknown,
      ),
    });
    const [mail] = server.mails;
    const read = await PostalMime.parse(mail?.raw ?? '');
    expect(read).toMatchObject({
      messageId: '<key-1@example.com>',
      from: { address: 'shop@example.com', name: 'Shop' },
      to: [{ address: 'ann@example.org' }],
      cc: [{ address: 'ben@example.org', name: 'Ben' }],
      replyTo: [{ address: 'help@example.com' }],
      subject: 'Your order',
      date: '2026-11-29T00:00:00.000Z',
    });
    expect(read.text).toContain('It is on its way.');
    expect(mail?.raw.toString()).not.toContain('eve@');
    expect(read.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
  });

  it('attaches files of the flow, by their content or as the trigger brought them', async () => {
    const brought = Buffer.from([1, 2, 0, 255]);
    const sha256 = createHash('sha256').update(brought).digest('hex');
    const attachments: JsonObject[] = [
      { name: 'a.txt', mediaType: 'text/plain', contentBase64: Buffer.from('hello').toString('base64') },
      { name: 'b.png', mediaType: 'image/png', bytes: 4, sha256, contentId: 'logo@x', isInline: true },
    ];
    await send({ html: '<img src="cid:logo@x">', attachments }, { files: [brought] });
    const read = await PostalMime.parse(server.mails[0]?.raw ?? '');
    const found = read.attachments.map(({ filename, mimeType, content }) => [
      filename,
      mimeType,
      Buffer.from(content as ArrayBuffer),
    ]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['a.txt', 'text/plain', Buffer.from('hello')],
        ['b.png', 'image/png', brought],
      ]),
    );
    await expect(send({ attachments: [{ sha256: '0'.repeat(64) }] })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('answers a mail, whatever its sender took for a message id', async () => {
    const ids = Array.from({ length: 110 }, (_, n) => `<${n}@example.org>`);
    await send({ inReplyTo: '<1>', references: ['<1>', ...ids] });
    await send({ inReplyTo: null });
    const [odd, none] = await Promise.all(server.mails.map(({ raw }) => PostalMime.parse(raw)));
    expect(odd?.inReplyTo).toBeUndefined();
    expect(odd?.references?.split(/\s+/)).toEqual(ids.slice(-100));
    expect(none?.inReplyTo).toBeUndefined();
  });

  it('reads no more of attachments than a mail may have, and each file once', async () => {
    const file = new Uint8Array(11 * 1024 * 1024);
    const sha256 = createHash('sha256').update(file).digest('hex');
    const attachments = Array.from({ length: 20 }, (_, n): JsonObject => ({ name: `${n}.bin`, sha256 }));
    await expect(send({ attachments }, { files: [file] })).rejects.toMatchObject({
      code: 'EMAIL_INVALID',
      options: { retryable: false },
    });
    expect(server.connections()).toBe(0);
  });

  it('is retryable when the server says not now, and not when it says no', async () => {
    script = ({ step }) => (step === 'rcpt' ? { reply: 451, text: '4.7.1 later' } : undefined);
    expect(await failing()).toMatchObject({ code: 'SMTP_DEFERRED', retryable: true, details: { replyCode: 451 } });
    script = ({ step }) => (step === 'rcpt' ? { reply: 550, text: '5.1.1 nobody' } : undefined);
    expect(await failing()).toMatchObject({
      code: 'SMTP_REFUSED',
      retryable: false,
      details: { recipients: [{ address: 'ann@example.org', outcome: 'refused', replyCode: 550 }] },
    });
  });

  it('is sent to those that are taken when others are not', async () => {
    script = ({ step, address }) => (step === 'rcpt' && address === 'ben@example.org' ? { reply: 550 } : undefined);
    expect(await send({ to: ['ann@example.org', 'ben@example.org'] })).toMatchObject({
      recipients: [
        { address: 'ann@example.org', outcome: 'accepted' },
        { address: 'ben@example.org', outcome: 'refused', replyCode: 550 },
      ],
    });
  });

  it('is in doubt when the server took it and never answered', async () => {
    script = ({ step }) => (step === 'message' ? 'drop' : undefined);
    expect(await failing()).toMatchObject({ code: 'SMTP_OUTCOME_UNKNOWN', retryable: false, inDoubt: true });
  });

  it.each<[JsonObject, string]>([
    [{ to: 'a@b.test\r\nBcc: evil@z.test' }, 'to'],
    [{ to: 'ann@example.org, evil@example.org' }, 'to'],
    [{ to: ['Ann <ann@example.org>'] }, 'to'],
    [{ to: [] }, 'to'],
    [{ to: ['ann@example.org', 'ANN@example.org'] }, 'to'],
    [
      {
        to: Array.from({ length: 26 }, (_, i) => `a${i}@b.test`),
        cc: Array.from({ length: 25 }, (_, i) => `c${i}@b.test`),
      },
      'to',
    ],
    [{ from: { address: 'a@b.test', name: 'x\r\ny' } }, 'from'],
    [{ text: null }, 'text'],
    [{ subject: null }, 'subject'],
    [{ template: { id: 'tpl_1' } }, 'subject'],
    [{ subject: null, template: { id: 'tpl_1' } }, 'text'],
    [{ subject: null, text: null, template: { id: 'tpl_1', version: 0 } }, 'template.version'],
    [{ subject: null, text: null, template: { id: 'tpl_1', data: [] } }, 'template.data'],
    [{ attachments: [{ path: '/etc/hostname' }] }, 'attachments.0'],
    [{ inReplyTo: 'no brackets' }, 'inReplyTo'],
  ])('refuses %j', (config, path) => {
    const given = Object.fromEntries(Object.entries({ ...MAIL, ...config }).filter(([, value]) => value !== null));
    expect(refusedBy(node(), given)[0]).toMatch(new RegExp(`^${path}`));
  });

  it('is told before it runs that it is for nobody', () => {
    const { to: _, ...nobody } = MAIL;
    expect(checkedBy(node(), nobody)).toEqual(['to: names nobody, nor do cc and bcc']);
    expect(checkedBy(node(), { ...nobody, bcc: '{{ trigger.body.to }}' })).toEqual([]);
  });

  describe('keeps records of each recipient:', () => {
    const PEOPLE = ['ann@example.org', 'ben@example.org', 'eve@example.org'];
    const recipients = () => server.mails.flatMap(({ envelope }) => envelope.rcptTo.map(({ address }) => address));

    it('before it is sent, and when it is known what came of it', async () => {
      script = ({ step, address }) => (step === 'rcpt' && address === 'ben@example.org' ? { reply: 550 } : undefined);
      await send({ to: PEOPLE.slice(0, 2) });
      expect(mailRecords.told).toEqual([
        'ann@example.org sending',
        'ben@example.org sending',
        'ann@example.org sent',
        'ben@example.org refused',
      ]);
    });

    it('who has it is not sent it again when the attempt is made again', async () => {
      script = ({ step, address }) => (step === 'rcpt' && address === 'ben@example.org' ? { reply: 450 } : undefined);
      await expect(send({ to: PEOPLE })).rejects.toMatchObject({
        code: 'SMTP_DEFERRED',
        options: {
          retryable: true,
          details: { recipients: [{ outcome: 'accepted' }, { outcome: 'deferred' }, { outcome: 'accepted' }] },
        },
      });
      script = () => undefined;
      expect(await send({ to: PEOPLE }, { attempt: 2 })).toMatchObject({
        recipients: [
          { outcome: 'accepted', byEarlierAttempt: true },
          { address: 'ben@example.org', outcome: 'accepted' },
          { outcome: 'accepted', byEarlierAttempt: true },
        ],
      });
      expect(recipients().toSorted()).toEqual(PEOPLE);
    });

    it('a delivery that died while it sent puts the attempt in doubt, and the next attempt sends', async () => {
      await mailRecords.begin({ ...RECORD, address: 'ann@example.org', attempt: 1 });
      // As often as the attempt is handed out, and when it took too long meanwhile.
      for (const attempt of [1, 1])
        await expect(send({}, { attempt })).rejects.toMatchObject({
          code: 'SMTP_OUTCOME_UNKNOWN',
          options: { inDoubt: true, retryable: false },
        });
      expect(server.connections()).toBe(0);
      expect(mailRecords.told.slice(0, 2)).toEqual(['ann@example.org sending', 'ann@example.org unknown']);
      await send({}, { attempt: 2 });
      expect(recipients()).toEqual(['ann@example.org']);
    });

    it('a delivery that died while an earlier attempt sent puts this one in doubt too', async () => {
      await mailRecords.begin({ ...RECORD, address: 'ann@example.org', attempt: 1 });
      await expect(send({}, { attempt: 2 })).rejects.toMatchObject({ options: { inDoubt: true } });
      expect(server.connections()).toBe(0);
    });

    it('each right before it goes out and right after, so that few are in doubt when a worker dies', async () => {
      const stalled = Promise.withResolvers<void>();
      script = ({ step, connection }) => {
        if (step !== 'message' || connection !== 1) return undefined;
        stalled.resolve();
        return 'stall';
      };
      const people = Array.from({ length: 30 }, (_, n) => `person-${n}@example.org`);
      const controller = new AbortController();
      const sending = send(
        { to: people },
        { signal: controller.signal },
        { returnPath: 'millrace', maxConnections: 2 },
      );
      await stalled.promise;
      const count = (kind: string) => mailRecords.told.filter((line) => line.endsWith(` ${kind}`)).length;
      await server.reached('message', 25);
      expect(count('sending') - count('sent')).toBeLessThanOrEqual(10);
      controller.abort();
      await expect(sending).rejects.toMatchObject({ code: 'SMTP_OUTCOME_UNKNOWN' });
      // Of two connections.
      expect([1, 2]).toContain(count('unknown'));
    });

    it('who gets no mail gets none, and that is no failure', async () => {
      const known = { kind: 'suppressed', suppressionId: 'sup_1', reason: 'hardBounce', expiresAt: null } as const;
      mailRecords.known.set('ben@example.org', known);
      expect(await send({ to: PEOPLE })).toMatchObject({
        recipients: [
          { outcome: 'accepted' },
          {
            address: 'ben@example.org',
            outcome: 'suppressed',
            reason: 'hardBounce',
            suppressionId: 'sup_1',
            expiresAt: null,
          },
          { outcome: 'accepted' },
        ],
      });
      expect(recipients()).toEqual(['ann@example.org', 'eve@example.org']);
      expect(await send({ to: 'ben@example.org' })).toMatchObject({ recipients: [{ outcome: 'suppressed' }] });
      expect(mailRecords.told.filter((line) => line.startsWith('ben'))).toEqual(
        Array(2).fill('ben@example.org suppressed'),
      );
    });
  });

  describe('gives each recipient a copy of its own', () => {
    it('that comes back to an address which names it', async () => {
      await send({ to: ['ann@example.org', 'ben@example.org'] }, {}, { returnPath: 'millrace' });
      const sent = server.mails.map(({ envelope: { mailFrom, rcptTo } }) => [
        mailFrom && mailFrom.address,
        ...rcptTo.map(({ address }) => address),
      ]);
      expect(sent.toSorted()).toEqual([
        ['bounce+ann@in.example.com', 'ann@example.org'],
        ['bounce+ben@in.example.com', 'ben@example.org'],
      ]);
    });

    it('that it can be unsubscribed from with one click', async () => {
      await send({ to: ['ann@example.org', 'ben@example.org'], unsubscribe: { topic: 'news' } });
      const links = await Promise.all(
        server.mails.map(async ({ raw, envelope }) => {
          const { headers } = await PostalMime.parse(raw);
          const value = (name: string) => headers.find(({ key }) => key === name)?.value;
          return [envelope.rcptTo[0]?.address, value('list-unsubscribe'), value('list-unsubscribe-post')];
        }),
      );
      expect(links.toSorted()).toEqual(
        ['ann', 'ben'].map((name) => [
          `${name}@example.org`,
          `<https://millrace.example.com/unsubscribe/${name}>`,
          'List-Unsubscribe=One-Click',
        ]),
      );
    });

    it('is told where no mail comes in that could be returned', async () => {
      mailRecords = new InMemoryMailRecords(new Map(), null);
      await expect(send({}, {}, { returnPath: 'millrace' })).rejects.toMatchObject({
        code: 'EMAIL_RETURN_PATH_NOT_CONFIGURED',
        options: { retryable: false },
      });
    });
  });

  it('opens no file and no URL, whatever the mail says', async () => {
    await send({ html: '<img src="file:///etc/hostname">', text: '{"path":"/etc/hostname"}' });
    expect(server.mails[0]?.raw.toString()).toContain('file:///etc/hostname');
  });
});
