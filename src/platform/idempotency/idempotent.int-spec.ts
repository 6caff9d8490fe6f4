import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, HttpCode, Module, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { MillraceError } from '#libs/kernel';
import { Public, RequirePermission } from '../access/access.decorators.ts';
import { TestApp, type Answer, type Call } from '../testing/test-app.ts';
import { CreationIds } from './creation-ids.ts';
import { ExpiredKeys } from './expired-keys.ts';
import { IdempotencyKeys, KEPT_MS, LEASE_MS } from './idempotency-keys.ts';
import { Idempotent } from './idempotent.ts';
import { MAX_KEPT_BYTES } from './kept-answer.ts';

const thingBody = z.strictObject({ name: z.string(), size: z.int().min(0).default(0) });

/** Stands for a log that refuses a second append to the same id, and for what can happen around it. */
class Things {
  readonly made = new Map<string, string>();
  runs = 0;
  /** What the next run does after it has made its thing. */
  then: () => Promise<unknown> = async () => undefined;
}
const things = new Things();

@Controller('test')
class TestController {
  @Post('things/:place')
  @RequirePermission('workflows:write')
  @Idempotent()
  async make(
    @CreationIds() ids: CreationIds,
    @Param('place') place: string,
    @Body({ schema: thingBody }) { name, size }: z.output<typeof thingBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    things.runs++;
    const id = ids.newId('workflow');
    if (name === 'refused') throw new MillraceError('refused', 'NO_SUCH_NAME', 'take another');
    things.made.set(id, name);
    reply.header('location', `/test/things/${id}`).header('etag', '"1"').header('x-other', '1');
    const { then } = things;
    things.then = async () => undefined;
    await then();
    const { prefer } = reply.request.headers;
    if (typeof prefer === 'string') reply.status(200).header('preference-applied', prefer);
    return { id, place, name, ...(size > 0 ? { text: 'x'.repeat(size) } : {}) };
  }

  @Post('nothing')
  @Public()
  @Idempotent()
  @HttpCode(204)
  nothing(): void {
    things.runs++;
  }

