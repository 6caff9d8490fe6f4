import { readMail } from '#libs/mail-reading';
import { classifyProviderNotice, classifyReturnedMail, type BounceReport } from './index.ts';
import { textMail } from './testing/index.ts';

const NOT_BOUNCE = { kind: 'notBounce', recipients: [] };

async function classifyText(text: string): Promise<BounceReport> {
  const headers = { From: 'notices@provider.example', To: 'bounces@shop.example', Subject: 'Notification' };
  return classifyReturnedMail(await readMail(Buffer.from(textMail(headers, text))));
}

describe('a notice of Amazon SES', () => {
  const mail = { messageId: '0100-abc', commonHeaders: { messageId: '<original-1@shop.example>' } };
  const bounce = (type: string, subType: string, diagnosticCode?: string): unknown => ({
    notificationType: 'Bounce',
    mail,
    bounce: {
      bounceType: type,
      bounceSubType: subType,
      bouncedRecipients: [{ emailAddress: 'ada@example.com', action: 'failed', status: '5.1.1', diagnosticCode }],
    },
  });

  it('is read out of the mail that SNS sends, with its footer', async () => {
    const notice = bounce('Permanent', 'General', 'smtp; 550 5.1.1 user unknown');
    const envelope = { Type: 'Notification', TopicArn: 'arn:aws:sns:x', Message: JSON.stringify(notice) };
    const expected: BounceReport = {
      kind: 'bounce',
      recipients: [
        {
          address: 'ada@example.com',
          kind: 'hard',
          reason: 'userUnknown',
          status: '5.1.1',
          replyCode: 550,
          diagnostic: 'smtp; 550 5.1.1 user unknown',
          rule: 'userUnknown.unknown',
          originalMessageId: '<original-1@shop.example>',
          envelopeId: '0100-abc',
        },
      ],
    };
    const footer = '\n--\nIf you wish to stop receiving notifications, use the link below: {not} "this"';
    expect(await classifyText(JSON.stringify(notice) + footer)).toEqual(expected);
    expect(await classifyText(JSON.stringify(envelope))).toEqual(expected);
    expect(classifyProviderNotice(envelope)).toEqual(expected);
  });

  it('is read where lines were broken in the middle of its strings', async () => {
    const json = JSON.stringify(bounce('Permanent', 'General', 'smtp; 550 5.1.1 user unknown'));
    const broken = json.replace('user unknown', 'user\r\n  unknown');
    expect((await classifyText(broken)).recipients).toMatchObject([{ rule: 'userUnknown.unknown' }]);
  });

  it('is not hard when the provider takes it for passing', () => {
    expect(classifyProviderNotice(bounce('Transient', 'General', '550 user unknown')).recipients).toMatchObject([
      { kind: 'soft' },
    ]);
  });

  it('goes by the category of the provider where the reply says nothing', () => {
    const of = (type: string, subType: string): unknown => ({
      eventType: 'Bounce',
      mail: {},
      bounce: { bounceType: type, bounceSubType: subType, bouncedRecipients: [{ emailAddress: 'ada@example.com' }] },
    });
    const told = (notice: unknown): unknown => classifyProviderNotice(notice).recipients[0];
    expect(told(of('Transient', 'MailboxFull'))).toMatchObject({ kind: 'mailboxFull', rule: 'ses.temporary' });
    expect(told(of('Permanent', 'Suppressed'))).toMatchObject({ kind: 'hard', rule: 'ses.permanent' });
    expect(told(of('Permanent', 'General'))).toMatchObject({ kind: 'hard', reason: 'undetermined' });
    expect(told(of('Undetermined', 'Undetermined'))).toMatchObject({ kind: 'soft', rule: 'ses.failed' });
  });

  it('tells complaints and delays', () => {
    const complaint = { complainedRecipients: [{ emailAddress: 'ada@example.com' }], complaintFeedbackType: 'abuse' };
    expect(classifyProviderNotice({ eventType: 'Complaint', mail, complaint })).toMatchObject({
      kind: 'complaint',
      recipients: [{ address: 'ada@example.com', kind: 'complaint', rule: 'ses.complaint' }],
    });
    const good = { ...complaint, complaintFeedbackType: 'not-spam' };
    expect(classifyProviderNotice({ eventType: 'Complaint', mail, complaint: good })).toEqual(NOT_BOUNCE);
    const deliveryDelay = { delayType: 'MailboxFull', delayedRecipients: [{ emailAddress: 'ada@example.com' }] };
    expect(classifyProviderNotice({ eventType: 'DeliveryDelay', mail, deliveryDelay }).recipients).toMatchObject([
      { kind: 'delayed', reason: 'mailboxFull' },
    ]);
    expect(classifyProviderNotice({ eventType: 'Delivery', mail })).toEqual(NOT_BOUNCE);
  });
});

