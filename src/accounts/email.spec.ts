import { tryParseEmail } from './email.ts';

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+x@Example.COM\n', 'ada.lovelace+x@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%j is kept as %j', (text, email) => {
    expect(tryParseEmail(text)).toBe(email);
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@example',
    'a b@example.com',
    'a@b.com,c@d.com',
    'a@example.com\r\nBcc: b@example.com',
    'a\u0000@example.com',
    `a@${'b'.repeat(250)}.com`,
  ])('%j is none', (text) => {
    expect(tryParseEmail(text)).toBeUndefined();
  });
});
