import { tryParseDestinationRule } from './destination-rule.ts';
import { createWall } from './wall.ts';

const NOT_ALLOWED = { code: 'NETWORK_NOT_ALLOWED' };

describe('rules that allow names open networks to them, and nothing closer', () => {
  const allow = ['erp.example:8443', '*.svc.example'].flatMap((text) => tryParseDestinationRule(text) ?? []);
  const wall = createWall({ allowPrivateNetwork: false, allow });

  it.each(['10.1.2.3', '172.16.0.1', '192.168.0.1', '100.64.0.1', 'fd12::1', '::ffff:10.1.2.3', '8.8.8.8'])(
    '%s',
    (address) => {
      expect(wall.refusalOfAddresses({ host: 'erp.example', port: 8_443 }, [address])).toBeUndefined();
      expect(wall.refusalOfAddresses({ host: 'a.svc.example', port: 80 }, [address, '10.0.0.1'])).toBeUndefined();
    },
  );

  it.each(['127.0.0.1', '::1', '0.0.0.0', '169.254.169.254', 'fe80::1', '100.100.100.200', 'fd00:ec2::254'])(
    'not %s',
    (address) => {
      const to = { host: 'erp.example', port: 8_443 };
      expect(wall.refusalOfAddresses(to, [address])).toMatchObject(NOT_ALLOWED);
      expect(wall.refusalOfAddresses(to, ['10.1.2.3', address])).toMatchObject(NOT_ALLOWED);
    },
  );

  it.each([
    ['erp.example', 443],
    ['svc.example', 80],
    ['10.1.2.3', 8_443],
  ])('not to %s:%i, which is not that name', (host, port) => {
    expect(wall.refusalOfAddresses({ host, port }, ['10.1.2.3'])).toMatchObject(NOT_ALLOWED);
  });
});
