import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_JSON_DEPTH, MillraceError } from '#libs/kernel';
import { Membership } from '../../accounts/accounts.entities.ts';
import { CurrentAccess, Public, RequirePermission } from '../access/access.decorators.ts';
import type { Access } from '../access/authenticator.ts';
import { MEMBER_ROLES } from '../access/permissions.ts';
import { TestApp } from '../testing/test-app.ts';

@Controller('test')
class TestController {
  @Post('echo')
  @Public()
  echo(@Body({ schema: z.unknown() }) body: unknown): { body: unknown } {
    return { body };
  }

  @Get('fault')
  @Public()
  fault(): never {
    throw new Error('password=hunter2');
  }

  @Get('refusal')
  @Public()
  refusal(): never {
    throw new MillraceError('tooManyRequests', 'SLOW_DOWN', 'later', { retryAfterMs: 2_500 });
  }

  @Post('start')
  @RequirePermission('executions:start')
  start(@CurrentAccess() access: Access): Access {
    return access;
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

describe('the edge', () => {
  let app: TestApp;
  let port: number;
  beforeAll(async () => {
    app = await TestApp.start({ features: [TestModule] }, (nest) => {
      const instance: FastifyInstance = nest.getHttpAdapter().getInstance();
      instance.post('/raw/:id', async () => {
        throw new MillraceError('notFound', 'HOOK_NOT_FOUND', 'no such hook');
      });
      instance.get('/raw/:id/fault', async () => {
        throw new Error('password=hunter2');
      });
    });
    await app.nest.listen(0, '127.0.0.1');
    port = Number(new URL(await app.nest.getUrl()).port);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const problem = (status: number, code: string) => ({
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: { status, code },
  });
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it.each(['{', '{"a":}', '', 'text', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"a":1}}}'])(
    'refuses a body that is no JSON, or hostile: %j',
    async (json) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await app.call('POST', '/v1/auth/login', { text: json, headers });
      expect(answer).toMatchObject(problem(400, json === '' ? 'INVALID_REQUEST' : 'MALFORMED_JSON'));
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    },
  );

  it('takes JSON to its depth and no deeper', async () => {
    expect((await app.call('POST', '/test/echo', { text: nested(MAX_JSON_DEPTH) })).status).toBe(201);
    for (const depth of [MAX_JSON_DEPTH + 1, 400_000])
      expect(await app.call('POST', '/test/echo', { text: nested(depth) })).toMatchObject(
        problem(400, 'JSON_TOO_DEEP'),
      );
  });

  it('takes 2 MiB and no more', async () => {
    const limit = 2 * 1024 * 1024;
    const body = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));
    expect((await app.call('POST', '/test/echo', { text: body(limit) })).status).toBe(201);
    expect(await app.call('POST', '/test/echo', { text: body(limit + 1) })).toMatchObject(
      problem(413, 'BODY_TOO_LARGE'),
    );
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'nonsense'])(
    'takes JSON alone, not %s',
    async (type) => {
      expect(await app.call('POST', '/test/echo', { text: '{}', headers: { 'content-type': type } })).toMatchObject(
        problem(415, 'UNSUPPORTED_MEDIA_TYPE'),
      );
    },
  );

  it.each(['/', '/nowhere', '/v1/me/', '//v1/me', '/V1/me', '/v1/me;x', '/test/../v1/nothing'])(
    'knows no route %s',
    async (path) => {
      expect(await app.call('GET', path)).toMatchObject(problem(404, 'ROUTE_NOT_FOUND'));
      expect(await app.call('POST', path, { text: '{' })).toMatchObject(problem(404, 'ROUTE_NOT_FOUND'));
    },
  );

  it('names the methods that a route knows', async () => {
    const answer = await app.call('PUT', '/v1/me?x=1', { text: '{' });
    expect(answer).toMatchObject(problem(405, 'METHOD_NOT_ALLOWED'));
    expect(answer.headers['allow']).toBe('GET, HEAD');
    expect((await app.call('GET', '/raw/1')).headers['allow']).toBe('POST');
  });

