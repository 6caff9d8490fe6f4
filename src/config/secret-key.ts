import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from './config-error.ts';

const KEY_BYTES = 32;
/** The current one and those before it. Who rotates each quarter keeps a year. */
export const MAX_SECRET_KEYS = 5;

/** The current key first. */
export type SecretKeys = readonly [current: Uint8Array, ...previous: Uint8Array[]];

/** The 32 bytes when `text` is their base64 (or base64url), else undefined. */
export function tryParseSecretKey(text: string): Uint8Array | undefined {
  const standard = text.trim().replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = Buffer.from(standard, 'base64');
  const exact = bytes.toString('base64').replace(/=+$/, '') === standard;
  return bytes.length === KEY_BYTES && exact ? new Uint8Array(bytes) : undefined;
}

/**
 * The installation's own keys from `secret.key` in the data dir, made at the first call (mode 0600): one a line, the
 * newest first. Throws ConfigError when the file holds anything else: a new key would make everything encrypted so far
 * unreadable.
 */
export async function loadOrCreateSecretKeys(dataDir: string): Promise<SecretKeys> {
  const path = join(dataDir, 'secret.key');
  const stored = (await readIfThere(path)) ?? (await create(dataDir, path));
  const keys = tryParseKeyFile(stored);
  if (keys) return keys;
  throw new ConfigError([
    {
      name: 'MILLRACE_SECRET_KEY',
      message: `${path} does not hold one to ${MAX_SECRET_KEYS} lines of 32 bytes in base64; restore it from a backup, or set the variable`,
      example: '"$(openssl rand -base64 32)"',
    },
  ]);
}

function tryParseKeyFile(text: string): SecretKeys | undefined {
  const [current, ...previous] = text.trim().split('\n').map(tryParseSecretKey);
  const known = previous.filter((key) => key !== undefined);
  const whole = known.length === previous.length && known.length < MAX_SECRET_KEYS;
  return current && whole ? [current, ...known] : undefined;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Written whole and synced beside, then linked: a crash leaves no half key, and of two that start at once one wins. */
async function create(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const text = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    return text;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return await readFile(path, 'utf8');
    throw error;
  } finally {
    await unlink(draft);
  }
}

function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
