import { returnAddress } from './return-to.ts';

describe('where a browser is sent to afterwards', () => {
  const origins = ['https://millrace.example', 'https://app.example:8443'];

  it.each([
    ['/', 'https://millrace.example/'],
    ['/done?x=1#y', 'https://millrace.example/done?x=1#y'],
    ['https://millrace.example/a', 'https://millrace.example/a'],
    ['https://app.example:8443/a', 'https://app.example:8443/a'],
    ['HTTPS://APP.example:8443', 'https://app.example:8443/'],
  ])('may be %s', (written, address) => {
    expect(returnAddress(written, origins)?.href).toBe(address);
  });

  it.each([
    '',
    'done',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    'https://evil.example',
    'https://millrace.example.evil.example',
    'https://millrace.example@evil.example',
    'https://user@millrace.example/',
    'http://millrace.example/',
    'https://app.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/\t/evil.example',
    '/a\n',
    ' https://millrace.example',
    `/${'a'.repeat(2_048)}`,
  ])('may not be %j', (written) => {
    expect(returnAddress(written, origins)).toBeUndefined();
  });
});
