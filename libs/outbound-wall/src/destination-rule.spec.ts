import {
  holdsAddress,
  namesHost,
  touchesAddress,
  tryParseDestinationRule,
  type DestinationRule,
} from './destination-rule.ts';

function rule(text: string): DestinationRule {
  const parsed = tryParseDestinationRule(text);
  if (!parsed) throw new Error(`${text} is not a rule`);
  return parsed;
}

describe('a rule about destinations', () => {
  it.each([
    ['*', { kind: 'all' }],
    ['*:25', { kind: 'all', port: 25 }],
    ['erp.example.com', { kind: 'name', name: 'erp.example.com', below: false }],
    [' ERP.Example.com.:8443 ', { kind: 'name', name: 'erp.example.com', below: false, port: 8443 }],
    ['*.example.com', { kind: 'name', name: 'example.com', below: true }],
    ['bücher.example', { kind: 'name', name: 'xn--bcher-kva.example', below: false }],
    ['localhost', { kind: 'name', name: 'localhost', below: false }],
    ['10.1.2.3', { kind: 'block', bits: 32 }],
    ['10.1.2.3:8080', { kind: 'block', bits: 32, port: 8080 }],
    ['10.0.0.0/8', { kind: 'block', bits: 8 }],
    ['10.0.0.0/8:443', { kind: 'block', bits: 8, port: 443 }],
    ['fd00::1', { kind: 'block', bits: 128 }],
    ['fd00::/8', { kind: 'block', bits: 8 }],
    ['[fd00::1]', { kind: 'block', bits: 128 }],
    ['[fd00::/8]:443', { kind: 'block', bits: 8, port: 443 }],
    ['::ffff:10.0.0.0/104', { kind: 'block', bits: 8 }],
    ['::/0', { kind: 'block', bits: 0 }],
  ])('is %s', (text, expected) => {
    expect(tryParseDestinationRule(text)).toMatchObject({ text: text.trim(), ...expected });
  });

  it.each([
    '',
    '*.',
    '*example.com',
    'a.*.com',
    'a..b',
    '-a.example.com',
    'https://example.com',
    'example.com/path',
    'user@example.com',
    'two words',
    'example.com:0',
    'example.com:65536',
    'example.com:http',
    'example.com:',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    '2130706433',
    '*.0.0.1',
    '0x7f.1',
    'fd00::/129',
    'fe80::1%eth0',
    '[10.0.0.1',
    '[example.com]:80',
    '%31.example.com',
  ])('is not %j', (text) => {
    expect(tryParseDestinationRule(text)).toBeUndefined();
  });

  it.each([
    ['example.com', 'example.com', 443, true],
    ['example.com', 'a.example.com', 443, false],
    ['*.example.com', 'a.b.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['*.example.com', 'evilexample.com', 443, false],
    ['example.com:443', 'example.com', 443, true],
    ['example.com:443', 'example.com', 80, false],
    ['10.0.0.1', '10.0.0.1', 80, false],
    ['*', 'example.com', 443, false],
  ])('%s by name, of %s on port %i: %s', (text, host, port, named) => {
    expect(namesHost(rule(text), { host, port })).toBe(named);
  });

  it.each([
    ['10.0.0.0/8', '10.1.2.3', true, true],
    ['10.0.0.0/8', '11.1.2.3', false, false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true, true],
    ['10.0.0.0/8', '64:ff9b::a01:203', true, true],
    ['10.0.0.0/8', '2002:a01:203::1', false, true],
    ['10.0.0.0/8', '2001:0:808:808::f5fe:fdfc', false, true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true, true],
    ['2002::/16', '2002:a01:203::1', true, true],
    ['64:ff9b::/96', '64:ff9b::a01:203', false, true],
    ['::/0', '10.1.2.3', false, false],
    ['fd00::/8', 'fd12::1', true, true],
    ['10.0.0.0/8:443', '10.1.2.3', false, false],
    ['10.0.0.0/8:80', '10.1.2.3', true, true],
  ])('%s by address, of %s: allows it %s, denies it %s', (text, address, allows, denies) => {
    expect(holdsAddress(rule(text), address, 80)).toBe(allows);
    expect(touchesAddress(rule(text), address, 80)).toBe(denies);
  });
});
