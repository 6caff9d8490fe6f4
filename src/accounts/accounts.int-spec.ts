import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { EntityManager } from '@mikro-orm/postgresql';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import { jwtOptions } from './access-tokens.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const session = z.strictObject({
  user: z.strictObject({ id: z.string().regex(/^usr_/), email: z.string(), name: z.string().nullable() }),
  workspace: z.strictObject({ id: z.string().regex(/^ws_/), name: z.string() }),
  accessToken: z.string(),
  refreshToken: z.string().regex(/^[\w-]{43}$/),
  expiresInMs: z.literal(15 * MINUTE_MS),
});
const tokens = session.pick({ accessToken: true, refreshToken: true, expiresInMs: true });

describe('accounts', () => {
  let app: TestApp;
  let count = 0;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const password = 'correct horse battery';
  const newEmail = (): string => `person${++count}@example.com`;
  const register = async (email = newEmail()): Promise<z.output<typeof session>> =>
    session.parse((await app.call('POST', '/v1/auth/register', { body: { email, password } })).body);
  const refresh = (refreshToken: string): Promise<Answer> =>
    app.call('POST', '/v1/auth/refresh', { body: { refreshToken } });
  const me = (token: string): Promise<Answer> => app.call('GET', '/v1/me', { token });
  const problem = (status: number, code: string) => ({ status, body: { status, code } });

  describe('registering', () => {
    it('makes a user who owns a workspace and is logged in', async () => {
      const answer = await app.call('POST', '/v1/auth/register', {
        body: { email: '  Ada@Example.COM ', password, name: ' Ada ' },
      });
      expect(answer).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
      const { user, workspace, accessToken } = session.parse(answer.body);
      expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada' });
      expect(workspace.name).toBe("Ada's workspace");
      expect(await me(accessToken)).toMatchObject({ status: 200, body: { user, workspace, role: 'owner' } });
    });

    it('names the workspace by the address of who gives no name', async () => {
      const email = newEmail();
      const { user, workspace } = await register(email);
      expect(user.name).toBeNull();
      expect(workspace.name).toBe(`${email}'s workspace`);
    });

    it('refuses an address that is taken, in whatever case', async () => {
      const email = newEmail();
      await register(email);
      const again = { email: email.toUpperCase(), password };
      expect(await app.call('POST', '/v1/auth/register', { body: again })).toMatchObject(problem(409, 'EMAIL_TAKEN'));
    });

    it('lets one of several win who register at once', async () => {
      const body = { email: newEmail(), password };
      const answers = await Promise.all([1, 2, 3, 4].map(() => app.call('POST', '/v1/auth/register', { body })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409]);
    });

    it.each([
      ['email', { email: 'nobody', password }],
      ['email', { email: `${'a'.repeat(250)}@example.com`, password }],
      ['email', { email: { $ne: null }, password }],
      ['email', { password }],
      ['password', { email: 'x@example.com', password: 'elevenchars' }],
      ['password', { email: 'x@example.com', password: 'p'.repeat(201) }],
      ['password', { email: 'x@example.com', password: '🔑'.repeat(11) }],
      ['name', { email: 'x@example.com', password, name: 'nul\u0000' }],
      ['name', { email: 'x@example.com', password, name: ' ' }],
      ['role', { email: 'x@example.com', password, role: 'owner' }],
      ['', 'text'],
      ['', undefined],
    ])('refuses a wrong %s with its path: %j', async (path, body) => {
      const answer = await app.call('POST', '/v1/auth/register', { body });
      expect(answer).toMatchObject(problem(400, 'INVALID_REQUEST'));
      expect(answer.body).toMatchObject({ errors: [{ path }] });
    });

    it.each(['p'.repeat(12), 'p'.repeat(200), '🔑'.repeat(12)])(
      'takes passwords up to the bounds: %s',
      async (edge) => {
        const answer = await app.call('POST', '/v1/auth/register', { body: { email: newEmail(), password: edge } });
        expect(answer.status).toBe(201);
      },
    );
  });

  describe('logging in', () => {
    it('answers as registering does', async () => {
      const email = newEmail();
      const { user, workspace } = await register(email);
      const answer = await app.call('POST', '/v1/auth/login', { body: { email: ` ${email.toUpperCase()}`, password } });
      expect(answer).toMatchObject({ status: 200, body: { user, workspace } });
      expect(await me(session.parse(answer.body).accessToken)).toMatchObject({ status: 200 });
    });

    it('says the same of a wrong password, an unknown address and an impossible one', async () => {
      const email = newEmail();
      await register(email);
      const attempts = [
        { email, password: 'wrong horse battery' },
        { email: newEmail(), password },
        { email: 'nul\u0000@example.com', password },
        { email, password: 'short' },
      ];
      const answers = await Promise.all(attempts.map((body) => app.call('POST', '/v1/auth/login', { body })));
      for (const answer of answers) expect(answer).toMatchObject(problem(401, 'BAD_CREDENTIALS'));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    });
  });

  describe('what becomes of an account', () => {
    const sql = (statement: string, ...values: string[]): Promise<Record<string, unknown>[]> =>
      app.nest.get(EntityManager).fork().execute(statement, values);

    it('a hash of a lower cost is renewed at the next login', async () => {
      const email = newEmail();
      await register(email);
      const foreign =
        '$argon2id$v=19$m=1024,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$azTLujkK55NJiAE0/I6dV5rdvW8MXmLElyGGkdLnuXA';
      await sql('update users set password_hash = ? where email = ?', foreign, email);
      const body = { email, password: 'correct horse battery staple' };
      expect((await app.call('POST', '/v1/auth/login', { body })).status).toBe(200);
      const [user] = await sql('select password_hash from users where email = ?', email);
      expect(user?.['password_hash']).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await app.call('POST', '/v1/auth/login', { body })).status).toBe(200);
    });

    it('a login takes the user’s logins with it that ended by themselves', async () => {
      const email = newEmail();
      const { user } = await register(email);
      app.clock.now += 31 * DAY_MS;
      await app.call('POST', '/v1/auth/login', { body: { email, password } });
      expect(await sql('select id from refresh_families where user_id = ?', user.id)).toHaveLength(1);
    });

    it('who is no member any more is out, and told so at the next login', async () => {
      const email = newEmail();
      const { user, accessToken } = await register(email);
      await sql('delete from memberships where user_id = ?', user.id);
      expect(await me(accessToken)).toMatchObject(problem(401, 'TOKEN_INVALID'));
      const answer = await app.call('POST', '/v1/auth/login', { body: { email, password } });
      expect(answer).toMatchObject(problem(403, 'NO_WORKSPACE'));
    });
  });

  describe('refreshing', () => {
    it('gives a new pair, of which both work', async () => {
      const first = await register();
      const answer = await refresh(first.refreshToken);
      expect(answer.status).toBe(200);
      const second = tokens.parse(answer.body);
      expect(second.refreshToken).not.toBe(first.refreshToken);
      expect(await me(second.accessToken)).toMatchObject({ status: 200, body: { user: first.user } });
      expect((await refresh(second.refreshToken)).status).toBe(200);
    });

    it('ends the whole login when a token comes twice, and no other', async () => {
      const email = newEmail();
      const first = await register(email);
      const other = session.parse((await app.call('POST', '/v1/auth/login', { body: { email, password } })).body);
      const second = tokens.parse((await refresh(first.refreshToken)).body);
      expect(await refresh(first.refreshToken)).toMatchObject(problem(401, 'REFRESH_REUSED'));
      expect(await refresh(second.refreshToken)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
      expect((await refresh(other.refreshToken)).status).toBe(200);
      expect(app.log.join('')).toContain(first.user.id);
      expect(app.log.join('')).not.toContain(first.refreshToken);
    });

    it('lets one of several win who use a token at once, and then ends the login', async () => {
      const { refreshToken } = await register();
      const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401]);
      const winner = answers.find(({ status }) => status === 200);
      expect(await refresh(tokens.parse(winner?.body).refreshToken)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
    });

    it('ends thirty days after the last one', async () => {
      const { refreshToken } = await register();
      app.clock.now += 29 * DAY_MS;
      const { refreshToken: next } = tokens.parse((await refresh(refreshToken)).body);
      app.clock.now += 30 * DAY_MS;
      expect(await refresh(next)).toMatchObject(problem(401, 'REFRESH_EXPIRED'));
    });

    it('forgets the used tokens of a login that goes on when their own time is over, and not before', async () => {
      const { user, refreshToken: first } = await register();
      const count = async (): Promise<number> => {
        const rows = 'select 1 from refresh_tokens t join refresh_families f on f.id = t.family_id where f.user_id = ?';
        return (await app.nest.get(EntityManager).fork().execute(rows, [user.id])).length;
      };
      app.clock.now += 15 * DAY_MS;
      const second = tokens.parse((await refresh(first)).body).refreshToken;
      app.clock.now += 15 * DAY_MS - 1;
      const third = tokens.parse((await refresh(second)).body).refreshToken;
      expect(await count()).toBe(3);
      app.clock.now += 1;
      const fourth = tokens.parse((await refresh(third)).body).refreshToken;
      expect(await count()).toBe(3);
      expect(await refresh(first)).toMatchObject(problem(401, 'REFRESH_INVALID'));
      expect(await refresh(second)).toMatchObject(problem(401, 'REFRESH_REUSED'));
      expect(await refresh(fourth)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
    });

    it('refuses what it never gave out', async () => {
      expect(await refresh(randomBytes(32).toString('base64url'))).toMatchObject(problem(401, 'REFRESH_INVALID'));
    });
  });

  describe('logging out', () => {
    it('ends the login of the refresh token, also when nothing else is sent', async () => {
      const { refreshToken } = await register();
      expect(await app.call('POST', '/v1/auth/logout', { body: { refreshToken } })).toMatchObject({ status: 204 });
      expect(await refresh(refreshToken)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
      expect(await app.call('POST', '/v1/auth/logout', { body: { refreshToken } })).toMatchObject({ status: 204 });
    });

    it('ends the login of the access token when there is no body', async () => {
      const { accessToken: token, refreshToken } = await register();
      expect(await app.call('POST', '/v1/auth/logout', { token })).toMatchObject({ status: 204 });
      expect(await refresh(refreshToken)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
    });

    it('wants one of the two', async () => {
      expect(await app.call('POST', '/v1/auth/logout')).toMatchObject(problem(401, 'UNAUTHENTICATED'));
      expect(await app.call('POST', '/v1/auth/logout', { token: 'a.b.c' })).toMatchObject(
        problem(401, 'TOKEN_INVALID'),
      );
    });
  });

  describe('access tokens', () => {
    it('end after fifteen minutes', async () => {
      const { accessToken } = await register();
      app.clock.now += 15 * MINUTE_MS - 1000;
      expect((await me(accessToken)).status).toBe(200);
      app.clock.now += 1000;
      expect(await me(accessToken)).toMatchObject(problem(401, 'TOKEN_EXPIRED'));
    });

    it('are asked for', async () => {
      const answer = await app.call('GET', '/v1/me');
      expect(answer).toMatchObject(problem(401, 'UNAUTHENTICATED'));
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b'])
        expect(await app.call('GET', '/v1/me', { headers: { authorization } })).toMatchObject(
          problem(401, 'UNAUTHENTICATED'),
        );
    });

    describe('that somebody forged', () => {
      const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const forge = (header: object, claims: object, key: string | Uint8Array): string => {
        const content = `${part(header)}.${part(claims)}`;
        return `${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
      };
      let good: { header: object; claims: Record<string, unknown>; token: string };
      beforeAll(async () => {
        const { accessToken: token } = await register();
        const [header, claims] = token
          .split('.')
          .slice(0, 2)
          .map((text) =>
            z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(text, 'base64url').toString())),
          );
        good = { header: header!, claims: claims!, token };
      });
      /** With the key of this installation: wrong in what it says alone. */
      const signed = (claims: object, options: object = {}): string => {
        const { signOptions, ...rest } = jwtOptions(app.rootKeys);
        return new JwtService({ ...rest, signOptions: { ...signOptions, ...options } }).sign(claims);
      };
      const kid = (): string => app.rootKeys.current.id;
      const signingKey = (): Uint8Array => app.rootKeys.current.derive('access-tokens').export();
      const otherPurpose = (): Uint8Array => app.rootKeys.current.derive('credentials').export();
      const base = (): object => {
        const { sub, ws, sid, iat } = good.claims;
        return { sub, ws, sid, iat };
      };

      it('is told apart from one that is right', async () => {
        expect((await me(good.token)).status).toBe(200);
        expect((await me(signed(base()))).status).toBe(200);
        expect((await me(forge(good.header, good.claims, signingKey()))).status).toBe(200);
      });

      it.each<[string, () => string]>([
        ['not signed', () => `${part({ alg: 'none', typ: 'at+jwt', kid: kid() })}.${part(good.claims)}.`],
        ['another key', () => forge(good.header, good.claims, randomBytes(32))],
        ['an empty key', () => forge(good.header, good.claims, '')],
        ['the root key itself', () => forge(good.header, good.claims, app.secretKey)],
        ['a key derived for something else', () => forge(good.header, good.claims, otherPurpose())],
        ['a key that nobody knows', () => forge({ ...good.header, kid: 'AAAAAAAAAAA' }, good.claims, signingKey())],
        ['a key that is a path', () => forge({ ...good.header, kid: '../../dev/null' }, good.claims, '')],
        ['no key named', () => forge({ ...good.header, kid: undefined }, good.claims, signingKey())],
        [
          'claims of somebody else',
          () => good.token.replace(/\.[^.]+\./, `.${part({ ...good.claims, sub: 'usr_1' })}.`),
        ],
        ['another kind of token', () => signed(base(), { header: { alg: 'HS256', typ: 'JWT', kid: kid() } })],
        ['another audience', () => signed(base(), { audience: 'elsewhere' })],
        ['another issuer', () => signed(base(), { issuer: 'elsewhere' })],
        [
          'another algorithm',
          () => signed(base(), { algorithm: 'HS512', header: { alg: 'HS512', typ: 'at+jwt', kid: kid() } }),
        ],
        ['no subject', () => signed({ ...base(), sub: undefined })],
        ['a user who is not there', () => signed({ ...base(), sub: 'usr_nobody' })],
        ['a workspace that is not theirs', () => signed({ ...base(), ws: 'ws_other' })],
        [
          'a key of its own, in its header',
          () => {
            const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
            const jwk = publicKey.export({ format: 'jwk' });
            return new JwtService({ privateKey }).sign(good.claims, {
              algorithm: 'RS256',
              header: { ...good.header, alg: 'RS256', jwk } as never,
            });
          },
        ],
      ])('%s', async (_, token) => {
        expect(await me(token())).toMatchObject(problem(401, 'TOKEN_INVALID'));
      });
    });
  });
});
