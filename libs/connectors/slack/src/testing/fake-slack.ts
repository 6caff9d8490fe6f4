import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { JsonObject } from '#libs/kernel';
import { FakeLimits } from './fake-limits.ts';
import { answerOf, type FakeArguments } from './fake-methods.ts';
import { newWorkspace, type FakeWorkspace } from './fake-state.ts';

export interface FakeCall {
  /** e.g. `chat.postMessage`; of uploads and response URLs the path. */
  readonly method: string;
  readonly arguments: FakeArguments;
  readonly headers: IncomingMessage['headers'];
  /** 0 for none. */
  readonly status: number;
}

/** What the next call of a method is answered in the place of being done; `hangUp` ends the connection. */
export type FakeFault =
  | {
      readonly kind: 'answer';
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly body: JsonObject | string;
    }
  | { readonly kind: 'hangUp' }
  /** Nothing is ever answered. */
  | { readonly kind: 'silence' };

/** A small Slack on loopback: one workspace, one app, its methods, its limits. */
export interface FakeSlack extends AsyncDisposable {
  readonly url: string;
  readonly apiUrl: string;
  readonly workspace: FakeWorkspace;
  /** Answered so far, oldest first. */
  readonly calls: readonly FakeCall[];
  readonly limits: FakeLimits;
  /** Tokens that are good; the others are `invalid_auth`, or `token_expired` when they are among the expired. */
  readonly tokens: Set<string>;
  readonly expired: Set<string>;
  /** Each is for one call of the method, in order. */
  fail(method: string, ...faults: readonly FakeFault[]): void;
  /** Of a command or an interaction. */
  newResponseUrl(): string;
  /** Resolves when the next call has arrived, before it is answered. */
  nextArrival(): Promise<void>;
}

export async function startFakeSlack({
  token = 'xoxb-fake-token',
  nowMs = Date.now,
}: { readonly token?: string; readonly nowMs?: () => number } = {}): Promise<FakeSlack> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake = new Fake(url, token, nowMs);
  server.on('request', (request, response) => void fake.handle(request, response));
  return Object.assign(fake, {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: JsonObject | string;
}

type Received = Omit<FakeCall, 'status'>;

class Fake {
  readonly apiUrl: string;
  readonly workspace = newWorkspace();
  readonly calls: FakeCall[] = [];
  readonly limits: FakeLimits;
  readonly tokens: Set<string>;
  readonly expired = new Set<string>();
  readonly #faults = new Map<string, FakeFault[]>();
  #waiting: (() => void)[] = [];

  constructor(
    readonly url: string,
    token: string,
    nowMs: () => number,
  ) {
    this.apiUrl = `${url}/api/`;
    this.tokens = new Set([token]);
    this.limits = new FakeLimits(nowMs);
  }

  fail(method: string, ...faults: readonly FakeFault[]): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), ...faults]);
  }

  newResponseUrl(): string {
    const name = `r${this.workspace.next()}`;
    this.workspace.responseUrls.set(name, 5);
    return `${this.url}/commands/${name}`;
  }

  nextArrival(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const method = String(request.url).replace(/^\/api\//, '');
    for (const tell of this.#waiting.splice(0)) tell();
    const received = { method, arguments: argumentsIn(request, body), headers: request.headers };
    const fault = this.#faults.get(method)?.shift() ?? { kind: 'answer', ...this.#answer(received, body) };
    if (fault.kind === 'silence') return;
    this.calls.push({ ...received, status: fault.kind === 'answer' ? (fault.status ?? 200) : 0 });
    if (fault.kind === 'hangUp') response.destroy();
    else send(fault, response);
  }

  #answer(received: Received, body: Buffer): Answer {
    const { method } = received;
    if (method.startsWith('/upload/')) return this.#upload(method, body);
    if (method.startsWith('/commands/')) return this.#respond(method, body);
    const token = /^Bearer (.*)$/.exec(received.headers.authorization ?? '')?.[1];
    const refused = this.#refusedTo(token);
    if (refused !== undefined) return { body: { ok: false, error: refused } };
    const given = received.arguments;
    const seconds = this.limits.retryAfter(token ?? '', { method, channel: given['channel'] });
    if (seconds !== undefined) {
      const headers = { 'retry-after': String(seconds) };
      return { status: 429, headers, body: { ok: false, error: 'ratelimited' } };
    }
    return { body: answerOf(method, given, this.workspace, this.url) };
  }

  #refusedTo(token: string | undefined): string | undefined {
    if (token === undefined) return 'not_authed';
    if (this.expired.has(token)) return 'token_expired';
    return this.tokens.has(token) ? undefined : 'invalid_auth';
  }

  #upload(path: string, body: Buffer): Answer {
    const file = this.workspace.files.find(({ id }) => path.endsWith(`/${id}`));
    if (!file) return { status: 404, body: 'no such upload' };
    file.bytes = body;
    return { body: `OK - ${body.length}` };
  }

  #respond(path: string, body: Buffer): Answer {
    const name = path.replace('/commands/', '');
    const left = this.workspace.responseUrls.get(name);
    if (left === undefined) return { status: 404, body: { ok: false, error: 'expired_url' } };
    if (left === 0) return { status: 404, body: { ok: false, error: 'used_url' } };
    this.workspace.responseUrls.set(name, left - 1);
    this.workspace.responses.push(JSON.parse(body.toString('utf8')) as JsonObject);
    return { body: 'ok' };
  }
}

function send({ status = 200, headers, body }: Answer, response: ServerResponse): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

function argumentsIn({ headers }: IncomingMessage, body: Buffer): FakeArguments {
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return {};
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}
