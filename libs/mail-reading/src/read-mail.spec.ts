import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MAIL_LIMITS } from './limits.ts';
import { readMail } from './read-mail.ts';

function bytesOf(...lines: (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    lines.flatMap((line) => [typeof line === 'string' ? Buffer.from(line) : line, Buffer.from('\r\n')]),
  );
}

const HEAD = ['From: Ada <ada@example.com>', 'To: bob@example.org', 'Subject: Hi', 'MIME-Version: 1.0'];

describe('reading a message', () => {
  it('gives its headers, in order and as fields', async () => {
    const mail = await readMail(
      bytesOf(
        'Received: from a.example',
        ' by b.example',
        'From: =?utf-8?q?Ad=C3=A4?= <ada@example.com>',
        'Sender: list@example.com',
        'Reply-To: a@example.com, b@example.com',
        'To: Team: bob@example.org, "Eve, E." <eve@example.org>;',
        'Cc: c@example.org',
        'Subject: =?iso-8859-1?Q?Gr=FC=DFe?=',
        'Date: Sat, 28 Nov 2026 10:00:00 +0200',
        'Message-ID: <1@example.com>',
        'In-Reply-To: <0@example.org> (from Bob)',
        'References: <x@example.org>',
        '\t<0@example.org>',
        '',
        'hello',
      ),
    );
    expect(mail).toMatchObject({
      messageId: '<1@example.com>',
      subject: 'Grüße',
      from: { address: 'ada@example.com', name: 'Adä' },
      sender: { address: 'list@example.com' },
      replyTo: [{ address: 'a@example.com' }, { address: 'b@example.com' }],
      to: [{ address: 'bob@example.org' }, { address: 'eve@example.org', name: 'Eve, E.' }],
      cc: [{ address: 'c@example.org' }],
      date: '2026-11-28T08:00:00.000Z',
      inReplyTo: '<0@example.org>',
      references: ['<x@example.org>', '<0@example.org>'],
      isAutoSubmitted: false,
      html: null,
      attachments: [],
      nested: [],
      warnings: [],
    });
    expect(mail.text.trim()).toBe('hello');
    expect(mail.headers.slice(0, 2)).toEqual([
      { name: 'received', value: 'from a.example by b.example' },
      { name: 'from', value: '=?utf-8?q?Ad=C3=A4?= <ada@example.com>' },
    ]);
    expect(mail).not.toHaveProperty('bcc');
  });

  it('takes the text and the HTML of a multipart/alternative, and inline images as attachments', async () => {
    const mail = await readMail(
      bytesOf(
        ...HEAD,
        'Content-Type: multipart/related; boundary=R',
        '',
        '--R',
        'Content-Type: multipart/alternative; boundary=A',
        '',
        '--A',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'plain',
        '--A',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        '<p>rich =E2=82=AC</p><img src=3D"cid:logo@x">',
        '--A--',
        '--R',
        'Content-Type: image/png; name=logo.png',
        'Content-ID: <logo@x>',
        'Content-Transfer-Encoding: base64',
        '',
        'iVBORw==',
        '--R--',
      ),
    );
    expect(mail.text.trim()).toBe('plain');
    expect(mail.html).toContain('rich €');
    const content = Buffer.from('iVBORw==', 'base64');
    expect(mail.attachments).toEqual([
      {
        name: 'logo.png',
        mediaType: 'image/png',
        bytes: 4,
        sha256: createHash('sha256').update(content).digest('hex'),
        content: new Uint8Array(content),
        contentId: 'logo@x',
        isInline: true,
      },
    ]);
    expect(mail.parts.map(({ mediaType }) => mediaType)).toEqual(['text/plain', 'text/html']);
  });

  it('makes text of HTML where there is none', async () => {
    const mail = await readMail(
      bytesOf(...HEAD, 'Content-Type: text/html', '', '<h1>Bill</h1><p>Pay <a href="https://x.example/">here</a></p>'),
    );
    expect(mail.text).toMatch(/bill/i);
    expect(mail.text).toContain('here [https://x.example/]');
    expect(mail.html).toContain('<h1>Bill</h1>');
  });

  it('gives an attached message as an attachment, with its headers', async () => {
    const inner = ['Subject: inside', 'From: eve@example.net', 'Message-ID: <in@x>', '', 'secret plan'];
    const mail = await readMail(
      bytesOf(
        ...HEAD,
        'Content-Type: multipart/mixed; boundary=B',
        '',
        '--B',
        '',
        'see below',
        '--B',
        'Content-Type: message/rfc822',
        '',
        ...inner,
        '--B--',
      ),
    );
    expect(mail.text.trim()).toBe('see below');
    expect(mail.attachments).toHaveLength(1);
    expect(mail.nested).toEqual([
      { attachment: 0, subject: 'inside', messageId: '<in@x>', from: { address: 'eve@example.net' }, to: [] },
    ]);
    expect(mail.parts[1]?.text).toContain('secret plan');
  });

  it.each<[string, Uint8Array, string, number]>([
    ['iso-2022-jp', Buffer.from('1b2442467c4b5c1b2842', 'hex'), '日本', 0],
    ['windows-1251', Buffer.from('cff0e8e2e5f2', 'hex'), 'Привет', 0],
    ['gb2312', Buffer.from('c4e3bac3', 'hex'), '你好', 0],
    ['x-cp932', Buffer.from('93fa967b', 'hex'), '日本', 0],
    ['utf-7', Buffer.from('Hi +AOk-'), 'Hi +AOk-', 1],
    ['made-up', Buffer.from('caf\xe9', 'latin1'), 'café', 1],
  ])('decodes %s', async (charset, body, text, warnings) => {
    const mail = await readMail(bytesOf(...HEAD, `Content-Type: text/plain; charset=${charset}`, '', body));
    expect(mail.text.trim()).toBe(text);
    expect(mail.parts[0]?.text.trim()).toBe(text);
    expect(mail.warnings).toHaveLength(warnings);
    if (warnings) expect(mail.warnings[0]).toContain(`"${charset}"`);
  });

  it.each([
    [`filename*=UTF-8''r%C3%A9sum%C3%A9.pdf`, 'résumé.pdf'],
    [`filename*0="long "; filename*1="name.pdf"`, 'long name.pdf'],
    [`filename="=?utf-8?B?w6kucGRm?="`, 'é.pdf'],
    [`filename="../../etc/passwd"`, 'passwd'],
    [`filename="C:\\\\temp\\\\a.exe"`, 'a.exe'],
    [`filename*=UTF-8''a%00b%E2%80%AEfdp.exe`, 'abfdp.exe'],
    [`filename=".."`, undefined],
  ])('gives %s a safe name', async (disposition, name) => {
    const mail = await readMail(
      bytesOf(...HEAD, 'Content-Type: application/pdf', `Content-Disposition: attachment; ${disposition}`, '', 'x'),
    );
    expect(mail.attachments[0]?.name).toBe(name);
    expect(mail.attachments[0]?.isInline).toBe(false);
  });

  it('keeps every textual part of a bounce and of a complaint', async () => {
    const dsn = await readMail(
      bytesOf(
        ...HEAD,
        'Auto-Submitted: auto-replied',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=B',
        '',
        '--B',
        '',
        'It bounced.',
        '--B',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; a.example',
        '',
        'Final-Recipient: rfc822; bob@example.org',
        'Action: failed',
        'Status: 5.1.1',
        '--B',
        'Content-Type: text/rfc822-headers',
        '',
        'Subject: hello',
        '--B--',
      ),
    );
    expect(dsn.isAutoSubmitted).toBe(true);
    expect(dsn.parts.map(({ mediaType }) => mediaType)).toEqual([
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ]);
    expect(dsn.parts[1]?.text).toContain('Status: 5.1.1');
    const arf = await readMail(
      bytesOf(
        ...HEAD,
        'Content-Type: multipart/report; report-type=feedback-report; boundary=B',
        '',
        '--B',
        '',
        'Spam.',
        '--B',
        'Content-Type: message/feedback-report',
        '',
        'Feedback-Type: abuse',
        '--B',
        'Content-Type: message/rfc822',
        '',
        'Subject: buy',
        '',
        'now',
        '--B--',
      ),
    );
    expect(arf.parts.map(({ mediaType }) => mediaType)).toEqual([
      'text/plain',
      'message/feedback-report',
      'message/rfc822',
    ]);
    expect(arf.nested[0]?.subject).toBe('buy');
  });

  it('gives a calendar and a winmail.dat as attachments', async () => {
    const mail = await readMail(
      bytesOf(
        ...HEAD,
        'Content-Type: multipart/mixed; boundary=B',
        '',
        '--B',
        'Content-Type: text/calendar; method=REQUEST',
        '',
        'BEGIN:VCALENDAR',
        'END:VCALENDAR',
        '--B',
        'Content-Type: application/ms-tnef; name=winmail.dat',
        '',
        Buffer.from([0x78, 0x9f, 0x3e, 0x22]),
        '--B--',
      ),
    );
    expect(mail.attachments.map(({ mediaType, name }) => [mediaType, name])).toEqual([
      ['text/calendar', undefined],
      ['application/ms-tnef', 'winmail.dat'],
    ]);
    expect(mail.parts.map(({ mediaType }) => mediaType)).toEqual(['text/calendar']);
  });

  it.each([
    ['Auto-Submitted: auto-generated', true],
    ['Auto-Submitted: no', false],
    ['Precedence: auto_reply', true],
    ['Precedence: bulk', false],
    ['X-Autoreply: yes', true],
  ])('knows from %s whether a program sent it', async (line, expected) => {
    expect((await readMail(bytesOf(line, '', 'x'))).isAutoSubmitted).toBe(expected);
  });
});

