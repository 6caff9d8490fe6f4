import { isIPv6 } from 'node:net';
import { tryParseDestinationRule, tryParseHost } from './destination-rule.ts';
import { createGuardedLookup, createPinnedLookup, type ResolveAll } from './guarded-lookup.ts';
import { resolveWithin } from './resolve-within.ts';
import { createWall } from './wall.ts';

const rules = (...texts: string[]) => texts.flatMap((text) => tryParseDestinationRule(text) ?? []);
const wall = createWall({ allowPrivateNetwork: false });

function answering(...addresses: string[]): ResolveAll & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolveAll: ResolveAll = (hostname, _options, callback) => {
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    );
  };
  return Object.assign(resolveAll, { asked });
}

describe('resolveWithin', () => {
  it('gives every address of a name, in the order of the resolver', async () => {
    const resolveAll = answering('2606:4700:4700::1111', '8.8.8.8');
    await expect(resolveWithin(wall, { host: 'Mail.Example.COM.', port: 587 }, resolveAll)).resolves.toEqual([
      { address: '2606:4700:4700::1111', family: 6 },
      { address: '8.8.8.8', family: 4 },
    ]);
    expect(resolveAll.asked).toEqual(['mail.example.com']);
  });

  it.each([
    ['8.8.8.8', '8.8.8.8', 4],
    ['[2606:4700:4700::1111]', '2606:4700:4700::1111', 6],
  ])('asks nobody about %s', async (host, address, family) => {
    const resolveAll = answering('1.1.1.1');
    await expect(resolveWithin(wall, { host, port: 25 }, resolveAll)).resolves.toEqual([{ address, family }]);
    expect(resolveAll.asked).toEqual([]);
  });

  it.each(['127.0.0.1', '[::1]', '2130706433', '0x7f.1', 'LOCALHOST', 'localhost.', '::ffff:10.0.0.1', 'fe80::1%lo'])(
    'refuses %s before it is resolved',
    async (host) => {
      const resolveAll = answering('8.8.8.8');
      await expect(resolveWithin(wall, { host, port: 25 }, resolveAll)).rejects.toMatchObject({
        name: 'DestinationRefused',
        code: 'NETWORK_NOT_ALLOWED',
      });
      expect(resolveAll.asked).toEqual([]);
    },
  );

  it('refuses a name of several addresses when one of them is private', async () => {
    const resolving = resolveWithin(wall, { host: 'both.example', port: 25 }, answering('8.8.8.8', '10.0.0.1'));
    await expect(resolving).rejects.toMatchObject({ code: 'NETWORK_NOT_ALLOWED' });
  });

  it('holds rules against the port too', async () => {
    const denying = createWall({ allowPrivateNetwork: true, deny: rules('*:25') });
    const to = (port: number) => resolveWithin(denying, { host: 'mail.example', port }, answering('10.0.0.1'));
    await expect(to(25)).rejects.toMatchObject({ code: 'DESTINATION_DENIED' });
    await expect(to(587)).resolves.toHaveLength(1);
  });

  it.each(['', 'a b', 'a/b', 'user@host', 'host:25', 'a..b', '-', 'ho\r\nst'])('finds no host in %j', async (host) => {
    await expect(resolveWithin(wall, { host, port: 25 }, answering('8.8.8.8'))).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  it('rejects with what the resolver says, and where it finds nothing', async () => {
    const failing: ResolveAll = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }), []);
    await expect(resolveWithin(wall, { host: 'a.example', port: 25 }, failing)).rejects.toMatchObject({
      code: 'EAI_AGAIN',
    });
    await expect(resolveWithin(wall, { host: 'a.example', port: 25 }, answering())).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });
});

describe('tryParseHost', () => {
  it.each([
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['127.1', '127.0.0.1'],
    ['mail_1.example', 'mail_1.example'],
    ['[fd00::1]', 'fd00::1'],
  ])('reads %s as %s', (written, host) => {
    expect(tryParseHost(written)).toBe(host);
  });
});

describe('lookups', () => {
  const addresses = [
    { address: '8.8.8.8', family: 4 },
    { address: '1.1.1.1', family: 4 },
  ];

  it('that are pinned give what they were given', () => {
    const answers: unknown[] = [];
    const lookup = createPinnedLookup(addresses);
    lookup('other.example', { all: true }, (_error, found) => answers.push(found));
    lookup('other.example', {}, (_error, found) => answers.push(found));
    expect(answers).toEqual([addresses, '8.8.8.8']);
  });

  it('that are guarded judge what the resolver gives', () => {
    const errors: unknown[] = [];
    const lookup = createGuardedLookup({ wall, port: 25, resolveAll: answering('8.8.8.8', '::1') });
    lookup('both.example', { all: true }, (error) => errors.push(error));
    expect(errors).toMatchObject([{ code: 'NETWORK_NOT_ALLOWED' }]);
  });
});
