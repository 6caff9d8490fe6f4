import { cachedDns } from './cached-dns.ts';

describe('what DNS said', () => {
  const clock = { now: 0, nowMs: (): number => clock.now };
  let asked: string[];
  let answer: () => Promise<string[]>;
  const dns = (more: object = {}) =>
    cachedDns(
      (domain, type) => {
        asked.push(`${domain} ${type}`);
        return answer();
      },
      { clock, holdsMs: 100, absenceHoldsMs: 50, ...more },
    );
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

  beforeEach(() => {
    clock.now = 0;
    asked = [];
    answer = async () => ['v=spf1 -all'];
  });

  it('is asked for once while it holds, by many at a time too, in whatever case', async () => {
    const resolve = dns();
    const all = await Promise.all(['a.test', 'a.test', 'A.test'].map((domain) => resolve(domain, 'TXT')));
    expect(all).toEqual(Array(3).fill(['v=spf1 -all']));
    await resolve('a.test', 'MX');
    clock.now = 99;
    await resolve('a.test', 'TXT');
    expect(asked).toEqual(['a.test TXT', 'a.test MX']);
    clock.now = 100;
    await resolve('a.test', 'TXT');
    expect(asked).toHaveLength(3);
  });

  it.each(['ENOTFOUND', 'ENODATA'])('holds for a shorter time when it is %s', async (code) => {
    const resolve = dns();
    answer = failing(code);
    await expect(resolve('a.test', 'TXT')).rejects.toMatchObject({ code });
    clock.now = 49;
    await expect(resolve('a.test', 'TXT')).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
    clock.now = 50;
    answer = async () => ['there'];
    expect(await resolve('a.test', 'TXT')).toEqual(['there']);
  });

  it('is asked for again after what was no answer', async () => {
    const resolve = dns();
    answer = failing('ETIMEOUT');
    await expect(resolve('a.test', 'TXT')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    answer = async () => ['there'];
    expect(await resolve('a.test', 'TXT')).toEqual(['there']);
  });

  it('is kept of so many names', async () => {
    const resolve = dns({ maxAnswers: 2 });
    for (const domain of ['a.test', 'b.test', 'c.test', 'a.test']) await resolve(domain, 'TXT');
    expect(asked).toHaveLength(4);
  });
});
