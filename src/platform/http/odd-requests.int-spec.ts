import { gzipSync } from 'node:zlib';
import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { CompiledQuery } from 'kysely';
import { z } from 'zod';
import type { WorkflowId } from '#libs/kernel';
import { Public, RequirePermission } from '../access/access.decorators.ts';
import { TestApp } from '../testing/test-app.ts';
import { IdParam } from './id-param.ts';

const listQuery = z.strictObject({ q: z.string().optional(), limit: z.coerce.number().int().max(200).optional() });

@Controller('test')
class TestController {
  constructor(private readonly em: EntityManager) {}

  @Get('list')
  @Public()
  list(@Query({ schema: listQuery }) query: z.output<typeof listQuery>): unknown {
    return { query };
  }

  @Get('search')
  @Public()
  search(@Query('q') q: string): Promise<unknown> {
    return this.em.getKysely().executeQuery(CompiledQuery.raw('select $1::text', [q]));
  }

  @Post('echo')
  @Public()
  echo(@Body({ schema: z.unknown() }) body: unknown): unknown {
    return { body };
  }

  @Get('things/:id')
  @Public()
  thing(@IdParam('workflow') id: WorkflowId): unknown {
    return { id };
  }

  @Get('secret')
  @RequirePermission('account:read')
  secret(): unknown {
    return {};
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

describe('odd requests', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ features: [TestModule] });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });
  const problem = (status: number, code: string) => ({
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: { status, code },
  });

  it.each(['limit=1&limit=2', 'q=a&q=b', '__proto__[admin]=1', 'toString=1', 'limit=NaN', 'limit=%00', 'q[]=1'])(
    'have queries that are no surprise: %s',
    async (query) => {
      expect(await app.call('GET', `/test/list?${query}`)).toMatchObject(problem(400, 'INVALID_REQUEST'));
      expect(({} as { admin?: unknown }).admin).toBeUndefined();
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('are not heard when they name %s', async (name) => {
    expect(await app.call('GET', `/test/list?${name}=1`)).toMatchObject({ status: 200, body: { query: {} } });
    expect(await app.call('GET', `/test/list?${name}.admin=1`)).toMatchObject(problem(400, 'INVALID_REQUEST'));
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it.each(['?', '?&', '?&&=', '?%', '?q=%', '?q=%ff'])('may have the query %s', async (query) => {
    const { status } = await app.call('GET', `/test/list${query}`);
    expect([200, 400]).toContain(status);
  });

  it('may search for what Postgres cannot hold', async () => {
    expect((await app.call('GET', '/test/search?q=a')).status).toBe(200);
    expect(await app.call('GET', '/test/search?q=%00')).toMatchObject(problem(400, 'INVALID_REQUEST'));
  });

  it.each([
    'x',
    'wf_',
    'wf_%00',
    'wf_a%2Fb',
    'ex_1',
    `wf_${'a'.repeat(65)}`,
    '__proto__',
    '..',
    '%2e%2e',
    'wf_ä',
    '%F0%9F%92%A9',
  ])('name nothing with the id %s', async (id) => {
    const { status, body } = await app.call('GET', `/test/things/${id}`);
    expect(status).toBe(404);
    expect((body as { code: string }).code).toMatch(/^(WORKFLOW|ROUTE)_NOT_FOUND$/);
  });

  it('name nothing with an id longer than a path may have parts', async () => {
    expect(await app.call('GET', `/test/things/wf_${'a'.repeat(300)}`)).toMatchObject(problem(404, 'ROUTE_NOT_FOUND'));
  });

  it.each(['gzip', 'br', 'GZIP', 'identity, gzip', 'nonsense'])('may not be encoded with %s', async (encoding) => {
    const answer = await app.nest.inject({
      method: 'POST',
      url: '/test/echo',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      payload: gzipSync('{}'),
    });
    expect({ status: answer.statusCode, body: answer.json<unknown>() }).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  });

  it('may say that they are not encoded', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'identity' };
    expect((await app.call('POST', '/test/echo', { text: '{}', headers })).status).toBe(201);
  });

  it.each(['text/html', 'application/xml;q=1, application/json;q=0', 'nonsense'])(
    'get JSON, which is all there is, although they accept %s alone',
    async (accept) => {
      const answer = await app.call('GET', '/test/list', { headers: { accept } });
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
    },
  );

  it('get the head alone for HEAD', async () => {
    expect(await app.call('HEAD', '/test/list')).toMatchObject({ status: 200, body: '' });
    expect((await app.call('HEAD', '/nowhere')).status).toBe(404);
    expect((await app.call('HEAD', '/test/echo')).status).toBe(405);
  });

  it('are told the methods of a route for OPTIONS, which is none of them', async () => {
    expect(await app.call('OPTIONS', '/test/list')).toMatchObject({
      ...problem(405, 'METHOD_NOT_ALLOWED'),
      headers: { allow: 'GET, HEAD' },
    });
    expect(await app.call('OPTIONS', '/nowhere')).toMatchObject(problem(404, 'ROUTE_NOT_FOUND'));
    expect((await app.call('OPTIONS', '*')).status).toBe(404);
  });

  it('get answers that nobody keeps where a token is asked for, also when it is refused', async () => {
    const noStore = { headers: { 'cache-control': 'no-store' } };
    expect(await app.call('GET', '/test/secret')).toMatchObject({ status: 401, ...noStore });
    const body = { email: 'odd@example.com', password: 'correct horse battery' };
    const { accessToken } = (await app.call('POST', '/v1/auth/register', { body })).body as { accessToken: string };
    expect(await app.call('GET', '/test/secret', { token: accessToken })).toMatchObject({ status: 200, ...noStore });
    expect((await app.call('GET', '/test/list')).headers).not.toHaveProperty('cache-control');
  });
});
