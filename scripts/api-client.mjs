import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const ANSWER_WITHIN_MS = 90_000;

/** Why a call failed: the problem that the server answered, with its status. */
export class ApiError extends Error {
  name = 'ApiError';

  constructor(call, status, problem) {
    super(`${call} was answered ${status} ${problem.code ?? ''}: ${problem.detail ?? JSON.stringify(problem)}`);
    this.status = status;
    this.code = problem.code;
  }
}

/** Talks to a running Millrace as one user, in a fresh workspace. */
export class ApiClient {
  #baseUrl;

  constructor(baseUrl, accessToken) {
    this.#baseUrl = baseUrl;
    this.accessToken = accessToken;
  }

  /** Registers a new account, and is logged in as it. */
  static async register(baseUrl) {
    const account = {
      email: `try-${randomBytes(6).toString('hex')}@example.com`,
      password: randomBytes(18).toString('base64'),
    };
    const { body } = await new ApiClient(baseUrl).post('/v1/auth/register', { ...account, name: 'Ada Example' });
    return Object.assign(new ApiClient(baseUrl, body.accessToken), { account });
  }

  /** The JSON body. Throws ApiError, or the network's error. */
  async get(path) {
    return (await this.#call('GET', path)).body;
  }

  /** Status and JSON body. */
  post(path, body, headers = {}) {
    return this.#call('POST', path, body, headers);
  }

  /** Creates a workflow, activates it, and gives it with the URL of its webhook when it has one. */
  async createActiveWorkflow(definition) {
    const { body: workflow } = await this.post('/v1/workflows', definition);
    await this.post(`/v1/workflows/${workflow.id}/activate`);
    const { items } = await this.get(`/v1/workflows/${workflow.id}/webhooks`);
    return { ...workflow, hookUrl: items[0]?.url };
  }

  async #call(method, path, body, headers = {}) {
    const response = await fetch(this.#baseUrl + path, {
      method,
      headers: {
        ...(this.accessToken && { authorization: `Bearer ${this.accessToken}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const answer = text === '' ? {} : parseAnswer(text);
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, answer);
    return { status: response.status, body: answer };
  }
}

/** What is not JSON does not come from Millrace; it is shown as it is. */
function parseAnswer(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { code: 'NOT_JSON', detail: text.slice(0, 200) };
  }
}

/**
 * `examples/big-orders.json`, with the action posting to another place.
 * @param {string} notifyUrl
 */
export async function bigOrdersPostingTo(notifyUrl) {
  const definition = JSON.parse(await readFile(new URL('../examples/big-orders.json', import.meta.url), 'utf8'));
  const nodes = definition.nodes.map((node) =>
    node.id === 'notify' ? { ...node, config: { ...node.config, url: notifyUrl } } : node,
  );
  return { ...definition, nodes };
}
