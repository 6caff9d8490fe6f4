import { createHash, createPublicKey, verify } from 'node:crypto';
import { isJsonObject, type Clock, type JsonObject, type JsonValue } from '#libs/kernel';
import { NOT_FOUND, type FakeAnswer } from './fake-repository.ts';

/** Its public key as PEM. */
export interface FakeApp {
  readonly installationId: string;
  readonly publicKey: string;
}

const TOKEN_MS = 3_600_000;
const REFUSED: FakeAnswer = { status: 401, body: { message: 'A JSON web token could not be decoded' } };

/** Apps that show by a JSON Web Token that they have their key, and get tokens for an hour. */
export class FakeApps {
  readonly tokens: string[] = [];

  constructor(
    private readonly apps: Readonly<Record<string, FakeApp>>,
    private readonly clock: Clock,
  ) {}

  signIn(jwt: string, installationId: string): FakeAnswer {
    const app = this.#appOf(jwt);
    if (!app) return REFUSED;
    if (app.installationId !== installationId) return NOT_FOUND;
    const token = `ghs_${createHash('sha256').update(`${jwt}${this.tokens.length}`).digest('hex').slice(0, 36)}`;
    this.tokens.push(token);
    const expires_at = new Date(this.clock.nowMs() + TOKEN_MS).toISOString();
    return { status: 201, body: { token, expires_at, permissions: { issues: 'write' }, repository_selection: 'all' } };
  }

  #appOf(jwt: string): FakeApp | undefined {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const { iss, iat, exp } = jsonObjectIn(Buffer.from(payload, 'base64url'));
    const app = typeof iss === 'string' ? this.apps[iss] : undefined;
    if (!app || !this.#isOfNow(Number(iat), Number(exp))) return undefined;
    const key = createPublicKey(app.publicKey);
    const signed = Buffer.from(`${header}.${payload}`);
    return verify('sha256', signed, key, Buffer.from(signature, 'base64url')) ? app : undefined;
  }

  #isOfNow(issuedAtS: number, expiresAtS: number): boolean {
    const nowS = this.clock.nowMs() / 1_000;
    return issuedAtS <= nowS && expiresAtS > nowS && expiresAtS <= nowS + 600;
  }
}

/** Empty for what is none. */
export function jsonObjectIn(bytes: Buffer): JsonObject {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as JsonValue;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
