import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, JsonValue } from '#libs/kernel';
import { FakeApps, jsonObjectIn, type FakeApp } from './fake-apps.ts';
import { FakeHooks } from './fake-hooks.ts';
import { FakeLimits } from './fake-limits.ts';
import { contentOf, type Received } from './fake-pages.ts';
import { FakeRepository, NOT_FOUND, type FakeAnswer, type FakeCall } from './fake-repository.ts';

export interface FakeGitHubOptions {
  /** Calls of one token in a window; default 5,000 in an hour, and none is refused. */
  readonly limit?: number;
  readonly perMs?: number;
  /** Of searches; default 30 in a minute. */
  readonly searchLimit?: number;
  readonly clock?: Clock;
  /** Apps that may sign in, by their id. */
  readonly apps?: Readonly<Record<string, FakeApp>>;
  /** Whether answers tell of limits; an Enterprise Server may have none. Default true. */
  readonly tellsLimits?: boolean;
}

/** What happens to a call instead. */
export type FakeTrouble =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: JsonValue;
    }
  /** The work is done, and the answer is not sent. */
  | { readonly kind: 'lost' }
  /** Nothing is done, and nothing is sent. */
  | { readonly kind: 'silent' };

export interface FakeGitHub extends AsyncDisposable {
  /** Of the API. */
  readonly url: string;
  readonly calls: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  refusedByLimit(): number;
  /** Tokens that were given to installations. */
  readonly appTokens: readonly string[];
  /** Refused from now on. */
  readonly revoked: Set<string>;
  /** By `owner/name`; there as soon as it is asked for. */
  repository(name: string): FakeRepository;
  hooksOf(place: string): FakeHooks;
  /** Asked with each call; the first trouble that it gives happens. */
  trouble: ((call: { readonly method: string; readonly path: string }) => FakeTrouble | undefined) | undefined;
}

/**
 * A small GitHub on loopback: repositories with issues, pull requests, releases, files and hooks, its primary limit, its ETags
 * and its pages. Everybody with a token is signed in.
 */
export async function startFakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const fake = new RunningFake(options);
  await fake.listen();
  return fake;
}

class RunningFake implements FakeGitHub {
  readonly calls: { method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  readonly revoked = new Set<string>();
  trouble: FakeGitHub['trouble'];
  url = '';
  readonly #repositories = new Map<string, FakeRepository>();
  readonly #hooks = new Map<string, FakeHooks>();
  readonly #clock: Clock;
  readonly #limits: FakeLimits;
  readonly #apps: FakeApps;
  readonly #server = createServer((request, response) => void this.#receive(request, response));
  #refused = 0;

  constructor(private readonly options: FakeGitHubOptions) {
    const { clock = { nowMs: () => Date.now() }, limit = 5_000, perMs = 3_600_000, searchLimit = 30 } = options;
    this.#clock = clock;
    this.#limits = new FakeLimits({ core: { limit, perMs }, search: { limit: searchLimit, perMs: 60_000 } }, clock);
    this.#apps = new FakeApps(options.apps ?? {}, clock);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v3`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get appTokens(): readonly string[] {
    return this.#apps.tokens;
  }

  refusedByLimit(): number {
    return this.#refused;
  }

  repository(name: string): FakeRepository {
    const repository = this.#repositories.get(name) ?? new FakeRepository(name, 'octocat');
    this.#repositories.set(name, repository);
    return repository;
  }

  hooksOf(place: string): FakeHooks {
    const hooks = this.#hooks.get(place) ?? new FakeHooks();
    this.#hooks.set(place, hooks);
    return hooks;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await received(request);
    const { method, path, query, headers } = call;
    this.calls.push({ method, path: query.size === 0 ? path : `${path}?${query.toString()}`, headers });
    const trouble = this.trouble?.({ method, path });
    if (trouble) this.#happen(trouble, call, response);
    else this.#send(response, call, this.#answer(call));
  }

  #happen(trouble: FakeTrouble, call: Received, response: ServerResponse): void {
    if (trouble.kind === 'answer') return this.#send(response, call, trouble, trouble.headers);
    if (trouble.kind === 'silent') return;
    this.#answer(call);
    response.destroy();
  }

  #answer(call: Received): FakeAnswer {
    const token = tokenIn(call);
    const app = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(call.path);
    if (app?.[1] !== undefined) return this.#apps.signIn(token, app[1]);
    if (token === '' || this.revoked.has(token)) return { status: 401, body: { message: 'Bad credentials' } };
    if (this.#limits.take(token, resourceOf(call.path))) return this.#worked(call);
    this.#refused++;
    return { status: 403, body: { message: 'API rate limit exceeded' } };
  }

  #worked({ method, path, query, headers, body }: Received): FakeAnswer {
    if (path === '/search/issues') return this.#found(query);
    const [, repository, organization, rest = ''] = /^\/(?:repos\/([^/]+\/[^/]+)|orgs\/([^/]+))(.*)$/.exec(path) ?? [];
    const apiVersion = String(headers['x-github-api-version']);
    const call: FakeCall = { method, path: rest, query, body, apiVersion };
    const place = repository ?? organization;
    if (place !== undefined && rest.startsWith('/hooks')) return this.hooksOf(place).answer(call);
    return repository === undefined ? NOT_FOUND : this.repository(repository).answer(call);
  }

  #found(query: URLSearchParams): FakeAnswer {
    const words = (query.get('q') ?? '').split(' ').filter((word) => !word.includes(':'));
    const items = [...this.#repositories.values()]
      .flatMap(({ issues }) => issues)
      .filter(({ title }) => typeof title === 'string' && words.every((word) => title.includes(word)));
    return { status: 200, items, body: { total_count: items.length, incomplete_results: false } };
  }

  #send(response: ServerResponse, call: Received, answer: FakeAnswer, more: Record<string, string> = {}): void {
    const { bytes, headers } = contentOf(answer, call, this.url);
    const etag = `"${createHash('sha1').update(bytes).digest('hex')}"`;
    const isKnown = isReadOf(call, answer) && call.headers['if-none-match'] === etag;
    // What has not changed is not counted.
    if (isKnown) this.#limits.giveBack(tokenIn(call), resourceOf(call.path));
    response.writeHead(isKnown ? 304 : answer.status, {
      date: new Date(this.#clock.nowMs()).toUTCString(),
      'x-github-request-id': `FAKE:${this.calls.length}`,
      ...this.#limitHeaders(call),
      ...(isReadOf(call, answer) ? { etag } : {}),
      ...headers,
      ...more,
    });
    response.end(isKnown || answer.status === 204 ? undefined : bytes);
  }

  #limitHeaders(call: Received): Record<string, string> {
    if (this.options.tellsLimits === false) return {};
    return this.#limits.headers(tokenIn(call), resourceOf(call.path));
  }
}

function isReadOf({ method }: Received, { status }: FakeAnswer): boolean {
  return method === 'GET' && status === 200;
}

async function received(request: IncomingMessage): Promise<Received> {
  const url = new URL(request.url ?? '', 'http://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = url.pathname.replace(/^\/api\/v3/, '');
  const { method = '', headers } = request;
  return { method, path, query: url.searchParams, headers, body: jsonObjectIn(Buffer.concat(chunks)) };
}

function tokenIn({ headers }: Received): string {
  return (headers.authorization ?? '').replace(/^(bearer|token) /i, '');
}

function resourceOf(path: string): string {
  return path.startsWith('/search/') ? 'search' : 'core';
}
