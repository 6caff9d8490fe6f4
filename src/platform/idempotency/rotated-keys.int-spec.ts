import { randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { createRootKeys } from '../root-keys.ts';
import { TestApp, type Answer } from '../testing/test-app.ts';

describe('an Idempotency-Key that was used before the root key was rotated', () => {
  const body = { email: 'ada@example.com', password: 'correct horse battery' };
  const newKey = randomBytes(32);
  let app: TestApp;
  let rotated: TestApp;
  let forgetful: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
    const { databaseUrl, secretKey } = app;
    rotated = await TestApp.start({ databaseUrl, rootKeys: createRootKeys([newKey, secretKey]) });
    forgetful = await TestApp.start({ databaseUrl, rootKeys: createRootKeys([newKey]) });
  });
  afterAll(async () => {
    for (const one of [forgetful, rotated, app]) await one[Symbol.asyncDispose]();
  });

  const register = (at: TestApp, changes = {}): Promise<Answer> =>
    at.call('POST', '/v1/auth/register', { body: { ...body, ...changes }, headers: { 'idempotency-key': 'one' } });
  const problem = (status: number, code: string) => ({ status, body: { code } });

  it('has its answer, and is of its request alone', async () => {
    const first = await register(app);
    expect(first.status).toBe(201);
    expect(await register(rotated)).toMatchObject({ body: first.body, headers: { 'idempotency-replayed': 'true' } });
    const other = { password: 'another one altogether' };
    expect(await register(rotated, other)).toMatchObject(problem(422, 'IDEMPOTENCY_KEY_REUSED'));
  });

  it('has no answer without the old one, and nothing is carried out again', async () => {
    expect(await register(forgetful)).toMatchObject(problem(409, 'IDEMPOTENCY_ANSWER_NOT_KEPT'));
  });

  it('is taken over when its run never answered, by who can tell that it is the same request', async () => {
    const sql = 'update idempotency_keys set key_id = null, answer = null, leased_until = created_at';
    await app.nest.get(EntityManager).fork().execute(sql);
    expect(await register(forgetful)).toMatchObject(problem(422, 'IDEMPOTENCY_KEY_REUSED'));
    // Which is to say that it was carried out again.
    expect(await register(rotated)).toMatchObject(problem(409, 'EMAIL_TAKEN'));
  });
});
