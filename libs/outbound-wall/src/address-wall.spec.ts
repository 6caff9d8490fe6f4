import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { formsOf, isDeniedName, isOwnNetworkAddress, isPublicAddress } from './address-wall.ts';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'lets %s through',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.0.1',
    '198.18.0.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:168.63.129.16',
    '::ffff:0:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::808:808',
    '2001::1',
    '2001:db8::1',
    '2002:808:808::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('stops %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['', 'localhost', '1.2.3', '0x7f000001', '256.1.1.1', 'fe80::1%eth0'])(
    'stops %j, which is no plain address',
    (text) => {
      expect(isPublicAddress(text)).toBe(false);
    },
  );
});

describe('isOwnNetworkAddress', () => {
  it.each(['10.1.2.3', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.1.2.3', '64:ff9b::a01:203'])(
    'counts %s as a network of somebody',
    (address) => {
      expect(isOwnNetworkAddress(address)).toBe(true);
    },
  );

  it.each(['8.8.8.8', '127.0.0.1', '::1', '169.254.1.1', 'fe80::1', '100.100.100.200', 'fd00:ec2::254', '0.0.0.0'])(
    'does not count %s',
    (address) => {
      expect(isOwnNetworkAddress(address)).toBe(false);
    },
  );
});

describe('isDeniedName', () => {
  it.each(['localhost', 'app.localhost', 'metadata.google.internal'])('denies %s', (name) => {
    expect(isDeniedName(name)).toBe(true);
  });

  it.each(['example.com', 'localhost.example.com', 'notlocalhost'])('does not deny %s', (name) => {
    expect(isDeniedName(name)).toBe(false);
  });
});

describe('formsOf', () => {
  it.each([
    ['10.0.0.1', []],
    ['::ffff:10.0.0.1', ['10.0.0.1']],
    ['::ffff:0:10.0.0.1', ['10.0.0.1']],
    ['64:ff9b::a00:1', ['10.0.0.1']],
    ['64:ff9b:1:a00:0:100::', ['10.0.0.1']],
    ['2002:a00:1::5', ['10.0.0.1']],
    ['2001:0:808:808::f5ff:fffe', ['10.0.0.1']],
    ['::10.0.0.1', ['10.0.0.1']],
    ['2606:4700::a00:1', []],
    ['not an address', []],
  ])('finds what %s holds', (address, embedded) => {
    const written = isIP(address) === 0 ? [] : [ipaddr.parse(address).toString()];
    const found = new Set(formsOf(address).map((form) => form.toString()));
    expect(found).toEqual(new Set([...written, ...embedded]));
  });
});
