import { clientKeyOf, ipOf } from './client-key.ts';

describe('a client', () => {
  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ])('at %s is %s, counted as %s', (remoteAddress, ip, key) => {
    expect(ipOf(remoteAddress)).toBe(ip);
    expect(clientKeyOf(ip)).toBe(key);
  });

  it('has no address once its socket is closed', () => {
    expect(ipOf(undefined)).toBeUndefined();
  });
});
