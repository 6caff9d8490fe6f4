import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const askedSchema = z.object({ url: z.string(), repository: z.string(), secret: z.string(), token: z.string() });

export interface HookAtService {
  readonly id: string;
  readonly repository: string;
  readonly url: string;
  readonly secret: string;
}

export interface Refusal {
  readonly status: number;
  readonly retryAfterMs?: number;
}

/**
 * A service on a loopback port that calls URLs. `POST /hooks` makes a hook, or finds the one of the repository that calls the
 * same URL; `DELETE /hooks/<id>` removes one.
 */
export class HookService implements AsyncDisposable {
  readonly hooks = new Map<string, HookAtService>();
  /** In order, e.g. `POST` and `DELETE hook-1`; with what was refused. */
  readonly calls: string[] = [];
  /** Credentials that it lets in. */
  readonly tokens = new Set(['token']);
  /** Every call is answered so; undefined: it works. */
  refusal: Refusal | undefined;
  #held: Promise<void> | undefined;
  #madeCount = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<HookService> {
    const server = createServer((request, response) => void service.#answer(request, response));
    const service = new HookService(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get urls(): readonly string[] {
    return [...this.hooks.values()].map(({ url }) => url);
  }

  /** What it is asked from now on is done at once, and answered when the one who holds it lets go. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    if (this.server.listening) await once(this.server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, headers } = request;
    const id = url?.split('/')[2] ?? '';
    this.calls.push(`${method} ${id}`.trim());
    const asked = method === 'POST' ? askedSchema.parse(await json(request)) : undefined;
    const answer = this.#refusalOf(asked?.token ?? headers.authorization) ?? this.#done(asked, id);
    await this.#held;
    const { status = 200 } = answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #refusalOf(token = ''): Refusal | undefined {
    return this.tokens.has(token) ? this.refusal : { status: 403 };
  }

  #done(
    asked: z.infer<typeof askedSchema> | undefined,
    id: string,
  ): { readonly status?: number; readonly id?: string } {
    if (!asked) return { status: this.hooks.delete(id) ? 200 : 404 };
    const { url, repository, secret } = asked;
    const found = [...this.hooks.values()].find((one) => one.url === url && one.repository === repository);
    const hook = { id: found?.id ?? `hook-${++this.#madeCount}`, url, repository, secret };
    this.hooks.set(hook.id, hook);
    return { id: hook.id };
  }
}