describe('reading what is not a good message', () => {
  it.each<[string, Uint8Array, RegExp, RegExp]>([
    ['base64', bytesOf(...HEAD, 'Content-Transfer-Encoding: base64', '', 'aGVs!!bG8=', ''), /hello/, /not base64/],
    [
      'quoted-printable',
      bytesOf(...HEAD, 'Content-Transfer-Encoding: quoted-printable', '', 'a=ZZb', ''),
      /a/,
      /not quoted-printable/,
    ],
    [
      'a multipart without boundary',
      bytesOf(...HEAD, 'Content-Type: multipart/mixed', '', 'lost text'),
      /lost text/,
      /names no boundary/,
    ],
    [
      'a multipart whose boundary never comes',
      bytesOf(...HEAD, 'Content-Type: multipart/mixed; boundary=X', '', 'lost text'),
      /lost text/,
      /has no parts/,
    ],
    ['NUL bytes', bytesOf(...HEAD, '', 'a\0b'), /ab/, /NUL/],
    ['a date', bytesOf('Date: yesterday', '', 'x'), /x/, /date/],
    ['nothing', new Uint8Array(), /^$/, /no headers/],
  ])('reads on with a warning: %s', async (_, raw, text, warning) => {
    const mail = await readMail(raw);
    expect(mail.text).toMatch(text);
    expect(mail.warnings.join('\n')).toMatch(warning);
  });

  it('reads up to ten thousand nested multiparts', async () => {
    const nested = Array.from({ length: 10_000 }, (_, n) => [
      `Content-Type: multipart/mixed; boundary=b${n}`,
      '',
      `--b${n}`,
    ]);
    const mail = await readMail(bytesOf(...HEAD, ...nested.flat(), '', 'deep'));
    expect(mail.subject).toBe('Hi');
    expect(mail.warnings.join('\n')).toMatch(/nesting depth of 50 .*what follows is left out/);
  });

  it('reads a thousand parts and no more', async () => {
    const of = (count: number): Uint8Array =>
      bytesOf(
        ...HEAD,
        'Content-Type: multipart/mixed; boundary=B',
        '',
        ...Array.from({ length: count - 1 }, (_, n) => ['--B', '', `p${n}`]).flat(),
        '--B--',
      );
    const most = await readMail(of(MAIL_LIMITS.parts));
    expect(most.warnings).toEqual([]);
    expect(most.parts).toHaveLength(MAIL_LIMITS.parts - 1);
    const more = await readMail(of(MAIL_LIMITS.parts + 1));
    expect(more.warnings).toEqual([`more than ${MAIL_LIMITS.parts} parts: what follows is left out`]);
    expect(more.text).toContain('p998');
    expect(more.text).not.toContain('p999');
  });

  it.each([
    ['one line', [`X-Bomb: ${'a'.repeat(MAIL_LIMITS.headerBytes)}`]],
    ['many lines', Array.from({ length: 60_000 }, (_, n) => `X-Bomb-${n}: a`)],
  ])('stops at too many bytes of headers in %s', async (_, bomb) => {
    const mail = await readMail(bytesOf(...HEAD, ...bomb, '', 'text'));
    expect(mail.subject).toBe('Hi');
    expect(mail.warnings.join('\n')).toMatch(/header size .*what follows is left out/);
  });

  it('cuts texts and leaves out attachments beyond the limits', async () => {
    const text = await readMail(
      bytesOf(...HEAD, 'Content-Type: text/plain; charset=utf-8', '', 'é'.repeat(MAIL_LIMITS.textBytes)),
    );
    expect(Buffer.byteLength(text.text)).toBe(MAIL_LIMITS.textBytes);
    expect(text.warnings).toContain(`the text is longer than ${MAIL_LIMITS.textBytes} bytes: the rest is left out`);
    const files = Array.from({ length: 101 }, () => ['--B', 'Content-Type: a/b', '', 'x']);
    const many = await readMail(
      bytesOf(...HEAD, 'Content-Type: multipart/mixed; boundary=B', '', ...files.flat(), '--B--'),
    );
    expect(many.attachments).toHaveLength(MAIL_LIMITS.attachments);
    expect(many.warnings).toEqual(['101 attachments: those after 100 are left out']);
  });

  it('survives HTML that nests without end', async () => {
    const mail = await readMail(bytesOf(...HEAD, 'Content-Type: text/html', '', '<b>'.repeat(80_000), 'end'));
    expect(mail.html).toContain('<b><b>');
  });

  it('gives a result without NUL for any bytes', async () => {
    const line = fc.oneof(
      fc.constantFrom('--B', '--B--', '', 'Content-Type: multipart/mixed; boundary=B', 'Content-Type: message/rfc822'),
      fc.constantFrom(
        'Content-Type: text/html; charset=utf-16',
        'Content-Transfer-Encoding: base64',
        'From: "a <b@',
        'To: a:b;,<>',
      ),
      fc.string({ unit: 'binary' }),
    );
    const raw = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(line, { maxLength: 20 }).map((lines) => bytesOf(...lines)),
    );
    await fc.assert(
      fc.asyncProperty(raw, async (bytes) => {
        const { attachments, ...mail } = await readMail(bytes);
        expect(JSON.stringify(mail)).not.toContain('\\u0000');
        expect(mail.warnings.join()).not.toContain('could not be read: only');
        for (const { content, bytes: size } of attachments) expect(content.byteLength).toBe(size);
      }),
      { numRuns: 300 },
    );
  });
});
