import type { FastifyInstance } from 'fastify';
import { parseConfig } from '../../config/config.ts';
import { TestApp, type Answer } from '../testing/test-app.ts';

const ORIGIN = 'https://app.example.com';
const FOREIGN = 'https://evil.example.com';
const ALLOW_ORIGIN = 'access-control-allow-origin';

async function start(env: NodeJS.ProcessEnv): Promise<TestApp> {
  return TestApp.start({ config: parseConfig(env) }, (nest) => {
    const instance: FastifyInstance = nest.getHttpAdapter().getInstance();
    instance.post('/hooks/:token', async () => ({}));
  });
}

const preflight = (app: TestApp, path: string, origin: string): Promise<Answer> =>
  app.call('OPTIONS', path, {
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });

const corsHeadersOf = ({ headers }: Answer): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('pages of other origins', () => {
  describe('that are listed', () => {
    let app: TestApp;
    beforeAll(async () => {
      app = await start({ CORS_ORIGINS: `http://localhost:5173,${ORIGIN}` });
    });
    afterAll(async () => {
      await app[Symbol.asyncDispose]();
    });

    it('may read answers and refusals, and the headers that mean something', async () => {
      for (const [path, status] of [
        ['/health/live', 200],
        ['/v1/me', 401],
        ['/nowhere', 404],
      ] as const) {
        const answer = await app.call('GET', path, { headers: { origin: ORIGIN } });
        expect(answer).toMatchObject({ status, headers: { [ALLOW_ORIGIN]: ORIGIN, vary: 'Origin' } });
        expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
        for (const name of ['ETag', 'Location', 'Retry-After', 'RateLimit', 'Idempotency-Replayed'])
          expect(answer.headers['access-control-expose-headers']).toContain(name);
      }
    });

    it('may ask before, without a token, also for routes that need one', async () => {
      const answer = await preflight(app, '/v1/me', ORIGIN);
      expect(answer).toMatchObject({
        status: 204,
        body: '',
        headers: {
          [ALLOW_ORIGIN]: ORIGIN,
          'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
          'access-control-max-age': '7200',
        },
      });
      for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Prefer'])
        expect(answer.headers['access-control-allow-headers']).toContain(name);
    });

    it('are the only ones: a foreign page, and a call of no page, are told of nobody', async () => {
      for (const origin of [FOREIGN, 'null', undefined]) {
        const answer = await app.call('GET', '/health/live', { headers: origin === undefined ? {} : { origin } });
        expect(answer.status).toBe(200);
        expect(answer.headers).not.toHaveProperty(ALLOW_ORIGIN);
      }
      expect((await preflight(app, '/v1/me', FOREIGN)).headers).not.toHaveProperty(ALLOW_ORIGIN);
    });

    it('have no part in webhooks', async () => {
      const answer = await preflight(app, '/hooks/token', ORIGIN);
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
      expect(corsHeadersOf(answer)).toEqual([]);
      const called = await app.call('POST', '/hooks/token', { body: {}, headers: { origin: ORIGIN } });
      expect([called.status, corsHeadersOf(called)]).toEqual([200, []]);
    });

    it('change nothing for what is no preflight', async () => {
      expect(await app.call('OPTIONS', '/v1/me', { headers: { origin: ORIGIN } })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
        body: { code: 'METHOD_NOT_ALLOWED' },
      });
      expect(await app.call('OPTIONS', '/nowhere')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
      expect(await app.call('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    });
  });

  it('may all read when every origin is let in', async () => {
    await using app = await start({ CORS_ORIGINS: '*' });
    const answer = await app.call('GET', '/v1/me', { headers: { origin: FOREIGN } });
    expect(answer).toMatchObject({ status: 401, headers: { [ALLOW_ORIGIN]: '*' } });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect((await preflight(app, '/v1/me', FOREIGN)).status).toBe(204);
  });

  it('read nothing unless configured', async () => {
    await using app = await start({});
    expect(corsHeadersOf(await app.call('GET', '/v1/me', { headers: { origin: ORIGIN } }))).toEqual([]);
    expect(await preflight(app, '/v1/me', ORIGIN)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});
