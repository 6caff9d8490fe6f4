import fc from 'fast-check';
import { readMail } from '#libs/mail-reading';
import {
  classifyProviderNotice,
  classifyReturnedMail,
  FAILURE_REASONS,
  MAIL_LIMITS,
  type BounceReport,
  type MailPart,
  type ReturnedMail,
} from './index.ts';
import { deliveryReport, multipartMail, textNotice } from './testing/index.ts';

const KINDS = ['hard', 'soft', 'policy', 'mailboxFull', 'delayed', 'complaint'];
const MIB = 1024 * 1024;

/** What holds of every report, whatever it was made from. */
function expectSound({ kind, recipients }: BounceReport): void {
  expect(['bounce', 'complaint', 'autoReply', 'notBounce']).toContain(kind);
  expect(recipients.length > 0).toBe(kind === 'bounce' || kind === 'complaint');
  expect(recipients.length).toBeLessThanOrEqual(MAIL_LIMITS.recipients);
  for (const recipient of recipients) {
    expect(KINDS).toContain(recipient.kind);
    expect(FAILURE_REASONS).toContain(recipient.reason);
    expect(recipient.rule).toMatch(/^[\w.-]+$/);
    expect(recipient.diagnostic.length).toBeLessThanOrEqual(MAIL_LIMITS.diagnosticChars);
    expect(recipient.diagnostic).not.toMatch(/[\r\n]/);
    expect(recipient.address ?? 'a@b').toMatch(/^\S+@\S+$/);
    expect(recipient.status ?? '5.0.0').toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
  }
  const addresses = recipients.flatMap(({ address }) => (address === undefined ? [] : [address.toLowerCase()]));
  expect(new Set(addresses).size).toBe(addresses.length);
}

/** Words that rules look for, so that what is made of them gets far. */
const word = fc.constantFrom(
  ...['550', '5.1.1', '452-4.2.2', '<ada@example.com>', 'bob@example.net:', 'user unknown', 'mailbox', 'is full', 'to:'],
  ...['Final-Recipient: rfc822; a@b.example', 'Action: failed', 'Status: 5.2.2', 'Message-ID: <1@x>', 'spam', '\n', '\r\n\r\n'],
  ...['--- Below this line is a copy of the message.', 'could not be delivered', 'Feedback-Type: abuse', '{"event":', '[', '"'],
); // prettier-ignore
const words = fc
  .array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 40 })
  .map((all) => all.join(' '));
const mediaType = fc.oneof(
  fc.constantFrom('text/plain', 'text/html', 'message/delivery-status', 'message/rfc822', 'message/feedback-report'),
  fc.constantFrom('message/disposition-notification', 'text/rfc822-headers', 'message/global-delivery-status'),
  words,
);
const part: fc.Arbitrary<MailPart> = fc.record({ mediaType, text: words });
const headerName = fc.constantFrom(
  'From',
  'sender',
  'to',
  'content-type',
  'x-failed-recipients',
  'auto-submitted',
  'return-path',
);
const mail: fc.Arbitrary<ReturnedMail> = fc.record(
  {
    subject: fc.oneof(words, fc.constantFrom('Undelivered Mail', 'Returned mail: user unknown', 'failure')),
    headers: fc.array(
      fc.record({ name: headerName, value: fc.oneof(words, fc.constantFrom('MAILER-DAEMON@mx.example', '<>')) }),
    ),
    text: words,
    parts: fc.array(part, { maxLength: 5 }),
    envelopeFrom: fc.constantFrom('', '<>', 'bob@example.org'),
    recipientHint: fc.constantFrom('ada@example.com'),
  },
  { requiredKeys: ['subject', 'headers', 'text', 'parts'] },
);

describe('any mail', () => {
  it('is told something sound of', () => {
    fc.assert(
      fc.property(mail, (any) => expectSound(classifyReturnedMail(any))),
      { numRuns: 500 },
    );
  });

  it('is told the same of when it comes again', () => {
    fc.assert(
      fc.property(mail, (any) => expect(classifyReturnedMail(any)).toEqual(classifyReturnedMail(any))),
      { numRuns: 100 },
    );
  });

  it('of arbitrary bytes is told something sound of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        expectSound(classifyReturnedMail(await readMail(bytes)));
      }),
    );
  });

  it('of arbitrary parts is told something sound of', async () => {
    const parts = fc.array(fc.record({ type: mediaType, text: words }), { maxLength: 4 });
    const type = fc.constantFrom('mixed', 'report; report-type=delivery-status', 'report; report-type=feedback-report');
    await fc.assert(
      fc.asyncProperty(type, parts, async (multipart, all) => {
        const raw = multipartMail({ From: 'MAILER-DAEMON@mx.example', Subject: 'Undelivered' }, multipart, all);
        expectSound(classifyReturnedMail(await readMail(Buffer.from(raw))));
      }),
    );
  });

  it('and any value of a webhook are told something sound of', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expectSound(classifyProviderNotice(value))));
  });
});

