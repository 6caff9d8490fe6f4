import { EntityManager } from '@mikro-orm/postgresql';
import { TestApp } from '../platform/testing/test-app.ts';
import { LogIn } from './log-in.ts';
import { LoginAttempts } from './login-attempts.ts';
import { NOBODYS_HASH } from './password-hash.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';

/** Does what it should, and remembers what was paid for. */
class CountedPasswords extends Passwords {
  readonly verified: string[] = [];

  override verify(password: string, phc: string): Promise<boolean> {
    this.verified.push(phc);
    return super.verify(password, phc);
  }
}

describe('the work of a login that is refused', () => {
  const email = 'ada@example.com';
  const password = 'wrong horse battery';
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
    await app.call('POST', '/v1/auth/register', { body: { email, password: 'correct horse battery' } });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const storedHash = async (change?: string): Promise<string> => {
    const em = app.nest.get(EntityManager).fork();
    if (change !== undefined) await em.execute('update users set password_hash = ?', [change]);
    const [user] = await em.execute<{ password_hash: string }[]>('select password_hash from users');
    return user?.password_hash ?? '';
  };
  const workFor = async (address: string): Promise<string[]> => {
    const passwords = new CountedPasswords();
    const sessions = app.nest.get(Sessions, { strict: false });
    const attempts = app.nest.get(LoginAttempts, { strict: false });
    const logIn = new LogIn(app.nest.get(EntityManager), passwords, sessions, attempts);
    const refused = logIn.execute({ email: address, password }, '192.0.2.1');
    await expect(refused).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    return passwords.verified;
  };

  it('is one hash of today’s cost for an address that nobody has, and for one that somebody has', async () => {
    expect(await workFor('nobody@example.com')).toEqual([NOBODYS_HASH]);
    expect(await workFor(email)).toEqual([await storedHash()]);
  });

  it('is no less for an account whose hash is of another cost', async () => {
    const cheap = await storedHash(
      '$argon2id$v=19$m=1024,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$azTLujkK55NJiAE0/I6dV5rdvW8MXmLElyGGkdLnuXA',
    );
    expect(await workFor(email)).toEqual([cheap, NOBODYS_HASH]);
  });
});
