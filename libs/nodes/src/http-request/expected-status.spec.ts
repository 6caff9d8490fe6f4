import { isExpected, type ExpectedStatus } from './expected-status.ts';

describe('a status that is expected', () => {
  it.each<[number, ExpectedStatus[] | undefined, boolean, boolean]>([
    [200, undefined, true, true],
    [302, undefined, true, false],
    [302, undefined, false, true],
    [404, undefined, true, false],
    [404, [200, '2xx', 404], true, true],
    [204, ['2xx'], true, true],
    [300, ['2xx'], true, false],
    [200, ['4xx'], true, false],
    [503, ['5xx', 200], true, true],
  ])('%i, with %j, redirects followed %s: %s', (status, expected, followRedirects, is) => {
    expect(isExpected(status, { ...(expected ? { expect: expected } : {}), followRedirects })).toBe(is);
  });
});
