import { Client } from 'pg';
import { startOidcProvider, walkAuthorization, type OidcServer } from '#libs/oauth/testing';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { Api, type Execution } from './api.ts';
import { manualGraph } from './big-orders.ts';
import { startMillrace, type LocalMillrace } from './installation.ts';
import { until } from './until.ts';

export interface Problem {
  readonly code: string;
}
interface Connection {
  readonly state: string;
  readonly why?: string;
}

/** An installation with a provider and a service that takes the provider's tokens, anew for each test; to be called in a `describe`. */
export function oauthStory() {
  let millrace: LocalMillrace;
  let api: Api;
  let oidc: OidcServer;
  /** Takes access tokens that the provider calls good. */
  let service: TestServer;
  let redirectUri: string;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
    redirectUri = `${millrace.url}/v1/oauth/callback`;
  }, 60_000);
  beforeEach(async () => {
    oidc = await startOidcProvider({ redirectUris: [redirectUri] });
    service = await startServer((request, response) => {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      void oidc.isActive(token).then((active) => response.writeHead(active ? 200 : 401).end());
    });
  });
  afterEach(async () => {
    await service[Symbol.asyncDispose]();
    await oidc[Symbol.asyncDispose]();
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const endpointsOf = ({
    provider: { authorizationEndpoint, tokenEndpoint, revocationEndpoint, issuer },
  }: OidcServer) => ({
    ...{ authorizationEndpoint, tokenEndpoint, revocationEndpoint, issuer },
  });
  const dataOf = (server: OidcServer) => ({
    provider: 'generic',
    ...server.client,
    scopes: ['read', 'write'],
    endpoints: endpointsOf(server),
  });
  const store = async (data: object = dataOf(oidc)): Promise<string> => {
    const reply = await api.send('POST', '/v1/credentials', { json: { name: 'Account', type: 'oauth2', data } });
    expect(reply.status).toBe(201);
    return (reply.body as { id: string }).id;
  };
  const workspaceOf = async (): Promise<string> => {
    const { body } = await api.send('GET', '/v1/me');
    return (body as { workspace: { id: string } }).workspace.id;
  };
  const connectionOf = async (id: string): Promise<Connection> => {
    const { body } = await api.send('GET', `/v1/credentials/${id}`);
    return (body as { connection: Connection }).connection;
  };
  const pathOf = (credentialId: string, returnTo?: string): string => {
    const query = new URLSearchParams({ credentialId, ...(returnTo === undefined ? {} : { returnTo }) });
    return `/v1/oauth/generic/authorize?${query.toString()}`;
  };
  /** A browser that begins: where it is sent, and its cookie. */
  const begin = async (credentialId: string, returnTo?: string): Promise<{ location: string; cookie: string }> => {
    const answer = await fetch(`${millrace.url}${pathOf(credentialId, returnTo)}`, {
      redirect: 'manual',
      headers: api.authorization,
    });
    expect(answer.status).toBe(302);
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    return { location: answer.headers.get('location') ?? '', cookie };
  };
  const callBack = (url: URL, cookie?: string): Promise<Response> =>
    fetch(url, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
  const connect = async (id: string): Promise<void> => {
    const { location, cookie } = await begin(id);
    expect((await callBack(await walkAuthorization(location), cookie)).status).toBe(200);
  };
  /** A token that is refused within a minute after it was given is not replaced: so it was given earlier. */
  const age = async (id: string): Promise<void> => {
    const client = new Client(millrace.databaseUrl);
    await client.connect();
    await client.query(
      `update credentials set connection = jsonb_set(connection::jsonb, '{at}', '"2026-11-01T00:00:00.000Z"') where id = $1`,
      [id],
    );
    await client.end();
  };
  const problemOf = async (answer: Response): Promise<[number, string]> => [
    answer.status,
    ((await answer.json()) as Problem).code,
  ];
  const calling = (credentialId: string, retry?: object) =>
    manualGraph(
      {
        call: {
          type: 'http.request',
          config: { method: 'GET', url: service.url, credentialId },
          ...(retry ? { retry } : {}),
        },
      },
      ['start>call'],
    );
  const started = async (definition: object): Promise<string> => {
    const id = await api.create(definition);
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    return (body as { executionId: string }).executionId;
  };
  const read = async (id: string): Promise<Execution> =>
    (await api.send('GET', `/v1/executions/${id}`)).body as Execution;
  const ended = (id: string): Promise<Execution> =>
    until(`${id} is over`, async () => {
      const execution = await read(id);
      return ['succeeded', 'failed'].includes(execution.status) ? execution : undefined;
    });

  return {
    get millrace() {
      return millrace;
    },
    get api() {
      return api;
    },
    get oidc() {
      return oidc;
    },
    get service() {
      return service;
    },
    get redirectUri() {
      return redirectUri;
    },
    ...{
      store,
      connectionOf,
      workspaceOf,
      pathOf,
      begin,
      callBack,
      connect,
      age,
      problemOf,
      calling,
      started,
      read,
      ended,
      dataOf,
    },
  };
}
