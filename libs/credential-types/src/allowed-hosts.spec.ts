import { allowedHosts, areHostsWithin, isHostAllowed } from './allowed-hosts.ts';

describe('the hosts that a credential is bound to', () => {
  it.each([
    ['api.example.com', 'api.example.com', true],
    ['api.example.com', 'example.com', false],
    ['api.example.com', 'evil-api.example.com', false],
    ['api.example.com', 'api.example.com.evil.org', false],
    ['api.example.com', 'api.example.com.', false],
    ['*.example.com', 'api.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['*.example.com', 'evilexample.com', false],
    ['127.0.0.1', '127.0.0.1', true],
    ['[::1]', '[::1]', true],
  ])('%s and %s: %s', (pattern, host, allowed) => {
    expect(isHostAllowed(host, [pattern])).toBe(allowed);
    expect(isHostAllowed(host, ['other.org', pattern])).toBe(allowed);
  });

  it('are all when there are none', () => {
    expect(isHostAllowed('anywhere.example', [])).toBe(true);
  });

  it('are written in any case', () => {
    expect(allowedHosts.parse(['API.Example.com'])).toEqual(['api.example.com']);
  });

  it.each([
    '',
    '*',
    '*.',
    'a..b',
    'https://a.b',
    'a.b:443',
    'a.b/c',
    'a b',
    '-a.b',
    'bücher.de',
    '*.0.0.1',
    '*.1',
    'a.*.b',
  ])('are not %j', (text) => {
    expect(allowedHosts.safeParse([text]).success).toBe(false);
  });

  it('are 50 at most', () => {
    const hosts = Array.from({ length: 50 }, (_, index) => `h${index}.example.com`);
    expect(allowedHosts.parse(hosts)).toEqual(hosts);
    expect(allowedHosts.safeParse([...hosts, 'more.example.com']).success).toBe(false);
  });
});

describe('hosts within others', () => {
  it.each<[string[], string[], boolean]>([
    [[], [], true],
    [['a.example.com'], [], true],
    [[], ['a.example.com'], false],
    [['a.example.com'], ['b.example.com', 'a.example.com'], true],
    [['a.example.com', 'b.example.com'], ['a.example.com'], false],
    [['*.example.com'], ['*.example.com'], true],
    [['a.example.com', '*.b.example.com'], ['*.example.com'], true],
    [['example.com'], ['*.example.com'], false],
    [['*.example.com'], ['*.b.example.com'], false],
    [['*.a.example.com'], ['a.example.com'], false],
    [['evilexample.com'], ['*.example.com'], false],
  ])('%j and %j: %s', (hosts, wider, within) => {
    expect(areHostsWithin(hosts, wider)).toBe(within);
  });
});
