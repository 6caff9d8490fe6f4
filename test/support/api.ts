import { randomUUID } from 'node:crypto';
import { createMillraceClient, dataOf, type components, type MillraceClient, type paths } from '#libs/api-client';
import type { JsonValue } from '#libs/kernel';
import { until } from './until.ts';

/** An answer, its body parsed when it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

type Schemas = components['schemas'];

/** With what the stories look into named: any JSON is `unknown` in the document. */
export type Execution = Omit<Schemas['Execution'], 'input' | 'output' | 'nodes'> & {
  readonly input: { readonly body: JsonValue };
  readonly output: JsonValue;
  readonly nodes: readonly (Omit<Schemas['ExecutionNode'], 'output'> & { readonly output: JsonValue })[];
};

export type EventItem = Omit<Schemas['ExecutionEvent'], 'data'> & {
  readonly data: { readonly nodeId?: string; readonly output?: JsonValue };
};

const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled', 'timedOut']);

/** A workspace's view of a running server, over HTTP and nothing else: by the typed client, or raw where a story needs the answer as it came. */
export class Api {
  readonly client: MillraceClient;

  private constructor(
    readonly base: string,
    private readonly token: string,
  ) {
    this.client = createMillraceClient({ baseUrl: base, token });
  }

  static async register(base: string): Promise<Api> {
    const body = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    const session = await dataOf(createMillraceClient({ baseUrl: base }).POST('/v1/auth/register', { body }));
    return new Api(base, session.accessToken);
  }

  static withToken(base: string, token: string): Api {
    return new Api(base, token);
  }

  /** The same account at another process. */
  at(base: string): Api {
    return new Api(base, this.token);
  }

  get authorization(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.token}` };
  }

  send(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    return call(this.base, method, path, {
      ...options,
      headers: { ...this.authorization, ...options.headers },
    });
  }

  async create(definition: object): Promise<string> {
    const { data, response } = await this.client.POST('/v1/workflows', { body: definition as Definition });
    expect(response.status).toBe(201);
    return data?.id ?? '';
  }

  /** Creates and activates; gives the path of its first webhook. */
  async activate(definition: object): Promise<{ id: string; hook: string }> {
    return this.#activateCreated(await this.create(definition));
  }

  /** The same of an export, its credentials being those of the workspace: ids in the export → ids here. */
  async activateImport(
    exported: object,
    credentials: Readonly<Record<string, string>>,
  ): Promise<{ id: string; hook: string }> {
    const { status, body } = await this.send('POST', '/v1/workflows/import', { json: { ...exported, credentials } });
    expect(status).toBe(201);
    return this.#activateCreated((body as { id: string }).id);
  }

  async #activateCreated(id: string): Promise<{ id: string; hook: string }> {
    const { response } = await this.client.POST('/v1/workflows/{id}/activate', { params: { path: { id } } });
    expect(response.status).toBe(200);
    const hook = await this.hookOf(id);
    await this.untilAnswers(hook);
    return { id, hook };
  }

  /** The path of the workflow's first webhook. */
  async hookOf(id: string): Promise<string> {
    const { items } = await dataOf(this.client.GET('/v1/workflows/{id}/webhooks', { params: { path: { id } } }));
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
  async ended(id: string, withinMs?: number): Promise<Execution> {
    return until(
      `${id} is over`,
      async () => {
        const { data } = await this.client.GET('/v1/executions/{id}', { params: { path: { id } } });
        return data && OVER.has(data.status) ? (data as Execution) : undefined;
      },
      withinMs,
    );
  }

  async events(id: string): Promise<EventItem[]> {
    const page = await dataOf(this.client.GET('/v1/executions/{id}/events', { params: { path: { id } } }));
    // A string only for who accepts lines.
    return typeof page === 'string' ? [] : page.items;
  }

  /** All executions, through the pages. */
  async executions(): Promise<Execution[]> {
    const all: Execution[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const page: Page = await dataOf(this.client.GET('/v1/executions', { params: { query } }));
      all.push(...(page.items as Execution[]));
      cursor = page.nextCursor;
    }
    return all;
  }
}

type Definition = paths['/v1/workflows']['post']['requestBody']['content']['application/json'];
type Page = paths['/v1/executions']['get']['responses']['200']['content']['application/json'];

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
  const text = await textOf(response);
  return { status: response.status, headers: response.headers, text, body: bodyOf(text, response.headers) };
}

/** Of a stream of events, which may not end, nothing. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'text/event-stream') return response.text();
  await response.body?.cancel();
  return '';
}

function bodyOf(text: string, headers: Headers): unknown {
  const isJson = /^application\/(problem\+)?json/.test(headers.get('content-type') ?? '');
  return isJson && text !== '' ? (JSON.parse(text) as unknown) : text;
}
