import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';
import { loadOrCreateSecretKeys, MAX_SECRET_KEYS, tryParseSecretKey } from './secret-key.ts';

describe('the secret key in the data dir', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-key-'));
  });
  afterEach(async () => {
    await rm(home, { recursive: true });
  });

  it('is made once, readable by its owner alone, and found again', async () => {
    const dataDir = join(home, 'not', 'there', 'yet');
    const keys = await loadOrCreateSecretKeys(dataDir);
    expect(keys.map(({ length }) => length)).toEqual([32]);
    expect((await stat(join(dataDir, 'secret.key'))).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateSecretKeys(dataDir)).toEqual(keys);
    expect(await readdir(dataDir)).toEqual(['secret.key']);
  });

  it('is the same for all that start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateSecretKeys(home)));
    expect(new Set(keys.map(([key]) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(await readdir(home)).toEqual(['secret.key']);
  });

  const newKeys = (count: number): Uint8Array[] => Array.from({ length: count }, () => new Uint8Array(randomBytes(32)));
  const linesOf = (keys: Uint8Array[]): string =>
    keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('');

  it('may have others below it, which were used before', async () => {
    const keys = newKeys(MAX_SECRET_KEYS);
    await writeFile(join(home, 'secret.key'), linesOf(keys));
    expect(await loadOrCreateSecretKeys(home)).toEqual(keys);
  });

  it.each(['half a k', '', linesOf(newKeys(MAX_SECRET_KEYS + 1)), `${linesOf(newKeys(1))}half a k`])(
    'is never replaced when the file is damaged: %j',
    async (text) => {
      await writeFile(join(home, 'secret.key'), text);
      await expect(loadOrCreateSecretKeys(home)).rejects.toThrow(ConfigError);
      expect(await readFile(join(home, 'secret.key'), 'utf8')).toBe(text);
    },
  );
});

describe('a secret key as text', () => {
  const bytes = randomBytes(32);
  it.each([bytes.toString('base64'), bytes.toString('base64url'), `${bytes.toString('base64')}\n`])(
    'may be %j',
    (text) => {
      expect(tryParseSecretKey(text)).toEqual(new Uint8Array(bytes));
    },
  );
  it.each(['', 'short', randomBytes(33).toString('base64'), `${bytes.toString('base64').slice(0, -2)}*=`])(
    'may not be %j',
    (text) => {
      expect(tryParseSecretKey(text)).toBeUndefined();
    },
  );
});
