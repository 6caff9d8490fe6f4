import { ensureWanted, LONGEST_ATTEMPT_MS, type AttemptCalls } from '#libs/connector-kit';
import type { Clock, JsonValue } from '#libs/kernel';
import { NodeError, type AbortSignalLike } from '#libs/node-kit';
import { outboundFetch, type OutboundHttp } from '#libs/outbound-http';
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import type { Access } from './access.ts';
import type { ApiVersion } from './api-versions.ts';
import { contentOf } from './content.ts';
import { refusalError, unansweredError, type Refusal } from './failures.ts';
import type { AnswerHeaders } from './rate-limits.ts';
import { authorizedHttp } from './wire.ts';

export interface GitHubRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the URL of the API, with its query; values in it encoded. */
  readonly path: string;
  readonly body?: JsonValue;
  /** A media type; default JSON. */
  readonly accept?: string;
  /** The ETag of what is known already: the answer is 304 when nothing has changed. */
  readonly ifNoneMatch?: string | undefined;
  /** Whether doing it twice does no harm. What only reads always is. */
  readonly isRepeatable?: boolean;
}

export interface GitHubAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** JSON as it is; null without a body; else bytes. */
  readonly data: JsonValue | Uint8Array;
}

export interface GitHubPage extends Omit<GitHubAnswer, 'data'> {
  readonly items: readonly JsonValue[];
  /** Of all pages together, where GitHub counts them. */
  readonly totalCount: number | undefined;
}

export interface ClientParts {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly access: Access;
  readonly apiVersion: ApiVersion;
  readonly signal: AbortSignalLike;
  readonly onAnswer: (status: number, headers: AnswerHeaders) => void;
  readonly calls: AttemptCalls;
  /** What all calls take from. */
  readonly quotaKey: string;
}

const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const PagingOctokit = Octokit.plugin(paginateRest);

/** GitHub's API, with one credential, for one attempt. Rejects with NodeError, and never tries again by itself. */
export class GitHubClient {
  readonly #octokit: InstanceType<typeof PagingOctokit>;

  constructor(private readonly parts: ClientParts) {
    const { http, access, signal, onAnswer, userAgent, calls, quotaKey } = parts;
    const wire = authorizedHttp(http, access, onAnswer);
    const fetch = outboundFetch(wire, { signal, timeoutMs: LONGEST_ATTEMPT_MS });
    this.#octokit = new PagingOctokit({
      baseUrl: access.apiUrl,
      userAgent,
      log: silent,
      // Numbers stay numbers: the SDK would make a BigInt of a large one, which is no JSON.
      request: { fetch, log: silent, parseSuccessResponseBody: false },
    });
    this.#octokit.hook.wrap('request', (request, options) => {
      const isRepeatable = options.method === 'GET' || options.request.isRepeatable === true;
      return calls.make({ quotaKey, isRepeatable }, async () => {
        try {
          const response = await request(options);
          if (response.status >= 300) throw this.#refusal(response, isRepeatable);
          return { ...response, data: await contentOf(response) };
        } catch (error) {
          const answer = answerIn(error);
          if (answer?.status === 304)
            return { ...answer, url: options.url, headers: { ...answer.headers }, data: null };
          if (answer) throw this.#refusal(answer, isRepeatable);
          throw unansweredError(causeOf(error), signal, { isRepeatable });
        }
      });
    });
  }

  async call(request: GitHubRequest): Promise<GitHubAnswer> {
    ensureWanted(this.parts.signal);
    const { method, path, body, isRepeatable = false } = request;
    const answer = await this.#octokit.request({
      method,
      url: path,
      headers: this.#headersOf(request),
      ...(body === undefined ? {} : { data: body }),
      request: { isRepeatable },
    });
    return { status: answer.status, headers: answer.headers, data: answer.data as GitHubAnswer['data'] };
  }

  /** Page by page, as long as somebody asks for the next one. Of searches and the like, the list in the answer. */
  async *pages(request: Pick<GitHubRequest, 'path' | 'ifNoneMatch' | 'accept'>): AsyncGenerator<GitHubPage> {
    ensureWanted(this.parts.signal);
    const pages = this.#octokit.paginate.iterator(`GET ${request.path}`, { headers: this.#headersOf(request) });
    for await (const { status, headers, data } of pages) {
      if (!Array.isArray(data) && status !== 304) throw notAList();
      const totalCount = 'total_count' in data && typeof data.total_count === 'number' ? data.total_count : undefined;
      // The SDK gave the list its counts as properties; a copy has none.
      const items = Array.isArray(data) ? [...(data as JsonValue[])] : [];
      yield { status, headers, items, totalCount };
      ensureWanted(this.parts.signal);
    }
  }

  #headersOf({ accept, ifNoneMatch }: Pick<GitHubRequest, 'accept' | 'ifNoneMatch'>): Record<string, string> {
    return {
      accept: accept ?? 'application/vnd.github+json',
      'x-github-api-version': this.parts.apiVersion,
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
    };
  }

  #refusal(refusal: Refusal, isRepeatable: boolean): unknown {
    return refusalError(refusal, this.parts.clock.nowMs(), { isRepeatable });
  }
}

function nothing(): void {}

function notAList(): NodeError {
  const message = 'the answer is no list, so that it has no pages';
  return new NodeError('GITHUB_NOT_A_LIST', message, { retryable: false, destination: 'answered' });
}

/** The SDK's error for what was answered holds the answer. */
function answerIn(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined;
  const { response } = error;
  return typeof response === 'object' && response !== null && 'status' in response ? (response as Refusal) : undefined;
}

/** The SDK's error for what was not answered holds why. */
function causeOf(error: unknown): unknown {
  const isOfSdk = error instanceof Error && !(error instanceof NodeError) && 'request' in error;
  return isOfSdk ? (error.cause ?? error) : error;
}
