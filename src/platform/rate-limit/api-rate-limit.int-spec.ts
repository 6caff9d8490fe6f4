import { Controller, Get, Module, Res } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { parseConfig } from '../../config/config.ts';
import { Public } from '../access/access.decorators.ts';
import { TestApp, type Answer } from '../testing/test-app.ts';

@Controller('test')
class TestController {
  @Get('own')
  @Public()
  own(@Res({ passthrough: true }) reply: FastifyReply): unknown {
    reply.header('ratelimit', '"login";r=1;t=2');
    return {};
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

describe('the rate of a caller', () => {
  let app: TestApp;
  let people = 0;
  beforeEach(async () => {
    const config = parseConfig({ MILLRACE_API_RATE: '3/1h' });
    app = await TestApp.start({ features: [TestModule], config }, (nest) => {
      const instance: FastifyInstance = nest.getHttpAdapter().getInstance();
      instance.get('/hooks/:token', async () => ({}));
    });
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
  });

  /** From an address of its own, so that registering counts for nobody else. */
  async function register(): Promise<string> {
    const payload = { email: `person${++people}@example.com`, password: 'correct horse battery' };
    const remoteAddress = `10.0.0.${people}`;
    const answer = await app.nest.inject({ method: 'POST', url: '/v1/auth/register', remoteAddress, payload });
    return answer.json<{ accessToken: string }>().accessToken;
  }
  const from = async (remoteAddress: string, url = '/v1/me', headers = {}): Promise<number> =>
    (await app.nest.inject({ method: 'GET', url, remoteAddress, headers })).statusCode;
  const me = (token: string): Promise<Answer> => app.call('GET', '/v1/me', { token });
  const statuses = async (call: () => Promise<number>, count = 4): Promise<number[]> => {
    const seen: number[] = [];
    for (let n = 0; n < count; n++) seen.push(await call());
    return seen;
  };

  it('is told with each answer, and when to come back', async () => {
    const token = await register();
    const answers = [await me(token), await me(token), await me(token), await me(token)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit'])).toEqual(
      [2, 1, 0, 0].map((left) => expect.stringMatching(new RegExp(`^"default";r=${left};t=(3600|359\\d)$`)) as unknown),
    );
    expect(answers[3]).toMatchObject({
      headers: {
        'ratelimit-policy': '"default";q=3;w=3600',
        'retry-after': expect.stringMatching(/^3(600|59\d)$/) as unknown,
      },
      body: { code: 'TOO_MANY_REQUESTS', status: 429 },
    });
  });

  it('is of the user, whatever the address, and of each user alone', async () => {
    const [one, other] = [await register(), await register()];
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
    const seen: number[] = [];
    for (const address of addresses) seen.push(await from(address, '/v1/me', bearer(one)));
    expect(seen).toEqual([200, 200, 200, 429]);
    expect(await from('192.0.2.1', '/v1/me', bearer(other))).toBe(200);
  });

  it('is of the network for whoever proves nothing', async () => {
    expect(await statuses(() => from('192.0.2.1'))).toEqual([401, 401, 401, 429]);
    expect(await statuses(() => from('192.0.2.2', '/nowhere'))).toEqual([404, 404, 404, 429]);
    expect(await from('192.0.2.3')).toBe(401);
    let last = 0;
    expect(await statuses(() => from(`2001:db8::${++last}`))).toEqual([401, 401, 401, 429]);
    expect(await from('2001:db8:0:1::1')).toBe(401);
  });

  it('is not escaped by tokens that open nothing', async () => {
    let count = 0;
    const headers = () => ({ authorization: `Bearer false${++count}` });
    expect(await statuses(() => from('192.0.2.1', '/v1/me', headers()))).toEqual([401, 401, 401, 429]);
    expect(await statuses(() => from('192.0.2.2', '/test/own', headers()))).toEqual([200, 200, 200, 429]);
    expect(await statuses(() => from('192.0.2.3', '/nowhere', headers()))).toEqual([404, 404, 404, 429]);
  });

  it('spares a read for API keys once it is used up, and is nothing to whoever is known without one', async () => {
    const token = await register();
    const created = await app.call('POST', '/v1/api-keys', { token, body: { name: 'ci', role: 'viewer' } });
    const { key } = z.object({ key: z.string() }).parse(created.body);
    const bearer = (it: string) => ({ authorization: `Bearer ${it}` });
    let count = 0;
    const falseKey = (): Promise<number> => from('192.0.2.1', '/v1/me', bearer(`mrk_false${++count}`));
    expect(await statuses(falseKey)).toEqual([401, 401, 401, 429]);
    // Had it been read, it would have opened.
    const refused = await app.call('GET', '/v1/api-keys', { token: key, ip: '192.0.2.1' });
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) as unknown } });
    expect(await from('192.0.2.1', '/v1/me', bearer(token))).toBe(200);
    expect(await from('192.0.2.2', '/v1/api-keys', bearer(key))).toBe(403);
    expect(await from('192.0.2.1', '/v1/api-keys', bearer(key))).toBe(403);
  });

  it('is nothing to webhooks and to what watches the process', async () => {
    for (const url of ['/hooks/token', '/health/live', '/metrics']) {
      expect(await statuses(() => from('192.0.2.1', url), 8)).toEqual(Array.from({ length: 8 }, () => 200));
      const headers = { authorization: 'Bearer false' };
      expect(await statuses(() => from('192.0.2.1', url, headers), 8)).toEqual(Array.from({ length: 8 }, () => 200));
    }
    expect((await app.call('GET', '/health/live')).headers).not.toHaveProperty('ratelimit');
  });

  it('is told by a route itself when it has one of its own', async () => {
    expect((await app.call('GET', '/test/own')).headers['ratelimit']).toBe('"login";r=1;t=2');
  });
});

it('nobody is counted when the rate is off', async () => {
  await using app = await TestApp.start({ config: parseConfig({ MILLRACE_API_RATE: 'off' }) });
  const answer = await app.call('GET', '/v1/me');
  expect(answer.status).toBe(401);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
});
