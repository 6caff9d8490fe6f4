import { isIPv6 } from 'node:net';
import { tryParseDestinationRule } from '#libs/outbound-wall';
import { createOutboundHttp } from './outbound-http.ts';
import { startServer, type TestServer } from './testing/index.ts';
import type { OutboundHttp } from './types.ts';

const NOT_ALLOWED = { code: 'NETWORK_NOT_ALLOWED' };

describe('the lists of an installation', () => {
  let server: TestServer;
  let port: string;
  let client: OutboundHttp | undefined;
  let resolved: string[];

  beforeEach(async () => {
    server = await startServer((request, response) => {
      const to = new URL(request.url ?? '/', 'http://server').searchParams.get('to');
      if (to === null) response.end('inside');
      else response.writeHead(302, { location: to }).end();
    });
    port = new URL(server.url).port;
    resolved = [];
  });
  afterEach(async () => {
    await client?.[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  interface Lists {
    readonly allow?: string;
    readonly deny?: string;
    readonly open?: boolean;
    readonly addresses?: readonly string[];
  }

  function call(url: string, { allow = '', deny = '', open = false, addresses = ['127.0.0.1'] }: Lists) {
    const rules = (texts: string) =>
      texts.split(',').flatMap((text) => tryParseDestinationRule(text.replaceAll('PORT', port)) ?? []);
    client = createOutboundHttp({
      allowPrivateNetwork: open,
      allow: rules(allow),
      deny: rules(deny),
      resolveAll: (hostname, _options, callback) => {
        resolved.push(hostname);
        callback(
          null,
          addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
        );
      },
    });
    return client.request({ method: 'GET', url: url.replaceAll('PORT', port), timeoutMs: 5_000 });
  }

  describe('let pass what they allow', () => {
    it.each<[string, Lists]>([
      ['http://127.0.0.1:PORT/', { allow: '127.0.0.1' }],
      ['http://127.0.0.1:PORT/', { allow: '127.0.0.0/8:PORT' }],
      ['http://2130706433:PORT/', { allow: '127.0.0.1:PORT' }],
      ['http://[::ffff:127.0.0.1]:PORT/', { allow: '127.0.0.1' }],
      ['http://erp.example:PORT/', { allow: '127.0.0.1' }],
      ['http://erp.example.:PORT/', { allow: 'erp.example,127.0.0.1' }],
      ['http://localhost:PORT/', { allow: 'localhost,127.0.0.1' }],
      ['http://127.0.0.1:PORT/', { open: true, deny: '10.0.0.0/8,*.example,127.0.0.1:1' }],
      ['http://erp.example:PORT/', { deny: '*', allow: '127.0.0.1' }],
      ['http://erp.example:PORT/', { deny: '*', allow: 'erp.example', open: true }],
      ['http://erp.example:PORT/', { deny: '*', allow: '*:PORT', open: true }],
      ['http://erp.example:PORT/', { deny: '*:1', open: true }],
    ])('%s with %j', async (url, lists) => {
      await expect(call(url, lists)).resolves.toMatchObject({ status: 200 });
    });
  });

  describe('stop what they deny, with the rule', () => {
    it.each<[string, Lists, string]>([
      ['http://127.0.0.1:PORT/', { open: true, deny: '127.0.0.0/8' }, '127.0.0.0/8'],
      ['http://127.0.0.1:PORT/', { open: true, deny: '127.0.0.0/8', allow: '127.0.0.1' }, '127.0.0.0/8'],
      ['http://[::ffff:127.0.0.1]:PORT/', { open: true, deny: '127.0.0.0/8' }, '127.0.0.0/8'],
      ['http://[64:ff9b::7f00:1]:PORT/', { open: true, deny: '127.0.0.0/8' }, '127.0.0.0/8'],
      ['http://[2002:7f00:1::]:PORT/', { open: true, deny: '127.0.0.0/8' }, '127.0.0.0/8'],
      ['http://erp.example:PORT/', { open: true, deny: '127.0.0.1', allow: 'erp.example' }, '127.0.0.1'],
      ['http://erp.example:PORT/', { open: true, deny: '10.0.0.1', addresses: ['127.0.0.1', '10.0.0.1'] }, '10.0.0.1'],
      ['http://a.b.example:PORT/', { open: true, deny: '*.b.example', allow: 'a.b.example' }, '*.b.example'],
      ['http://A.B.example.:PORT/', { open: true, deny: '*.b.example' }, '*.b.example'],
      ['http://8.8.8.8/', { deny: '8.8.8.0/24:80' }, '8.8.8.0/24:80'],
      ['http://127.0.0.1:PORT/', { open: true, deny: '*' }, '*'],
      ['http://erp.example:PORT/', { open: true, deny: '*', allow: 'other.example' }, '*'],
      ['http://erp.example:PORT/', { open: true, deny: '*', allow: '10.0.0.0/8' }, '*'],
      ['http://erp.example:PORT/', { open: true, deny: '*', allow: '*:443' }, '*'],
      ['http://erp.example:PORT/', { open: true, deny: '*:PORT', allow: 'erp.example,127.0.0.1' }, '*:PORT'],
      ['http://127.0.0.1:PORT/', { open: true, deny: '*:PORT', allow: '127.0.0.1,*' }, '*:PORT'],
    ])('%s with %j', async (url, lists, rule) => {
      await expect(call(url, lists)).rejects.toMatchObject({
        code: 'DESTINATION_DENIED',
        message: expect.stringContaining(
          `the rule "${rule.replace('PORT', port)}" of MILLRACE_OUTBOUND_DENY`,
        ) as string,
      });
      expect(server.connections()).toBe(0);
    });

    it('without asking for the address of a name that is denied by it', async () => {
      await expect(call('http://erp.example/', { deny: 'erp.example' })).rejects.toThrow();
      await expect(call('http://erp.example/', { deny: '*', allow: 'other.example' })).rejects.toThrow();
      expect(resolved).toEqual([]);
    });

    it('also behind a redirect', async () => {
      const url = `http://127.0.0.1:PORT/?to=${encodeURIComponent('http://10.0.0.1/')}`;
      await expect(call(url, { open: true, deny: '10.0.0.0/8' })).rejects.toMatchObject({
        code: 'DESTINATION_DENIED',
      });
      expect(server.requests).toHaveLength(1);
    });
  });

  describe('keep the wall up around everything else', () => {
    it.each<[string, Lists]>([
      ['http://127.0.0.1:PORT/', { allow: '127.0.0.1:1' }],
      ['http://127.0.0.1:PORT/', { allow: '127.0.0.2' }],
      ['http://127.0.0.1:PORT/', { allow: 'localhost' }],
      ['http://127.0.0.1:PORT/', { allow: '*' }],
      ['http://127.0.0.1:PORT/', { deny: '*', allow: '*' }],
      ['http://localhost:PORT/', { allow: '127.0.0.1' }],
      ['http://metadata.google.internal/', { allow: '169.254.0.0/16' }],
      ['http://[2002:7f00:1::]:PORT/', { allow: '127.0.0.1' }],
      ['http://[64:ff9b::7f00:1]:PORT/', { allow: '64:ff9b::/96' }],
      ['http://erp.example:PORT/', { allow: '127.0.0.1', addresses: ['127.0.0.1', '10.0.0.1'] }],
    ])('%s with %j', async (url, lists) => {
      await expect(call(url, lists)).rejects.toMatchObject(NOT_ALLOWED);
      expect(server.connections()).toBe(0);
    });

    it('and tell what would open it', async () => {
      await expect(call('http://erp.example/', { addresses: ['10.0.0.1'] })).rejects.toThrow(
        'can name it, or the address that it resolves to, in MILLRACE_OUTBOUND_ALLOW',
      );
    });
  });
});
