import { hashPassword, isOutdated, NOBODYS_HASH, verifyPassword } from './password-hash.ts';

/** Made by hash-wasm and verified by @node-rs/argon2: other people's argon2id agrees with the one in node. */
const FOREIGN = '$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0';

describe('password hashes', () => {
  it('are those of every other argon2id', async () => {
    expect(await verifyPassword('correct horse battery staple', FOREIGN)).toBe(true);
    expect(await verifyPassword('correct horse battery stapl', FOREIGN)).toBe(false);
    expect(isOutdated(FOREIGN)).toBe(false);
  });

  it('carry their cost, a salt of their own, and the password of nobody else', async () => {
    const hash = await hashPassword('twelve chars');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hashPassword('twelve chars')).not.toBe(hash);
    expect(await verifyPassword('twelve chars', hash)).toBe(true);
    expect(await verifyPassword('twelve charS', hash)).toBe(false);
  });

  it('take the same text, however it was composed', async () => {
    expect(await verifyPassword('cafe\u0301 ouvert!', await hashPassword('caf\u00e9 ouvert!'))).toBe(true);
  });

  it('are verified at the cost at which they were made, and known to be outdated', async () => {
    const cheap = '$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$WfPlD1i3fRCGfA4LAyqD9tZWYPjNU6Ag1XvXrrzNsRY';
    expect(isOutdated(cheap)).toBe(true);
    expect(await verifyPassword('correct horse battery staple', cheap)).toBe(false);
  });

  it('stand in for nobody at the full cost', async () => {
    expect(isOutdated(NOBODYS_HASH)).toBe(false);
    expect(await verifyPassword('', NOBODYS_HASH)).toBe(false);
  });

  it.each(['', 'plain', '$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA', '$argon2id$v=16$m=1,t=1,p=1$AAAA$AAAA'])(
    'are never taken from %j',
    async (text) => {
      await expect(verifyPassword('x', text)).rejects.toThrow('PHC');
    },
  );
});