describe('notices of SendGrid', () => {
  const event = (fields: object): object => ({ sg_event_id: 'e', email: 'ada@example.com', ...fields });

  it('are read one by one out of a batch', async () => {
    const batch = [
      event({ event: 'delivered' }),
      event({
        event: 'bounce',
        type: 'bounce',
        status: '5.0.0',
        reason: '550 no such user',
        'smtp-id': '<1@shop.example>',
      }),
      event({ email: 'b@example.com', event: 'bounce', type: 'blocked', reason: 'no thanks' }),
      event({ email: 'c@example.com', event: 'deferred', response: '452 try later' }),
      event({ email: 'd@example.com', event: 'dropped', reason: 'Bounced Address' }),
      event({ email: 'e@example.com', event: 'dropped', reason: 'Spam Reporting Address' }),
      event({ email: 'f@example.com', event: 'spamreport' }),
      event({ event: 'bounce', email: 7 }),
    ];
    const { kind, recipients } = await classifyText(JSON.stringify(batch));
    expect(kind).toBe('bounce');
    expect(recipients.map(({ address, kind: each, rule }) => [address, each, rule])).toEqual([
      ['ada@example.com', 'hard', 'userUnknown.unknownUser'],
      ['b@example.com', 'policy', 'sendgrid.blocked'],
      ['c@example.com', 'delayed', 'systemError.temporary'],
      ['d@example.com', 'hard', 'sendgrid.dropped'],
      ['e@example.com', 'complaint', 'sendgrid.dropped'],
      ['f@example.com', 'complaint', 'sendgrid.spamreport'],
    ]);
    expect(recipients[0]).toMatchObject({ originalMessageId: '<1@shop.example>', status: '5.0.0', replyCode: 550 });
  });

  it('are read as its list of bounces has them', () => {
    const list = [{ created: 1, email: 'ada@example.com', reason: '552 mailbox full', status: '5.2.2' }];
    expect(classifyProviderNotice(list).recipients).toMatchObject([{ kind: 'mailboxFull' }]);
  });

  it('are a complaint when they tell of nothing else', () => {
    expect(classifyProviderNotice([event({ event: 'unsubscribe' })])).toMatchObject({ kind: 'complaint' });
    expect(classifyProviderNotice([event({ event: 'open' })])).toEqual(NOT_BOUNCE);
  });
});

describe('a notice of Mailgun', () => {
  const notice = (data: object): object => ({ signature: {}, 'event-data': { recipient: 'ada@example.com', ...data } });

  it('is read by its reply', () => {
    const status = { code: 550, message: '5.1.1 user unknown', 'enhanced-code': '5.1.1' };
    const failed = notice({
      event: 'failed',
      severity: 'permanent',
      'delivery-status': status,
      message: { headers: { 'message-id': 'original-1@shop.example' } },
    });
    expect(classifyProviderNotice(failed).recipients).toMatchObject([
      { kind: 'hard', status: '5.1.1', replyCode: 550, originalMessageId: '<original-1@shop.example>' },
    ]);
  });

  it('tells delays, complaints and the rest', () => {
    expect(classifyProviderNotice(notice({ event: 'failed', severity: 'temporary' })).recipients).toMatchObject([
      { kind: 'delayed' },
    ]);
    expect(classifyProviderNotice(notice({ event: 'complained' }))).toMatchObject({ kind: 'complaint' });
    expect(classifyProviderNotice(notice({ event: 'opened' }))).toEqual(NOT_BOUNCE);
  });
});