  it('refuses a path that is not validly encoded', async () => {
    expect(await app.call('GET', '/%zz')).toMatchObject({ status: 400, body: { code: 'MALFORMED_URL' } });
  });

  it('says nothing of its own faults but where to look, and logs them', async () => {
    for (const path of ['/test/fault', '/raw/1/fault']) {
      app.log.length = 0;
      const answer = await app.call('GET', path);
      expect(answer).toMatchObject(problem(500, 'INTERNAL'));
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
      const { instance } = z.object({ instance: z.string() }).parse(answer.body);
      expect(app.log).toHaveLength(1);
      expect(JSON.parse(app.log[0]!)).toMatchObject({
        level: 'error',
        requestId: instance.replace('urn:millrace:request:', ''),
        error: { type: 'Error', message: 'password=hunter2' },
      });
    }
  });

  it('answers the errors of routes of Fastify as those of Nest, and logs none that is the caller’s', async () => {
    app.log.length = 0;
    expect(await app.call('POST', '/raw/1', { body: {} })).toMatchObject(problem(404, 'HOOK_NOT_FOUND'));
    expect(await app.call('GET', '/test/refusal')).toMatchObject({
      ...problem(429, 'SLOW_DOWN'),
      headers: { 'retry-after': '3' },
    });
    expect(app.log).toEqual([]);
  });

  it('answers what is not even HTTP', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.end('GET / HTTP/9.9\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ code: 'MALFORMED_REQUEST' });
  });

  it('measures itself for Prometheus, routes by their pattern', async () => {
    await app.call('GET', '/raw/secret-token/fault');
    const answer = await app.call('GET', '/metrics');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
    expect(answer.body).toContain('process_resident_memory_bytes');
    expect(answer.body).toMatch(/millrace_http_request_duration_seconds_count\{.*route="\/raw\/:id\/fault".*\} \d/);
    expect(answer.body).not.toContain('secret-token');
  });

  describe('asks for permission', () => {
    const user = z.object({
      accessToken: z.string(),
      user: z.object({ id: z.string() }),
      workspace: z.object({ id: z.string() }),
    });

    it.each(MEMBER_ROLES)('of a member who is %s', async (role) => {
      const body = { email: `${role}@example.com`, password: 'correct horse battery' };
      const answer = user.parse((await app.call('POST', '/v1/auth/register', { body })).body);
      const [userId, workspaceId] = [answer.user.id, answer.workspace.id];
      const em = app.nest.get(EntityManager).fork();
      await em.execute('update memberships set role = ? where user_id = ?', [role, userId]);
      expect(await em.count(Membership, { role })).toBeGreaterThan(0);
      const started = await app.call('POST', '/test/start', { token: answer.accessToken });
      if (role === 'owner' || role === 'editor')
        expect(started).toMatchObject({
          status: 201,
          body: { actor: { type: 'user', id: userId }, workspaceId, role },
        });
      else expect(started).toMatchObject(problem(403, 'FORBIDDEN'));
    });

    it.each(['/test/start', '/test/%73tart', '/%74est/start'])('also at %s', async (path) => {
      expect(await app.call('POST', path)).toMatchObject(problem(401, 'UNAUTHENTICATED'));
    });

    it('also for HEAD', async () => {
      expect((await app.call('HEAD', '/v1/me')).status).toBe(401);
    });
  });

  it('does not start with a route that declares no permission', async () => {
    @Controller('open')
    class OpenController {
      @Get('door')
      door(): string {
        return 'come in';
      }
    }
    @Module({ controllers: [OpenController] })
    class OpenModule {}
    await expect(TestApp.start({ features: [OpenModule] })).rejects.toThrow('OpenController.door');
  });
});