  @Post('plain')
  @Public()
  plain(): unknown {
    return { run: ++things.runs };
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

describe('a creation with an Idempotency-Key', () => {
  let app: TestApp;
  let token: string;
  let keys = 0;

  const register = async (): Promise<string> => {
    const body = { email: `person${++keys}@example.com`, password: 'correct horse battery' };
    const answer = await app.call('POST', '/v1/auth/register', { body });
    return z.object({ accessToken: z.string() }).parse(answer.body).accessToken;
  };
  const newKey = (): string => `key-${++keys}`;
  const make = (key: string, { path = 'things/a', ...call }: Call & { path?: string } = {}): Promise<Answer> =>
    app.call('POST', `/test/${path}`, {
      token,
      body: { name: 'thing' },
      ...call,
      headers: { 'idempotency-key': key, ...call.headers },
    });
  const problem = (status: number, code: string) => ({ status, body: { status, code } });
  const fault = async (): Promise<never> => {
    throw new Error('the wire broke');
  };

  beforeAll(async () => {
    app = await TestApp.start({ features: [TestModule] });
    token = await register();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    things.made.clear();
    things.runs = 0;
  });

  it('happens once, and its answer is given again: status, body and headers', async () => {
    const key = newKey();
    const first = await make(key);
    const again = await make(`"${key}"`);
    expect(first).toMatchObject({ status: 201, body: { name: 'thing' }, headers: { etag: '"1"' } });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again).toMatchObject({
      status: 201,
      body: first.body,
      headers: {
        etag: '"1"',
        location: first.headers['location'],
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'idempotency-replayed': 'true',
      },
    });
    expect(again.headers).not.toHaveProperty('x-other');
    expect(things).toMatchObject({ runs: 1, made: { size: 1 } });
  });

  it('is given again also when it was waited for, whatever the headers are the next time', async () => {
    const key = newKey();
    const first = await make(key, { headers: { prefer: 'wait=5' } });
    expect(first).toMatchObject({ status: 200, headers: { 'preference-applied': 'wait=5' } });
    expect(await make(key)).toMatchObject({
      status: 200,
      body: first.body,
      headers: { 'preference-applied': 'wait=5' },
    });
  });

  it('is given again without a body when it had none', async () => {
    const key = newKey();
    for (const replayed of [undefined, 'true']) {
      const answer = await make(key, { path: 'nothing', body: {} });
      expect(answer).toMatchObject({ status: 204, body: '' });
      expect(answer.headers['idempotency-replayed']).toBe(replayed);
    }
    expect(things.runs).toBe(1);
  });

  it('is refused when the key was of another body or query, and the first answer stays', async () => {
    const key = newKey();
    const first = await make(key);
    for (const other of [{ body: { name: 'other' } }, { path: 'things/a?x=1' }, { body: undefined }])
      expect(await make(key, other)).toMatchObject(problem(422, 'IDEMPOTENCY_KEY_REUSED'));
    expect((await make(key, { text: ' { "name" : "thing" } ' })).body).toEqual(first.body);
    expect(things.runs).toBe(1);
  });

  it('is another for another caller, route or parameter, and without a key each time', async () => {
    const key = newKey();
    const stranger = await register();
    await make(key);
    await make(key, { token: stranger });
    await make(key, { path: 'things/b' });
    await make(key, { path: 'nothing', body: {} });
    expect(things.runs).toBe(4);
    for (const run of [5, 6]) {
      await app.call('POST', '/test/things/a', { token, body: { name: 'thing' } });
      expect(things).toMatchObject({ runs: run, made: { size: run - 1 } });
    }
  });

  it('of nobody known is told apart by the network', async () => {
    const key = newKey();
    const from = async (remoteAddress: string): Promise<number> => {
      const headers = { 'idempotency-key': key };
      await app.nest.inject({ method: 'POST', url: '/test/nothing', remoteAddress, headers });
      return things.runs;
    };
    expect(await from('192.0.2.1')).toBe(1);
    expect(await from('192.0.2.1')).toBe(1);
    expect(await from('192.0.2.2')).toBe(2);
    expect(await from('2001:db8::1')).toBe(3);
    expect(await from('2001:db8::2')).toBe(3);
  });

  it('needs a key that is one', async () => {
    for (const key of ['', 'a b', '"', 'x'.repeat(256)])
      expect(await make(key)).toMatchObject(problem(400, 'INVALID_IDEMPOTENCY_KEY'));
    expect(things.runs).toBe(0);
  });

  it('is nothing to routes that do not create', async () => {
    const key = newKey();
    await make(key, { path: 'plain', body: {} });
    expect(await make(key, { path: 'plain', body: {} })).toMatchObject({ status: 201, body: { run: 2 } });
  });

  it('happens once although several ask at once; the others hear that it is under way', async () => {
    const key = newKey();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => make(key)));
    const codes = answers.map(({ status }) => status);
    expect(codes.filter((status) => status === 201).length).toBeGreaterThan(0);
    expect(things.runs).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(answer).toMatchObject({ ...problem(409, 'IDEMPOTENCY_KEY_IN_USE'), headers: { 'retry-after': '1' } });
    expect((await make(key)).status).toBe(201);
  });

  it('leaves the key to whoever mends what was refused', async () => {
    const key = newKey();
    expect(await make(key, { body: { nam: 'thing' } })).toMatchObject(problem(400, 'INVALID_REQUEST'));
    expect(await make(key, { body: { name: 'refused' } })).toMatchObject(problem(422, 'NO_SUCH_NAME'));
    expect(await make(key, { token: 'none' })).toMatchObject({ status: 401 });
    expect(await make(key)).toMatchObject({ status: 201, body: { name: 'thing' } });
  });

  it('may be asked for again after a fault, and makes the same thing', async () => {
    const key = newKey();
    things.then = fault;
    const failed = await make(key);
    expect(failed).toMatchObject(problem(500, 'INTERNAL'));
    expect(failed.headers).not.toHaveProperty('location');
    things.then = async () => {
      throw new MillraceError('unavailable', 'LOG_UNAVAILABLE', 'later');
    };
    expect(await make(key)).toMatchObject(problem(503, 'LOG_UNAVAILABLE'));
    expect(await make(key, { body: { name: 'other' } })).toMatchObject(problem(422, 'IDEMPOTENCY_KEY_REUSED'));
    expect(await make(key)).toMatchObject({ status: 201, body: { id: [...things.made.keys()][0] } });
    expect(things).toMatchObject({ runs: 3, made: { size: 1 } });
  });