describe('a huge mail', () => {
  it('has as many recipients as are looked at, and its diagnostics are cut', async () => {
    const recipients = Array.from({ length: 1_000 }, (_, index) => ({
      'Final-Recipient': `rfc822; user${index}@example.com`,
      Status: '5.1.1',
      'Diagnostic-Code': `smtp; 550 ${'x'.repeat(5_000)}`,
    }));
    const [short = {}] = recipients;
    const many = recipients.map((fields) => ({ ...fields, 'Diagnostic-Code': 'smtp; 550 no' }));
    const report = classifyReturnedMail(await readMail(Buffer.from(deliveryReport({ recipients: many }))));
    expect(report.recipients).toHaveLength(MAIL_LIMITS.recipients);
    const cut = classifyReturnedMail(await readMail(Buffer.from(deliveryReport({ recipients: [short] }))));
    expect(cut.recipients[0]?.diagnostic).toHaveLength(MAIL_LIMITS.diagnosticChars);
  });

  it('is read as far as its limits go', async () => {
    const told = async (before: number): Promise<BounceReport> => {
      const text = `${'.'.repeat(before)}\n<ada@example.com>: 550 user unknown`;
      return classifyReturnedMail(await readMail(Buffer.from(textNotice(text))));
    };
    expect(await told(MAIL_LIMITS.textChars - 100)).toMatchObject({ kind: 'bounce' });
    expect(await told(MAIL_LIMITS.textChars)).toEqual({ kind: 'notBounce', recipients: [] });
  });
});

describe('hostile text', () => {
  /** Each begins or goes on what some pattern looks for, so that one that goes back over it would do so for long. */
  const UNITS = [
    ...['a', '@', 'a@', 'a@b.', 'a.', '-', ' ', '\t', '\n', '\r\n', '\n ', '<', '"', '\\"', '{', '[', '[]', '{"a":['],
    ...['to: ', 'from ', 'sender ', 'the original message ', 'user is ', 'mailbox ', 'not ', 'cannot ', 'exceeds ', 'spf '],
    ...['5.1.1 ', '550 ', '550-', '4', 'following recipients ', 'delivery ', 'host ', 'domain x ', 'your ip ', '存在'],
    ...['To: a@b.c\n', '<a@b.c>: x\n', 'Final-Recipient: rfc822; a@b\nAction: failed\n\n', '>>> DATA\n<<< 5'],
  ]; // prettier-ignore
  const headers = [
    { name: 'from', value: 'MAILER-DAEMON@mx.example' },
    { name: 'return-path', value: '<>' },
  ];

  it.each(UNITS)('of %j over and over, 1 MiB of it in every place, comes to an end', (unit) => {
    const big = unit.repeat(Math.ceil(MIB / unit.length)).slice(0, MIB);
    const said = `Your mail could not be delivered: 550 ${big}`;
    const status = `Final-Recipient: rfc822; a@b.c\nAction: failed\nDiagnostic-Code: smtp; 550 ${big}`;
    const parts = ['message/rfc822', 'text/html', 'message/disposition-notification', big];
    const everywhere = parts.map((type) => ({ mediaType: type, text: big }));
    const names = ['from', 'content-type', 'x-failed-recipients', 'precedence'];
    for (const each of [
      { subject: 'Undelivered Mail', headers, text: said, parts: everywhere },
      { subject: big, headers, text: '', parts: [{ mediaType: 'message/delivery-status', text: status }] },
      { subject: big, headers, text: '', parts: [{ mediaType: 'message/feedback-report', text: big }] },
      {
        subject: big,
        headers: names.map((name) => ({ name, value: big })),
        text: big,
        parts: everywhere,
        envelopeFrom: big,
      },
    ]) {
      expectSound(classifyReturnedMail(each));
    }
  });
});
