import { checkMail, MAIL_LIMITS } from './check-mail.ts';
import { sampleMail } from './testing/index.ts';
import type { Mail } from './types.ts';

const to = (...addresses: readonly string[]): Partial<Mail> => ({
  envelope: { from: 'ann@example.com', to: addresses },
});
const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}@example.org`);
const refusal = (given: Partial<Mail>) => {
  try {
    checkMail(sampleMail(given));
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('checkMail', () => {
  it('takes a mail that has everything', () => {
    const full = sampleMail({
      cc: [{ address: 'cat@example.org', name: 'Cat, of "Cats"' }],
      replyTo: { address: 'help@example.com' },
      html: '<p>It is on its way.</p>',
      attachments: [
        { name: 'übersicht.pdf', mediaType: 'application/pdf', content: Buffer.from('%PDF') },
        { name: 'a.png', mediaType: 'image/png', content: Buffer.alloc(1), contentId: 'logo@x' },
        { name: 'a.csv', mediaType: 'text/csv; charset=utf-8', content: Buffer.alloc(0) },
      ],
      headers: { 'X-Order': '42 – ü' },
      inReplyTo: '<a@b.test>',
      references: ['<a@b.test>', '<c@d.test>'],
      listUnsubscribe: 'https://example.com/u?t=1',
      envelope: { from: '', to: ['ben@example.org', 'cat@example.org'], dsn: { envid: 'ex1+2' } },
    });
    expect(() => checkMail(full)).not.toThrow();
  });

  it.each<[string, string]>([
    ['a line break', 'b@y.test\r\nBcc: evil@z.test'],
    ['a line feed alone', 'b@y.test\nRCPT TO:<evil@z.test>'],
    ['NUL', 'b@y.test\0'],
    ['a line separator', 'b@y.test\u2028'],
    ['a list', 'b@y.test,evil@z.test'],
    ['a list with a space', 'b@y.test, evil@z.test'],
    ['a list with semicolons', 'b@y.test;evil@z.test'],
    ['a group', 'all:b@y.test;'],
    ['a name', 'Ben <b@y.test>'],
    ['angle brackets', '<b@y.test>'],
    ['a closing angle bracket and more', 'b@y.test> NOTIFY=NEVER'],
    ['a quoted part', '"b@y.test,evil"@z.test'],
    ['a comment', 'b@y.test(evil@z.test)'],
    ['two @', 'b@y.test@z.test'],
    ['no @', 'b.y.test'],
    ['a route', '@z.test:b@y.test'],
    ['an IP address', 'b@[127.0.0.1]'],
    ['letters outside ASCII before the @', 'bén@y.test'],
    ['letters outside ASCII after the @', 'b@ÿ.test'],
    [
      'too many characters',
      `b@${'y'.repeat(60)}.${'y'.repeat(60)}.${'y'.repeat(60)}.${'y'.repeat(60)}.${'y'.repeat(20)}.test`,
    ],
    ['nothing', ''],
  ])('refuses an address with %s, wherever it stands', (_what, address) => {
    const refused = expect.objectContaining({ code: 'INVALID_MAIL', retryable: false, outcome: 'notSent' }) as unknown;
    expect(refusal(to(address))).toEqual(refused);
    expect(refusal(to('ben@example.org', address))).toEqual(refused);
    expect(refusal({ from: { address } })).toEqual(refused);
    expect(refusal({ to: [{ address }] })).toEqual(refused);
    expect(refusal({ cc: [{ address }] })).toEqual(refused);
    expect(refusal({ replyTo: { address } })).toEqual(refused);
    if (address !== '') expect(refusal({ envelope: { from: address, to: ['ben@example.org'] } })).toEqual(refused);
  });

  it.each<[string, Partial<Mail>]>([
    ['nobody', to()],
    ['one more recipient than may', to(...many(MAIL_LIMITS.recipients + 1))],
    ['a recipient twice', to('ben@example.org', 'BEN@example.org')],
    [
      'too many in To and Cc',
      { to: many(60).map((address) => ({ address })), cc: many(41).map((address) => ({ address })) },
    ],
    ['a line break in a name', { from: { address: 'ann@example.com', name: 'Ann\r\nBcc: evil@z.test' } }],
    ['a line break in the subject', { subject: 'Hello\nBcc: evil@z.test' }],
    ['a subject that is too long', { subject: 'x'.repeat(MAIL_LIMITS.subjectLength + 1) }],
    ['a line break in the message id', { messageId: '<a@b.test>\r\nBcc: evil@z.test' }],
    ['a message id without brackets', { messageId: 'a@b.test' }],
    ['a message id with two in it', { references: ['<a@b.test> <c@d.test>'] }],
    ['an answer to no id', { inReplyTo: 'yesterday' }],
    ['a date that is none', { date: 'yesterday' }],
    ['neither text nor HTML', { text: undefined }],
    ['a space in the envid', { envelope: { from: '', to: ['a@b.test'], dsn: { envid: 'a NOTIFY=NEVER' } } }],
    ['an address to unsubscribe at in the clear', { listUnsubscribe: 'http://example.com/u' }],
    ['an address to unsubscribe at that is a mailbox', { listUnsubscribe: 'mailto:u@example.com' }],
    ['an address to unsubscribe at with a user', { listUnsubscribe: 'https://u:p@example.com/' }],
  ])('refuses %s', (_what, given) => {
    expect(refusal(given)).toMatchObject({ code: 'INVALID_MAIL', phase: 'compose' });
  });

  it('takes as many recipients as may be', () => {
    expect(refusal(to(...many(MAIL_LIMITS.recipients)))).toBeUndefined();
  });

  it.each<[string, Record<string, string>]>([
    ['Bcc', { Bcc: 'evil@z.test' }],
    ['another From', { FROM: 'evil@z.test' }],
    ['Sender', { sender: 'evil@z.test' }],
    ['Content-Type', { 'Content-Type': 'text/html' }],
    ['Resent-To', { 'Resent-To': 'evil@z.test' }],
    ['ARC-Seal', { 'ARC-Seal': 'i=1' }],
    ['DKIM-Signature', { 'DKIM-Signature': 'v=1' }],
    ['Authentication-Results', { 'Authentication-Results': 'x; dkim=pass' }],
    ['a line break in a value', { 'X-Order': '42\r\nBcc: evil@z.test' }],
    ['a line break and a space in a value', { 'X-Order': '42\r\n folded' }],
    ['a carriage return alone', { 'X-Order': '42\rBcc: evil@z.test' }],
    ['a line break in a name', { 'X-Order: 42\r\nBcc': 'evil@z.test' }],
    ['a colon in a name', { 'X:Order': '42' }],
    ['a space in a name', { 'X Order': '42' }],
    ['no name', { '': '42' }],
    ['a value that is too long', { 'X-Order': 'x'.repeat(2_001) }],
    ['too many of them', Object.fromEntries(many(51).map((_, index) => [`X-${index}`, '']))],
  ])('refuses a header with %s', (_what, headers) => {
    expect(refusal({ headers })).toMatchObject({ code: 'INVALID_MAIL' });
  });

  it.each<[string, object]>([
    ['no name', { name: '' }],
    ['a line break in its name', { name: 'a.txt\r\nBcc: evil@z.test' }],
    ['no media type', { mediaType: 'text' }],
    ['a media type of many parts', { mediaType: 'multipart/mixed' }],
    ['a line break in its media type', { mediaType: 'text/plain\r\nBcc: evil@z.test' }],
    ['a path in place of content', { content: { path: '/etc/hostname' } }],
    ['a URL in place of content', { content: undefined, href: 'https://example.com/' }],
    ['text in place of bytes', { content: 'hello' }],
    ['angle brackets in its content id', { contentId: '<a@b.test>' }],
  ])('refuses an attachment with %s', (_what, given) => {
    const attachment = { name: 'a.txt', mediaType: 'text/plain', content: Buffer.from('hello'), ...given };
    expect(refusal({ attachments: [attachment] })).toMatchObject({ code: 'INVALID_MAIL' });
  });

  it('refuses more content than may be, and no less', () => {
    const mail = (bytes: number): Partial<Mail> => ({
      text: 'ü',
      html: '',
      attachments: [{ name: 'a', mediaType: 'text/plain', content: Buffer.alloc(bytes) }],
    });
    expect(refusal(mail(MAIL_LIMITS.contentBytes - 2))).toBeUndefined();
    expect(refusal(mail(MAIL_LIMITS.contentBytes - 1))).toMatchObject({ code: 'INVALID_MAIL' });
  });
});
