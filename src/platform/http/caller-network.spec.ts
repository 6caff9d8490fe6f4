import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { networkOf } from './caller-network.ts';

describe('the network that a caller counts as', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['2001:DB8:0001:2::1', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1::2:3:4:5:6', '1:0:0:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unix:', 'unix:'],
    [undefined, 'gone'],
    ['x'.repeat(1000), 'x'.repeat(64)],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for all ways to write an address, and holds it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 0xabc, 0xffff), { minLength: 8, maxLength: 8 }), (parts) => {
        const address = new ipaddr.IPv6(parts);
        const network = networkOf(address.toString());
        expect(networkOf(address.toNormalizedString())).toBe(network);
        expect(address.match(ipaddr.IPv6.parseCIDR(network))).toBe(true);
      }),
    );
  });
});
