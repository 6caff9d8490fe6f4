import { randomUUID } from 'node:crypto';
import type { JsonValue } from '#libs/kernel';
import { until } from './until.ts';

/** An answer, its body parsed when it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export interface Execution {
  readonly id: string;
  readonly workflowVersion: number;
  readonly status: string;
  readonly input: { readonly body: JsonValue };
  readonly output: JsonValue;
  readonly error: { readonly code: string; readonly nodeId: string; readonly details?: JsonValue } | null;
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly type: string;
    readonly status: string;
    readonly attempts: number;
    readonly output: JsonValue;
    readonly error: { readonly code: string } | null;
  }[];
  readonly createdAt: string;
  readonly waitingOn: { readonly kind: string; readonly nodeId?: string; readonly at?: string } | null;
}

export interface EventItem {
  readonly version: number;
  readonly type: string;
  readonly at: string;
  readonly data: { readonly nodeId?: string; readonly output?: JsonValue };
}

const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'timedOut']);

/** A workspace's view of a running server, over HTTP and nothing else. */
export class Api {
  private constructor(
    readonly base: string,
    private readonly token: string,
  ) {}

  static async register(base: string): Promise<Api> {
    const email = `${randomUUID()}@example.com`;
    const reply = await call(base, 'POST', '/v1/auth/register', { json: { email, password: 'correct horse battery' } });
    expect(reply.status).toBe(201);
    return new Api(base, (reply.body as { accessToken: string }).accessToken);
  }

  static withToken(base: string, token: string): Api {
    return new Api(base, token);
  }

  /** The same account at another process. */
  at(base: string): Api {
    return new Api(base, this.token);
  }

  send(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    return call(this.base, method, path, {
      ...options,
      headers: { authorization: `Bearer ${this.token}`, ...options.headers },
    });
  }

  async create(definition: object): Promise<string> {
    const reply = await this.send('POST', '/v1/workflows', { json: definition });
    expect(reply).toMatchObject({ status: 201 });
    return (reply.body as { id: string }).id;
  }

  /** Creates and activates; gives the path of its first webhook. */
  async activate(definition: object): Promise<{ id: string; hook: string }> {
    const id = await this.create(definition);
    expect((await this.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    const hook = await this.hookOf(id);
    await this.untilAnswers(hook);
    return { id, hook };
  }

  /** The path of the workflow's first webhook. */
  async hookOf(workflowId: string): Promise<string> {
    const { body } = await this.send('GET', `/v1/workflows/${workflowId}/webhooks`);
    const { items } = body as { items: { url: string }[] };
    return new URL(items[0]?.url ?? '').pathname;
  }

  /** Another process may learn of a route a moment later. A wrong method asks without starting anything. */
  async untilAnswers(hook: string): Promise<void> {
    await until(`${hook} answers`, async () =>
      (await call(this.base, 'DELETE', hook)).status === 405 ? true : undefined,
    );
  }

  /** Calls a webhook as a sender would: without a token. */
  hook(path: string, json: JsonValue): Promise<Reply> {
    return call(this.base, 'POST', path, { json });
  }

  /** The execution when it is over. */
  async ended(executionId: string, withinMs?: number): Promise<Execution> {
    return until(
      `${executionId} is over`,
      async () => {
        const { status, body } = await this.send('GET', `/v1/executions/${executionId}`);
        return status === 200 && OVER.has((body as Execution).status) ? (body as Execution) : undefined;
      },
      withinMs,
    );
  }

  async events(executionId: string): Promise<EventItem[]> {
    const { body } = await this.send('GET', `/v1/executions/${executionId}/events`);
    return (body as { items: EventItem[] }).items;
  }

  /** All executions, through the pages. */
  async executions(): Promise<Execution[]> {
    const all: Execution[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: Reply = await this.send('GET', `/v1/executions?limit=200${cursor && `&cursor=${cursor}`}`);
      const page = body as { items: Execution[]; nextCursor: string | null };
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }
}

export interface CallOptions {
  readonly json?: unknown;
  /** As it is, instead of `json`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function call(base: string, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const body = options.text ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const contentType: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...contentType, ...options.headers };
  const response = await fetch(`${base}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: bodyOf(text, response.headers) };
}

function bodyOf(text: string, headers: Headers): unknown {
  const isJson = /^application\/(problem\+)?json/.test(headers.get('content-type') ?? '');
  return isJson && text !== '' ? (JSON.parse(text) as unknown) : text;
}