describe('a notice of Postmark', () => {
  it.each([
    [{ Type: 'HardBounce', Details: 'gone' }, 'hard', 'postmark.HardBounce'],
    [{ Type: 'HardBounce', Details: '550 mailbox is full' }, 'mailboxFull', 'mailboxFull.full'],
    [{ Type: 'SoftBounce' }, 'soft', 'postmark.SoftBounce'],
    [{ Type: 'Blocked' }, 'policy', 'postmark.Blocked'],
    [{ Type: 'Transient' }, 'delayed', 'postmark.Transient'],
    [{ Type: 'no name!' }, 'soft', 'postmark.other'],
    [{ RecordType: 'SpamComplaint' }, 'complaint', 'postmark.SpamComplaint'],
    [{ RecordType: 'SubscriptionChange', SuppressSending: true }, 'complaint', 'postmark.SubscriptionChange'],
  ])('of %j is read', (fields, kind, rule) => {
    const notice = { RecordType: 'Bounce', Email: 'ada@example.com', MessageID: 'm-1', ...fields };
    expect(classifyProviderNotice(notice).recipients).toMatchObject([
      { address: 'ada@example.com', kind, rule, envelopeId: 'm-1' },
    ]);
  });

  it.each([
    { RecordType: 'Bounce', Type: 'AutoResponder' },
    { RecordType: 'SubscriptionChange', SuppressSending: false },
  ])('of %j is none', (notice) => {
    expect(classifyProviderNotice(notice)).toEqual(NOT_BOUNCE);
  });
});

describe('notices of SparkPost', () => {
  const event = (fields: object): object => ({ msys: { message_event: { rcpt_to: 'ada@example.com', ...fields } } });

  it('are read by the reply, else by the class', () => {
    const told = (fields: object): unknown => classifyProviderNotice([event(fields)]).recipients[0];
    expect(told({ type: 'bounce', bounce_class: '10', raw_reason: '550 no' })).toMatchObject({
      kind: 'hard',
      rule: 'sparkpost.class10',
    });
    expect(told({ type: 'bounce', bounce_class: '10', raw_reason: '552 5.2.2 over quota' })).toMatchObject({
      kind: 'mailboxFull',
    });
    expect(told({ type: 'out_of_band', bounce_class: '51' })).toMatchObject({ kind: 'policy', reason: 'blocked' });
    expect(told({ type: 'delay', bounce_class: '20' })).toMatchObject({ kind: 'delayed' });
    expect(told({ type: 'spam_complaint' })).toMatchObject({ kind: 'complaint' });
    expect(told({ type: 'bounce', bounce_class: '60' })).toBeUndefined();
    expect(told({ type: 'delivery' })).toBeUndefined();
  });
});

describe('JSON that is no notice of a known provider', () => {
  it.each([null, 1, 'text', {}, [], [{}], { event: 'bounce', email: 'ada@example.com' }, { Type: 'Notification', Message: '{' }])(
    'is not a bounce: %j',
    async (value) => {
      expect(classifyProviderNotice(value)).toEqual(NOT_BOUNCE);
      expect(await classifyText(JSON.stringify(value))).toEqual(NOT_BOUNCE);
    },
  ); // prettier-ignore

  it.each(['{', '[1, 2', '{"a": "b}', '{]', '[[[[', '{"a"\n', ']'])('or is none at all: %j', async (text) => {
    expect(await classifyText(text)).toEqual(NOT_BOUNCE);
  });
});
