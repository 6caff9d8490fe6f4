import { createHash } from 'node:crypto';
import type { Credential } from '#libs/credential-types';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { operationsIn, PET_STORE } from '#libs/openapi-documents/testing';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { checkedBy, refusedBy, runNode, type GivenAttempt } from '../testing/run-nodes.ts';
import { openApiRequestNode } from './openapi-request.ts';
import { InMemoryOpenApiOperations } from './testing/in-memory-openapi-operations.ts';

const NAMED = { documentId: 'oad_1', version: 1 };
const BEARER: Credential = { id: 'cr_1', type: 'http.bearer', data: { token: 'abc' }, allowedHosts: [] };
const keyNamed = (name: string, more: Partial<Credential> = {}): Credential =>
  ({ id: 'cr_1', type: 'http.header', data: { name, value: 'a b&c' }, allowedHosts: [], ...more }) as Credential;

describe('openapi.request', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  let server: TestServer;
  let answer: { readonly status: number; readonly body: string; readonly headers: Record<string, string> };
  let node: NodeType;

  beforeEach(async () => {
    answer = { status: 200, body: '{"id":7}', headers: { 'content-type': 'application/json' } };
    server = await startServer((_request, response) => {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    const security = [{ queryKey: [] }, { cookieKey: [] }];
    const paths = { ...PET_STORE.paths, '/keys': { get: { operationId: 'keys', security, parameters: COOKIE } } };
    const document = { ...PET_STORE, servers: [{ url: '/relative' }, { url: `${server.url}/v1/` }], paths };
    const openApiOperations = new InMemoryOpenApiOperations('oad_1', operationsIn(document));
    node = openApiRequestNode({ http, openApiOperations, clock: { nowMs: () => 0 }, version: '1.2.3' });
  });
  afterEach(() => server[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  const COOKIE = [{ name: 'seen', in: 'cookie', schema: { type: 'string' } }];
  const call = (operationId: string, config: JsonObject = {}, given: GivenAttempt = {}): Promise<JsonValue> =>
    runNode(node, { ...NAMED, operationId, ...config }, given);
  const withBearer = { credentials: [BEARER] };

  it('calls the operation, and gives what is answered', async () => {
    const parameters = { limit: 5, tags: ['a', 'b'], 'X-Trace': 't', seen: 'x' };
    const output = await call('listPets', { parameters, credentialId: 'cr_1' }, withBearer);
    expect(output).toMatchObject({
      ...{ status: 200, body: { id: 7 } },
      headers: { 'content-type': 'application/json' },
    });
    expect(server.requests).toEqual([
      expect.objectContaining({
        ...{ method: 'GET', path: '/v1/pets?limit=5&tags=a,b' },
        headers: expect.objectContaining({
          ...{ 'x-trace': 't', cookie: 'seen=x', authorization: 'Bearer abc' },
          ...{ 'user-agent': 'Millrace/1.2.3', 'idempotency-key': 'key-1', accept: '*/*' },
        }) as object,
      }),
    ]);
  });

  it('sends JSON, forms and files', async () => {
    const key = { credentials: [keyNamed('X-API-KEY')] };
    const body = { name: 'Mia' };
    await call('createPet', { body, credentialId: 'cr_1', idempotencyKey: false }, key);
    await call('createPet', { body, credentialId: 'cr_1', contentType: 'application/x-www-form-urlencoded' }, key);
    const content = Buffer.from('photo');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const file = { sha256, name: 'a.png', mediaType: 'image/png' };
    const given = { ...withBearer, files: [content] };
    await call(
      'putPhoto',
      { parameters: { petId: 1 }, body: { title: 'x', photo: file }, credentialId: 'cr_1' },
      given,
    );
    await call(
      'putPhoto',
      { parameters: { petId: 1 }, body: file, contentType: 'image/png', credentialId: 'cr_1' },
      given,
    );
    expect(server.requests.map(({ headers, body: sent }) => [headers['content-type'], sent])).toEqual([
      ['application/json', '{"name":"Mia"}'],
      ['application/x-www-form-urlencoded', 'name=Mia'],
      [
        expect.stringMatching(/^multipart\/form-data; boundary=/),
        expect.stringMatching(/filename="a.png"\r\n.*\r\n\r\nphoto\r\n/),
      ],
      ['image/png', 'photo'],
    ]);
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': 'a b&c' });
    expect(server.requests[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it('sends nothing that does not fit, and tells all of it', async () => {
    const parameters = { limit: 0, limt: 1, filter: { kind: 'cow' } };
    await expect(call('listPets', { parameters, server: 'ftp://a' }, withBearer)).rejects.toMatchObject({
      ...{ code: 'OPENAPI_INPUT_INVALID', options: { retryable: false } },
      message: expect.stringMatching(/^listPets can not be called so: .*, and 3 more$/) as string,
    });
    const error: unknown = await call('get_pets_petId', { parameters: { petId: 'x' } }).catch((one: unknown) => one);
    expect(error).toMatchObject({
      options: { details: { problems: [{ path: 'parameters.petId', message: 'must be integer' }] } },
    });
    await expect(
      call('deletePet', { parameters: { petId: '..' }, credentialId: 'cr_1' }, withBearer),
    ).rejects.toMatchObject({
      code: 'OPENAPI_INPUT_INVALID',
    });
    expect(server.requests).toEqual([]);
  });

  it('sends a key in the query or with the cookies, where the operation wants it', async () => {
    await call('keys', { credentialId: 'cr_1' }, { credentials: [keyNamed('key')] });
    await call('keys', { credentialId: 'cr_1', parameters: { seen: 'x' } }, { credentials: [keyNamed('session')] });
    expect(server.requests.map(({ path, headers }) => [path, headers.cookie])).toEqual([
      ['/v1/keys?key=a%20b%26c', undefined],
      ['/v1/keys', 'seen=x; session=a%20b%26c'],
    ]);
  });

  it.each(['key', 'session'])('sends no key to a host that it is not for: %s', async (name) => {
    const credentials = [keyNamed(name, { allowedHosts: ['pets.example.com'] })];
    await expect(call('keys', { credentialId: 'cr_1' }, { credentials })).rejects.toMatchObject({
      code: 'CREDENTIAL_HOST_NOT_ALLOWED',
    });
    await expect(call('keys', { credentialId: 'cr_1', server: server.url }, { credentials })).rejects.toMatchObject({
      code: 'CREDENTIAL_HOST_NOT_ALLOWED',
    });
    expect(server.requests).toEqual([]);
  });

  it.each<[string, JsonObject, string]>([
    [
      'createPet',
      { body: { name: 'a' } },
      'createPet takes http.header named "X-Api-Key" (key), http.bearer (login), oauth2 (login), and not a call without a credential',
    ],
    [
      'createPet',
      { body: { name: 'a' }, credentialId: 'cr_1' },
      'createPet takes http.header named "X-Api-Key" (key), http.bearer (login), oauth2 (login), and not http.header named "X-Other"',
    ],
    [
      'get_pets_petId',
      { parameters: { petId: 1 }, credentialId: 'cr_1' },
      'get_pets_petId takes none, and not http.header named "X-Other"',
    ],
  ])('sends nothing with a credential that does not fit: %s %j', async (operationId, config, message) => {
    await expect(call(operationId, config, { credentials: [keyNamed('X-Other')] })).rejects.toMatchObject({
      ...{ code: 'OPENAPI_CREDENTIAL_UNFIT', options: { retryable: false } },
      message: expect.stringContaining(message) as string,
    });
    expect(server.requests).toEqual([]);
  });

  it('fails as http.request does, or takes the status that is expected', async () => {
    answer = { status: 503, body: 'busy', headers: { 'retry-after': '3' } };
    const config = { parameters: { petId: 1 } };
    await expect(call('get_pets_petId', config)).rejects.toMatchObject({
      ...{ code: 'HTTP_STATUS', options: { retryable: true, retryAfterMs: 3_000, destination: 'failed' } },
    });
    expect(await call('get_pets_petId', { ...config, expect: [503], response: 'text' })).toMatchObject({
      ...{ status: 503, body: 'busy' },
    });
    await expect(call('get_pets_petId', { ...config, server: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'HTTP_CONNECT',
    });
  });

  it('says when the operation is not there', async () => {
    const others: readonly JsonObject[] = [{ operationId: 'nope' }, { version: 2 }, { documentId: 'oad_2' }];
    for (const config of others)
      await expect(call('listPets', config)).rejects.toMatchObject({ code: 'OPENAPI_OPERATION_NOT_FOUND' });
  });

  it('names its operation as it is, without expressions', () => {
    const config = {
      documentId: '{{ vars.a }}',
      version: '{{ 1 }}',
      operationId: '{{ vars.b }}',
      parameters: '{{ vars.c }}',
    };
    expect(checkedBy(node, config).map((one) => one.split(':')[0])).toEqual(['documentId', 'version', 'operationId']);
    expect(checkedBy(node, { ...NAMED, operationId: 'a', parameters: '{{ vars.c }}' })).toEqual([]);
    expect(
      refusedBy(node, { ...NAMED, version: 0, operationId: '', server: '', expect: [1], what: 1 }).toSorted(),
    ).toEqual(['', 'expect.0', 'operationId', 'server', 'version']);
  });

  it('calls a destination that is told by its server, or else by its document', () => {
    const destinationOf = (config: JsonObject): string | undefined =>
      node.runs === 'executor'
        ? node.destinationOf?.(node.configSchema.parse({ ...NAMED, operationId: 'a', ...config }))
        : undefined;
    expect(destinationOf({})).toBe('openapi:oad_1');
    expect(destinationOf({ credentialId: 'cr_1' })).toBe('cr_1@openapi:oad_1');
    expect(destinationOf({ credentialId: 'cr_1', server: 'https://a.example.com/v1' })).toBe('cr_1@a.example.com:443');
    expect(destinationOf({ server: 'nonsense' })).toBeUndefined();
  });
});
