import { createPrivateKey, sign } from 'node:crypto';
import type { AppCredential } from './credentials.ts';

/** Clocks differ: GitHub refuses a token from the future. */
const BACKDATED_S = 60;
/** GitHub takes 600 from when it was issued at most. */
const LIFETIME_S = 540;

/** A JSON Web Token (RS256) by which an app shows that it has its key. */
export function appJwt({ appId, privateKey }: AppCredential['data'], nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000) - BACKDATED_S;
  const signed = [
    { alg: 'RS256', typ: 'JWT' },
    { iat: issuedAt, exp: issuedAt + LIFETIME_S, iss: appId },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(privateKey)).toString('base64url')}`;
}
