import { securityHeadersOf } from './security-headers.ts';

describe('the headers of every answer', () => {
  it('are those of helmet, for data that no page may load or frame', async () => {
    expect(await securityHeadersOf('http://localhost:3000')).toEqual({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen',
      'x-frame-options': 'SAMEORIGIN',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
    });
  });

  it('ask for TLS where there is TLS', async () => {
    expect(await securityHeadersOf('https://automation.example.com')).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
    });
  });
});
