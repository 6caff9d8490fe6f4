import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { invalid, NOT_FOUND, type FakeAnswer, type FakeCall, type Stored } from './fake-repository.ts';

/** The hooks of a repository or an organisation. As at GitHub, nobody gets to see their secrets. */
export class FakeHooks {
  readonly hooks: Stored[] = [];
  #lastId = 0;

  answer({ method, path, body }: FakeCall): FakeAnswer {
    const id = /^\/hooks\/(\d+)$/.exec(path)?.[1];
    if (id !== undefined) return this.#atHook(method, id, body);
    if (path !== '/hooks') return NOT_FOUND;
    return method === 'POST' ? this.#made(body) : { status: 200, items: this.hooks.map(withoutSecret) };
  }

  #made(body: JsonObject): FakeAnswer {
    const url = urlOf(body);
    if (this.hooks.some((hook) => urlOf(hook) === url)) return invalid('Hook', 'url', 'already_exists');
    const hook = { id: ++this.#lastId, ...body };
    this.hooks.push(hook);
    return { status: 201, body: withoutSecret(hook) };
  }

  #atHook(method: string, id: string, body: JsonObject): FakeAnswer {
    const hook = this.hooks.find((one) => one.id === Number(id));
    if (!hook) return NOT_FOUND;
    if (method === 'DELETE') {
      this.hooks.splice(this.hooks.indexOf(hook), 1);
      return { status: 204 };
    }
    if (method === 'PATCH') Object.assign(hook, body);
    return { status: 200, body: withoutSecret(hook) };
  }
}

function urlOf({ config }: JsonObject): JsonValue | undefined {
  return isJsonObject(config) ? config.url : undefined;
}

function withoutSecret(hook: JsonObject): JsonObject {
  const config = isJsonObject(hook.config) ? { ...hook.config, secret: '********' } : {};
  return { ...hook, config };
}
