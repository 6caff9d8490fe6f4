import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth';
import PostalMime from 'postal-mime';
import { compose } from './compose.ts';
import { sampleMail } from './testing/index.ts';
import type { DkimKey, Mail } from './types.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RECORD = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const pem = (key: typeof privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const DKIM_KEY: DkimKey = { domain: 'example.com', selector: 's1', privateKey: pem(privateKey) };

async function verify(message: Buffer) {
  const resolver = async (name: string, type: string) => {
    if (`${type} ${name}` === 'TXT s1._domainkey.example.com') return [[RECORD]];
    throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  };
  const { results } = await dkimVerify(message, { resolver });
  return results.map(({ status, signingDomain, signingHeaders }) => ({
    result: status.result,
    domain: signingDomain,
    headers: signingHeaders?.keys.toLowerCase().split(/[:\s]+/) ?? [],
  }));
}

const composed = async (given: Partial<Mail> = {}) => (await compose(sampleMail(given), undefined)).toString('latin1');
const headOf = (message: string) => message.slice(0, message.indexOf('\r\n\r\n'));

describe('compose', () => {
  it('writes a message that reads as it was meant', async () => {
    const attachments = [
      { name: 'Übersicht "1".pdf', mediaType: 'application/pdf', content: Buffer.from([0, 255, 13, 10, 46]) },
      { name: 'logo.png', mediaType: 'image/png', content: Buffer.from([1]), contentId: 'logo@x' },
    ];
    const message = await composed({
      to: [{ address: 'ben@example.org', name: 'Ben, "B" Ünal' }],
      cc: [{ address: 'cat@example.org' }],
      replyTo: { address: 'help@example.com' },
      subject: `${'Grüße → '.repeat(20)}!`,
      text: 'a\n.b\n..c\nü',
      html: '<p>a</p>',
      attachments,
      headers: { 'X-Order': '42 – ü' },
      inReplyTo: '<a@b.test>',
      references: ['<a@b.test>', '<c@d.test>'],
      autoSubmitted: true,
    });
    const read = await PostalMime.parse(Buffer.from(message, 'latin1'));
    expect(read).toMatchObject({
      messageId: '<m1@example.com>',
      date: '2026-11-29T12:00:00.000Z',
      from: { address: 'ann@example.com', name: 'Ann' },
      to: [{ address: 'ben@example.org', name: 'Ben, "B" Ünal' }],
      cc: [{ address: 'cat@example.org' }],
      replyTo: [{ address: 'help@example.com' }],
      subject: `${'Grüße → '.repeat(20)}!`,
      inReplyTo: '<a@b.test>',
      references: '<a@b.test> <c@d.test>',
    });
    expect(read.text?.replaceAll('\r', '').trim()).toBe('a\n.b\n..c\nü');
    expect(read.headers).toContainEqual(expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }));
    expect(read.attachments.map(({ filename, disposition }) => [filename, disposition])).toEqual([
      ['logo.png', 'inline'],
      ['Übersicht "1".pdf', 'attachment'],
    ]);
    expect(Buffer.from(read.attachments[1]?.content as ArrayBuffer)).toEqual(attachments[0]?.content);
  });

  it('has CRLF at each end of a line, no line above 998 characters, and ASCII in its head', async () => {
    const long = 'word '.repeat(1_000);
    const message = await composed({
      text: `a\nb\rc\r\n${long}`,
      subject: long.slice(0, 998),
      headers: { 'X-A': 'ü'.repeat(500) },
      attachments: [{ name: 'a.eml', mediaType: 'message/rfc822', content: Buffer.from('A: b\n\rc\r\nd') }],
    });
    expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...message.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(message).toMatch(/^[\r\n\t -~]+$/);
  });

  it('names nobody of the envelope', async () => {
    const message = await composed({ envelope: { from: 'bounce@example.com', to: ['eve@example.org'] } });
    expect(message).not.toContain('eve@');
    expect(message).not.toContain('bounce@');
  });

  it('opens no file and no URL that content names', async () => {
    for (const sly of [{ path: '/etc/hostname' }, { href: 'http://127.0.0.1/' }]) {
      const attachment = { name: 'a', mediaType: 'text/plain', content: sly as unknown as Buffer };
      await expect(composed({ attachments: [attachment] })).rejects.toThrow(/access rejected/);
    }
    expect(await composed({ html: '<img src="file:///etc/hostname">' })).toContain('file:///etc/hostname');
  });

  it('offers to unsubscribe with one click, as one line of a header each', async () => {
    const head = headOf(await composed({ listUnsubscribe: 'https://example.com/u?t=ä' }));
    expect(head).toContain('List-Unsubscribe: <https://example.com/u?t=%C3%A4>\r\n');
    expect(head).toContain('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click');
  });

  describe('with a DKIM key', () => {
    const mail = sampleMail({
      text: 'a  b \n\n.c\nü\n\n\n',
      html: `<p>${'long '.repeat(500)}</p>`,
      subject: 'Grüße',
      listUnsubscribe: 'https://example.com/u',
      attachments: [{ name: 'a.bin', mediaType: 'application/octet-stream', content: Buffer.alloc(100_000, 7) }],
    });

    it('signs what receivers look at, the way to unsubscribe among it', async () => {
      const [signature, ...more] = await verify(await compose(mail, DKIM_KEY));
      expect(more).toEqual([]);
      expect(signature).toMatchObject({ result: 'pass', domain: 'example.com' });
      expect(signature?.headers).toEqual(
        expect.arrayContaining([
          'from',
          'to',
          'subject',
          'date',
          'message-id',
          'list-unsubscribe',
          'list-unsubscribe-post',
        ]),
      );
    });

    it.each([
      ['the subject', 'Subject: =?', 'Subject: x=?'],
      ['the sender', 'ann@example.com', 'eve@example.com'],
      ['the body', 'a  b', 'a  c'],
    ])('does not verify once %s was changed', async (_what, from, into) => {
      const changed = (await compose(mail, DKIM_KEY)).toString('latin1').replace(from, into);
      const [signature] = await verify(Buffer.from(changed, 'latin1'));
      expect(signature?.result).not.toBe('pass');
    });

    it.each([
      ['is no key', 'not a key'],
      ['is a public key', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
      ['is of Ed25519', pem(generateKeyPairSync('ed25519').privateKey)],
      ['is of elliptic curves', pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ])('sends nothing unsigned when it %s', async (_what, key) => {
      const signing = compose(mail, { ...DKIM_KEY, privateKey: key });
      await expect(signing).rejects.toMatchObject({ code: 'INVALID_MAIL', retryable: false });
      await expect(signing).rejects.not.toThrow(/PRIVATE KEY-/);
    });
  });
});
