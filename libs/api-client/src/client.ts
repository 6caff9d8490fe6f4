import createFetchClient, { type Client } from 'openapi-fetch';
import { ApiError, type Problem } from './api-error.ts';
import type { paths } from './schema.ts';

export interface ClientOptions {
  /** Of the server, e.g. `https://automation.example.com`; without a slash at its end. */
  readonly baseUrl: string;
  /** An access token or an API key; a function is asked before each call, so that it can refresh. */
  readonly token?: string | (() => string | Promise<string>);
  /** Milliseconds until a call is given up. Default 90,000, above the longest `Prefer: wait`. */
  readonly timeoutMs?: number;
}

/** Calls by method and path, each with the types of that operation: `client.GET('/v1/workflows/{id}', …)`. */
export type MillraceClient = Client<paths>;

const TIMEOUT_MS = 90_000;

/** A client of one server. Results have `data` or `error`; `dataOf` turns the latter into an exception. */
export function createMillraceClient({ baseUrl, token, timeoutMs = TIMEOUT_MS }: ClientOptions): MillraceClient {
  const client = createFetchClient<paths>({
    baseUrl,
    fetch: (request) => fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) }),
  });
  if (token !== undefined)
    client.use({
      onRequest: async ({ request }) => {
        request.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
      },
    });
  return client;
}

/** What a call was answered with. Throws ApiError when it was refused. */
export async function dataOf<Data>(call: Promise<CallResult<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(response, problemIn(error));
  // An answer without a body has no data, and its type says so.
  return data as Data;
}

/** The part of openapi-fetch's result that does not depend on the operation. */
export interface CallResult<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** What is no problem of ours came from something between us and the server. */
function problemIn(error: unknown): Problem | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
    ? (error as Problem)
    : undefined;
}
