import { inspect } from 'node:util';

/** A short one stands in texts that have nothing to do with it. */
const SHORTEST = 8;

/** As it is written, encoded in the ways that are met with, and as `inspect` and JSON show it. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** Which of the secrets stand anywhere in a value: in fields of errors, their causes and their stacks too. */
export function secretsSeenIn(value: unknown, secrets: readonly string[]): readonly string[] {
  for (const secret of secrets) {
    if (secret.length < SHORTEST)
      throw new Error(`a secret of ${secret.length} letters can't be told from other texts`);
  }
  const everything = { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity, breakLength: Infinity };
  const shown = inspect(value, everything);
  return secrets.filter((secret) => formsOf(secret).some((form) => shown.includes(form)));
}
