import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import { PASSWORD, People, problem } from './testing/people.ts';

const MINUTE_MS = 60_000;
const WRONG = 'wrong horse battery';

describe('logins that fail', () => {
  let app: TestApp;
  let people: People;
  beforeAll(async () => {
    app = await TestApp.start();
    people = new People(app);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });
  // No test sees the failures of another.
  beforeEach(() => {
    app.clock.now += 60 * MINUTE_MS;
  });

  const fail = (email: string, ip?: string): Promise<Answer> => people.logIn({ email, password: WRONG }, ip);
  const failTimes = async (count: number, email: string, ip?: string): Promise<void> => {
    for (let n = 0; n < count; n++) expect(await fail(email, ip)).toMatchObject(problem(401, 'BAD_CREDENTIALS'));
  };
  /** Of the networks that have failed once lately: without the work of as many hashes. */
  const moreFailures = (count: number): Promise<unknown> =>
    people.sql(
      `update login_failures set failures = failures + ? where key like 'network:%' and failures = 1 and ends_at > ?`,
      count,
      new Date(app.clock.now),
    );
  const succeed = (email: string, ip?: string): Promise<Answer> => people.logIn({ email }, ip);
  const refused = problem(429, 'TOO_MANY_ATTEMPTS');

  it('lock the address at the eleventh within fifteen minutes, for the right password too', async () => {
    const { user } = await people.register();
    await failTimes(10, user.email);
    app.clock.now += 5 * MINUTE_MS + 1;
    const answer = await succeed(user.email);
    expect(answer).toMatchObject({
      ...refused,
      headers: {
        'retry-after': '600',
        'ratelimit-policy': '"login";q=10;w=900',
        ratelimit: '"login";r=0;t=600',
        'cache-control': 'no-store',
      },
    });
    expect(await succeed(` ${user.email.toUpperCase()}`)).toMatchObject(refused);
    app.clock.now += 10 * MINUTE_MS - 2;
    expect(await succeed(user.email)).toMatchObject(refused);
    app.clock.now += 1;
    expect((await succeed(user.email)).status).toBe(200);
  });

  it('lock no other address', async () => {
    const { user } = await people.register();
    await failTimes(10, people.newEmail());
    expect((await succeed(user.email)).status).toBe(200);
  });

  it('lock an address that nobody has, or that could be none, just the same', async () => {
    const { user } = await people.register();
    const locked: Answer[] = [];
    for (const email of [user.email, people.newEmail(), 'nul\u0000', 'half \ud800', 'x'.repeat(1000)]) {
      await failTimes(10, email);
      locked.push(await fail(email));
    }
    expect(locked.map(({ status }) => status)).toEqual([429, 429, 429, 429, 429]);
    const told = locked.map(({ body, headers }) =>
      JSON.stringify([body, headers['retry-after'], headers['ratelimit'], headers['ratelimit-policy']]),
    );
    expect(new Set(told).size).toBe(1);
  });

  it('start from nothing after one that succeeds', async () => {
    const { user } = await people.register();
    await failTimes(9, user.email);
    expect((await succeed(user.email)).status).toBe(200);
    await failTimes(10, user.email);
    expect(await succeed(user.email)).toMatchObject(refused);
  });

  it('are counted in every process', async () => {
    const { user } = await people.register();
    await failTimes(10, user.email);
    await using another = await TestApp.start({ databaseUrl: app.databaseUrl });
    another.clock.now = app.clock.now;
    expect(await new People(another).logIn({ email: user.email })).toMatchObject(refused);
  });

  it('are counted one by one when they come at once, and the right guess among too many opens nothing', async () => {
    const { user } = await people.register();
    const guesses = Array.from({ length: 30 }, () => fail(user.email));
    const answers = await Promise.all([...guesses, people.logIn({ email: user.email, password: PASSWORD })]);
    const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect([count(401), count(429), count(200)]).toEqual([10, 21, 0]);
  });

  it('lock nobody who only succeeds, however many at once', async () => {
    const { user } = await people.register();
    const answers = await Promise.all(Array.from({ length: 20 }, () => succeed(user.email)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('lock the network at the hundred-and-first, whatever the addresses', async () => {
    const { user } = await people.register();
    const ip = '198.51.100.7';
    await failTimes(1, people.newEmail(), ip);
    await moreFailures(98);
    // An own account buys no further guesses at others.
    expect((await succeed(user.email, ip)).status).toBe(200);
    await failTimes(1, people.newEmail(), ip);
    expect(await succeed(user.email, ip)).toMatchObject({
      ...refused,
      headers: { 'ratelimit-policy': '"login-network";q=100;w=900', ratelimit: '"login-network";r=0;t=900' },
    });
    expect((await succeed(user.email, '198.51.100.8')).status).toBe(200);
  });

  it('lock the whole /64 of an IPv6 address', async () => {
    const { user } = await people.register();
    await failTimes(1, people.newEmail(), '2001:db8:1:2::1');
    await moreFailures(98);
    await failTimes(1, people.newEmail(), '2001:db8:1:2::2');
    expect(await succeed(user.email, '2001:db8:1:2:ffff::1')).toMatchObject(refused);
    expect((await succeed(user.email, '2001:db8:1:3::1')).status).toBe(200);
  });

  it('are forgotten: rows whose window has ended go with the next failures', async () => {
    await people.sql('delete from login_failures');
    await people.sql(
      `insert into login_failures select 'address:old' || n, 1, ? from generate_series(1, 50) n`,
      new Date(app.clock.now),
    );
    const rows = async (): Promise<number> => (await people.sql('select key from login_failures')).length;
    await failTimes(1, people.newEmail());
    expect(await rows()).toBe(50 - 20 + 2);
    await failTimes(2, people.newEmail());
    expect(await rows()).toBe(3);
    expect(JSON.stringify(await people.sql('select * from login_failures'))).not.toContain('@');
  });
});
