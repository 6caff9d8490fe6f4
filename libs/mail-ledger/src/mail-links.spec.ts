import { createSecretKey, randomBytes } from 'node:crypto';
import { mailKeyOf } from './mail-key.ts';
import { MailLinks } from './mail-links.ts';

const key = () => createSecretKey(randomBytes(32));
const [current, previous] = [key(), key()];
const publicUrl = 'https://millrace.example.com';
const links = new MailLinks({ keys: [current, previous], domain: 'in.example.com', publicUrl });
const mail = mailKeyOf('key-1', 'ann@example.org');
const localPartOf = (address = '') => address.split('@')[0] ?? '';

describe('the key of a mail', () => {
  it('is one for all attempts, and another for each recipient', () => {
    expect(mailKeyOf('key-1', 'Ann@Example.org')).toBe(mail);
    expect(mailKeyOf('key-1', 'ben@example.org')).not.toBe(mail);
    expect(mailKeyOf('key-2', 'ann@example.org')).not.toBe(mail);
  });
});

describe('the return path of a mail', () => {
  it('names it, in whatever case it comes back', () => {
    const address = links.returnPathOf(mail) ?? '';
    expect(address).toMatch(/^bounce\+[0-9a-z]{52}@in\.example\.com$/);
    expect(localPartOf(address).length).toBeLessThanOrEqual(64);
    expect(links.mailKeyOfReturnPath(localPartOf(address))).toBe(mail);
    expect(links.mailKeyOfReturnPath(localPartOf(address).toUpperCase())).toBe(mail);
  });

  it('holds when it was made with a key of before, and not with another one', () => {
    const of = (...keys: ReturnType<typeof key>[]) => new MailLinks({ keys, domain: 'in.example.com', publicUrl });
    expect(links.mailKeyOfReturnPath(localPartOf(of(previous).returnPathOf(mail)))).toBe(mail);
    expect(links.mailKeyOfReturnPath(localPartOf(of(key()).returnPathOf(mail)))).toBeUndefined();
  });

  it('is nobody’s to make up', () => {
    const address = localPartOf(links.returnPathOf(mail));
    const other = mailKeyOf('key-1', 'ben@example.org');
    const signatureOfUnsubscribing = links.unsubscribeUrlOf(mail).split('/').at(-1) ?? '';
    for (const forged of [
      `bounce+${other}${address.slice(-26)}`,
      `bounce+${mail}${signatureOfUnsubscribing}`,
      address.slice(0, -1),
      `${address}0`,
      `x${address}`,
      'bounce+',
      `bounce+${mail}${'ä'.repeat(26)}`,
    ])
      expect(links.mailKeyOfReturnPath(forged)).toBeUndefined();
  });

  it('is none where no mail comes in', () => {
    expect(new MailLinks({ keys: [current], publicUrl }).returnPathOf(mail)).toBeUndefined();
  });
});

describe('the link to unsubscribe', () => {
  it('holds as it was given, and for that alone', () => {
    const [, mailKey = '', signature = ''] = /\/unsubscribe\/(\w+)\/(\w+)$/.exec(links.unsubscribeUrlOf(mail)) ?? [];
    expect(mailKey).toBe(mail);
    expect(links.isUnsubscribeLink(mailKey, signature)).toBe(true);
    expect(links.isUnsubscribeLink(mailKeyOf('key-2', 'ann@example.org'), signature)).toBe(false);
    expect(links.isUnsubscribeLink(mailKey, localPartOf(links.returnPathOf(mail)).slice(-26))).toBe(false);
    expect(links.isUnsubscribeLink(mailKey, '')).toBe(false);
  });
});
