import { networkFailureOf } from '#libs/connector-kit';
import type { Clock } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import type { OutboundHttp, OutboundResponse } from '#libs/outbound-http';
import { z } from 'zod';
import type { Access } from './access.ts';
import { NEWEST_API } from './api-versions.ts';
import { appJwt } from './app-jwt.ts';
import type { AppCredential } from './credentials.ts';
import { refusalError } from './failures.ts';
import { InstallationTokens, type InstallationToken } from './installation-tokens.ts';
import { path } from './paths.ts';
import { headersOf, jsonIn } from './wire.ts';

/** No attempt's own signal ends it, since others may wait for the same token. */
const TIMEOUT_MS = 10_000;
const tokenAnswer = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });

export interface AppTokenParts {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** Tokens with which installations of apps call. */
export class AppTokens {
  readonly #tokens: InstallationTokens;

  constructor(private readonly parts: AppTokenParts) {
    this.#tokens = new InstallationTokens(parts.clock);
  }

  /** Rejects with NodeError. */
  tokenOf(app: AppCredential, at: Pick<Access, 'apiUrl' | 'mayBeSentTo'>): Promise<string> {
    return this.#tokens.tokenFor(app, () => this.#make(app, at));
  }

  forget(app: AppCredential, refused: string): void {
    this.#tokens.forget(app, refused);
  }

  async #make(
    app: AppCredential,
    { apiUrl, mayBeSentTo }: Pick<Access, 'apiUrl' | 'mayBeSentTo'>,
  ): Promise<InstallationToken> {
    const { clock } = this.parts;
    const response = await this.#send({
      url: `${apiUrl}${path`/app/installations/${app.data.installationId}/access_tokens`}`,
      secret: { headers: { authorization: `Bearer ${signed(app, clock.nowMs())}` }, mayBeSentTo },
    });
    const refusal = { status: response.status, headers: headersOf(response), data: jsonIn(response.body) };
    if (response.status >= 300) throw refusalError(refusal, clock.nowMs(), { isRepeatable: true });
    const parsed = tokenAnswer.safeParse(refusal.data);
    if (parsed.success) return { token: parsed.data.token, expiresAtMs: Date.parse(parsed.data.expires_at) };
    throw new NodeError('HTTP_INVALID_RESPONSE', 'GitHub gave the app no token that can be read', {
      retryable: true,
      destination: 'answered',
    });
  }

  async #send(to: Pick<Parameters<OutboundHttp['request']>[0], 'url' | 'secret'>): Promise<OutboundResponse> {
    const headers = {
      accept: 'application/vnd.github+json',
      'user-agent': this.parts.userAgent,
      'x-github-api-version': NEWEST_API,
    };
    try {
      return await this.parts.http.request({
        ...to,
        method: 'POST',
        headers,
        timeoutMs: TIMEOUT_MS,
        followRedirects: false,
      });
    } catch (error) {
      throw networkFailureOf(error, new AbortController().signal) ?? error;
    }
  }
}

function signed({ id, data }: AppCredential, nowMs: number): string {
  try {
    return appJwt(data, nowMs);
  } catch {
    // What node says of a key may hold parts of it.
    const message = `the private key of the credential ${id} cannot be read: it must be an RSA key as PEM`;
    throw new NodeError('GITHUB_APP_KEY_INVALID', message, { retryable: false });
  }
}