  it('keeps the key of a request that may have been carried out, although a later run is refused', async () => {
    const key = newKey();
    things.then = fault;
    await make(key);
    things.then = async () => {
      throw new MillraceError('conflict', 'ALREADY', 'there');
    };
    expect(await make(key)).toMatchObject(problem(409, 'ALREADY'));
    expect(await make(key, { body: { name: 'other' } })).toMatchObject(problem(422, 'IDEMPOTENCY_KEY_REUSED'));
    expect((await make(key)).status).toBe(201);
    expect(things.made.size).toBe(1);
  });

  it('makes the same thing when the process that made it died before it could say so', async () => {
    const key = newKey();
    const [made, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    things.then = () => {
      made.resolve();
      return dead.promise;
    };
    const lost = make(key);
    await made.promise;
    app.clock.now += LEASE_MS - 1;
    expect(await make(key)).toMatchObject(problem(409, 'IDEMPOTENCY_KEY_IN_USE'));
    app.clock.now += 1;
    const again = await make(key);
    expect(again).toMatchObject({ status: 201, body: { id: [...things.made.keys()][0] } });
    expect(things).toMatchObject({ runs: 2, made: { size: 1 } });
    // It was only slow: its answer comes too late to be kept, and is the same.
    app.log.length = 0;
    dead.resolve();
    expect((await lost).body).toEqual(again.body);
    expect(app.log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'a request outlived the lease of its Idempotency-Key',
    ]);
    expect((await make(key)).body).toEqual(again.body);
  });

  it('is given again for a day, and is another one after it', async () => {
    const key = newKey();
    const again = (): Promise<Answer> => make(key, { path: 'nothing', body: {} });
    await again();
    app.clock.now += KEPT_MS - 1;
    expect((await again()).headers['idempotency-replayed']).toBe('true');
    app.clock.now += 1;
    expect((await again()).headers['idempotency-replayed']).toBeUndefined();
    expect(things.runs).toBe(2);
    token = await register();
  });

  it('is removed from the table after a day', async () => {
    const count = async (): Promise<number> =>
      (await app.nest.get(EntityManager).fork().execute('select id from idempotency_keys')).length;
    await make(newKey(), { path: 'nothing', body: {} });
    app.clock.now += KEPT_MS - 1;
    await make(newKey(), { path: 'nothing', body: {} });
    app.clock.now += 1;
    const keys = app.nest.get(IdempotencyKeys, { strict: false });
    const before = await count();
    expect(await keys.removeExpired(1)).toBe(1);
    expect(await count()).toBe(before - 1);
    await app.nest.get(ExpiredKeys, { strict: false }).sweep();
    expect(await count()).toBe(1);
    token = await register();
  });

  it('cannot be given again without the root key of its time, nor is it carried out again', async () => {
    const key = newKey();
    await make(key);
    await app.nest
      .get(EntityManager)
      .fork()
      .execute(`update idempotency_keys set key_id = 'gone' where answer is not null`);
    expect(await make(key)).toMatchObject(problem(409, 'IDEMPOTENCY_ANSWER_NOT_KEPT'));
    expect(things.runs).toBe(1);
  });

  it('answers in full up to the bound, and tells where to look when the answer was larger', async () => {
    const around = async (size: number): Promise<Answer[]> => {
      const key = newKey();
      const body = { name: 'thing', size };
      return [await make(key, { body }), await make(key, { body })];
    };
    const [small] = await around(1);
    const overhead = JSON.stringify(small!.body).length - 1;
    const [whole, wholeAgain] = await around(MAX_KEPT_BYTES - overhead);
    expect(wholeAgain!.body).toEqual(whole!.body);
    const [large, refused] = await around(MAX_KEPT_BYTES - overhead + 1);
    expect(large!.status).toBe(201);
    expect(refused).toMatchObject(problem(409, 'IDEMPOTENCY_ANSWER_NOT_KEPT'));
    expect((refused!.body as { detail: string }).detail).toContain(String(large!.headers['location']));
    expect(things.runs).toBe(3);
  });

  it('stores nothing that can be read: no key, no body, no answer', async () => {
    await make('a-secret-key', { body: { name: 'a-secret-name' } });
    const rows = await app.nest.get(EntityManager).fork().execute('select * from idempotency_keys');
    const text = JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/a-secret|location|127\.0\.0\.1|usr_|ws_/);
  });
});
