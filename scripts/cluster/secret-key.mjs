import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The key of earlier starts on this directory, which their credentials are encrypted with; else a new one. */
export async function keepSecretKey(dataDir) {
  const file = join(dataDir, 'secret.key');
  try {
    return await readFile(file, 'utf8');
  } catch {
    const key = randomBytes(32).toString('base64');
    await writeFile(file, key, { mode: 0o600, flag: 'wx' });
    return key;
  }
}
