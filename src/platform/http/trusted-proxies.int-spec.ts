import type { FastifyInstance } from 'fastify';
import { parseConfig } from '../../config/config.ts';
import { TestApp } from '../testing/test-app.ts';

describe('the address of a caller', () => {
  async function start(trusted: string): Promise<TestApp> {
    return TestApp.start({ config: parseConfig({ TRUSTED_PROXIES: trusted }) }, (nest) => {
      const instance: FastifyInstance = nest.getHttpAdapter().getInstance();
      instance.get('/ip', async ({ ip }) => ({ ip }));
    });
  }
  async function ipOf(app: TestApp, remoteAddress: string, forwarded?: string): Promise<string> {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const answer = await app.nest.inject({ method: 'GET', url: '/ip', remoteAddress, headers });
    return answer.json<{ ip: string }>().ip;
  }

  it('is that of its connection, whatever it forwards, unless proxies are trusted', async () => {
    await using app = await start('');
    expect(await ipOf(app, '203.0.113.7')).toBe('203.0.113.7');
    expect(await ipOf(app, '127.0.0.1', '198.51.100.1')).toBe('127.0.0.1');
  });

  it('is the one before the trusted proxies, and no other that it claims', async () => {
    await using app = await start('10.0.0.0/8,fd00::/8,192.0.2.1');
    expect(await ipOf(app, '10.1.2.3', '198.51.100.1')).toBe('198.51.100.1');
    expect(await ipOf(app, '::ffff:10.1.2.3', '198.51.100.1')).toBe('198.51.100.1');
    expect(await ipOf(app, 'fd00::1', '2001:db8::1')).toBe('2001:db8::1');
    expect(await ipOf(app, '10.1.2.3', '198.51.100.1, 192.0.2.1')).toBe('198.51.100.1');
    // The proxy adds whom it saw on the right; what stands left of that is the caller's word.
    expect(await ipOf(app, '10.1.2.3', '1.1.1.1, 198.51.100.1')).toBe('198.51.100.1');
    expect(await ipOf(app, '10.1.2.3')).toBe('10.1.2.3');
    expect(await ipOf(app, '198.51.100.1', '1.1.1.1')).toBe('198.51.100.1');
    expect(await ipOf(app, '192.0.2.2', '1.1.1.1')).toBe('192.0.2.2');
  });
});
