import { readMail, type MailAuthentication } from '#libs/mail-reading';
import { mailOutputOf } from './mail-output.ts';

const authentication: MailAuthentication = {
  spf: { result: 'pass', domain: 'example.org' },
  dkim: [],
  dmarc: { result: 'pass', policy: 'reject', domain: 'example.org' },
};
const arrival = {
  envelope: { from: 'ann@example.org', to: ['abc@in.example.com'] },
  authentication,
  receivedAt: '2026-11-29T10:00:00.000Z',
};
const output = async (...lines: string[]) => mailOutputOf(await readMail(Buffer.from(lines.join('\r\n'))), arrival);

describe('the output of a mail trigger', () => {
  it('is the message as body, and how it came', async () => {
    const found = await output(
      'From: Ann <ann@example.org>',
      'To: abc@in.example.com, Ben <ben@example.org>',
      'Subject: Order 7',
      'Message-ID: <1@example.org>',
      'Date: Sun, 29 Nov 2026 10:00:00 +0000',
      'X-Tag: a',
      'X-Tag: b',
      '',
      'Two of them.',
    );
    expect(found).toEqual({
      ...arrival,
      body: {
        messageId: '<1@example.org>',
        subject: 'Order 7',
        from: { address: 'ann@example.org', name: 'Ann' },
        to: [{ address: 'abc@in.example.com' }, { address: 'ben@example.org', name: 'Ben' }],
        cc: [],
        replyTo: [],
        date: '2026-11-29T10:00:00.000Z',
        inReplyTo: null,
        references: [],
        text: expect.stringContaining('Two of them.') as unknown,
        html: null,
        headers: expect.objectContaining({ subject: ['Order 7'], 'x-tag': ['a', 'b'] }) as unknown,
        attachments: [],
        nested: [],
        isAutoSubmitted: false,
        warnings: [],
      },
    });
  });

  it('names attachments by their SHA-256, without what is in them', async () => {
    const { body } = await output(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Disposition: attachment',
      'Content-Transfer-Encoding: base64',
      '',
      'YWJj',
      '--b--',
    );
    expect(body).toMatchObject({
      from: null,
      attachments: [
        {
          name: 'a.pdf',
          mediaType: 'application/pdf',
          bytes: 3,
          sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          isInline: false,
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('content":');
  });

  it('is what could be read of anything', async () => {
    const { body } = await output('__proto__: x', 'constructor: y', 'no header at all');
    expect(JSON.parse(JSON.stringify(body))).toMatchObject({ subject: '', headers: { constructor: ['y'] } });
  });
});
