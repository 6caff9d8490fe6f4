import { PET_STORE } from '#libs/openapi-documents/testing';
import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';

const PATH = '/v1/openapi-documents';
const NEW_WORKFLOW = {
  name: 'Made by an execution',
  nodes: [{ id: 'start', type: 'trigger.manual', config: {} }],
  connections: [],
};

describe('openapi.request', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace({});
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const told = ({ status, body }: Reply) => [status, (body as { code?: string }).code];
  const stored = async (document: object): Promise<string> => {
    const { status, body } = await api.send('POST', PATH, { json: { name: 'Document', document } });
    expect([status, status === 201 ? [] : body]).toEqual([201, []]);
    return (body as { id: string }).id;
  };
  const credential = async (type: string, data: object): Promise<string> => {
    const { body } = await api.send('POST', '/v1/credentials', { json: { type, name: type, data } });
    return (body as { id: string }).id;
  };
  const graphOf = (config: object) => manualGraph({ call: { type: 'openapi.request', config } }, ['start>call']);
  const started = async (config: object, input: unknown): Promise<Execution> => {
    const workflowId = await api.create(graphOf(config));
    const { status, body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input } });
    expect(status).toBe(202);
    return api.ended((body as { executionId: string }).executionId);
  };
  const ofCall = ({ nodes }: Execution) => nodes.find(({ nodeId }) => nodeId === 'call');

  it('creates a workflow by the document of Millrace itself', async () => {
    const { text } = await api.send('GET', '/openapi.json');
    const documentId = await stored(JSON.parse(text) as object);
    const { body: key } = await api.send('POST', '/v1/api-keys', { json: { name: 'Own', role: 'editor' } });
    const credentialId = await credential('http.bearer', { token: (key as { key: string }).key });
    const operations = await api.send('GET', `${PATH}/${documentId}/operations?q=workflowsCreate`);
    expect(operations.body).toMatchObject({ items: [{ operationId: 'workflowsCreate', path: '/v1/workflows' }] });
    const config = { documentId, version: 1, operationId: 'workflowsCreate', server: millrace.url, credentialId };
    const made = await started({ ...config, body: '{{ trigger.body }}' }, NEW_WORKFLOW);
    expect(ofCall(made)?.output).toMatchObject({ status: 201, body: { name: NEW_WORKFLOW.name } });
    const { id } = (ofCall(made)?.output as { body: { id: string } }).body;
    expect((await api.send('GET', `/v1/workflows/${id}`)).body).toMatchObject({ id, name: NEW_WORKFLOW.name });
    const refused = await started({ ...config, body: '{{ trigger.body }}' }, { ...NEW_WORKFLOW, nodes: 1 });
    expect(ofCall(refused)?.error).toMatchObject({
      code: 'OPENAPI_INPUT_INVALID',
      details: { problems: [{ path: 'body.nodes' }] },
    });
  });

  it('calls a server that the document describes, and none of its secrets shows', async () => {
    await using sink = await Sink.start((call) => ({
      status: 200,
      body: JSON.stringify({ at: call.path }),
      headers: { 'content-type': 'application/json' },
    }));
    const paths = { '/keys': { get: { operationId: 'keys', security: [{ queryKey: [] }] } } };
    const documentId = await stored({ ...PET_STORE, servers: [{ url: `${sink.url}/v1` }], paths });
    const credentialId = await credential('http.header', { name: 'key', value: 'canary-3f9a' });
    const execution = await started({ documentId, version: 1, operationId: 'keys', credentialId }, null);
    expect(sink.calls.map(({ path }) => path)).toEqual(['/v1/keys?key=canary-3f9a']);
    expect(execution.status).toBe('succeeded');
    expect(JSON.stringify([execution, await api.events(execution.id)])).not.toContain('canary-3f9a');
    const smtp = await credential('smtp', { host: '127.0.0.1', port: 25, secure: false });
    const unfit = await started({ documentId, version: 1, operationId: 'keys', credentialId: smtp }, null);
    expect(ofCall(unfit)?.error).toMatchObject({ code: 'OPENAPI_CREDENTIAL_UNFIT' });
  });

  it('is refused at publish where it can not work', async () => {
    const documentId = await stored(PET_STORE);
    const config = { documentId, version: 1, operationId: 'get_pets_petId', parameters: { petId: 1 } };
    const problemsOf = async (changes: object): Promise<string[]> => {
      const answer = await api.send('POST', '/v1/workflows', { json: graphOf({ ...config, ...changes }) });
      expect(told(answer)).toEqual([422, 'INVALID_WORKFLOW']);
      const { errors } = answer.body as { errors: { path: string; message: string }[] };
      return errors.map(({ path, message }) => `${path.replace(/^nodes\[\d\]\.config\./, '')}: ${message}`);
    };
    expect(await problemsOf({ operationId: 'get_pets_petID_' })).toEqual([
      'operationId: is no operation of this OpenAPI document; did you mean "get_pets_petId"?',
    ]);
    expect(await problemsOf({ version: 2 })).toEqual(['version: the OpenAPI document has versions 1 to 1']);
    expect(await problemsOf({ parameters: { petId: 'x', petid: 1 } })).toEqual([
      'parameters.petid: is no parameter of get_pets_petId; did you mean "petId"?',
      'parameters.petId: must be integer',
    ]);
    expect(await problemsOf({ operationId: '{{ vars.which }}' })).toEqual([
      'operationId: must be written as it is; an expression is not evaluated here',
    ]);
    const mine = api;
    api = await Api.register(millrace.url);
    expect(await problemsOf({})).toEqual([`documentId: there is no OpenAPI document "${documentId}"`]);
    api = mine;
    await api.create(graphOf(config));
  });

  it('keeps the document of an active workflow', async () => {
    const documentId = await stored(PET_STORE);
    const config = { documentId, version: 1, operationId: 'get_pets_petId', parameters: { petId: 1 } };
    const workflowId = await api.create(graphOf(config));
    expect((await api.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(200);
    expect(told(await api.send('DELETE', `${PATH}/${documentId}`))).toEqual([409, 'OPENAPI_DOCUMENT_IN_USE']);
    expect((await api.send('POST', `/v1/workflows/${workflowId}/deactivate`)).status).toBe(200);
    expect((await api.send('DELETE', `${PATH}/${documentId}`)).status).toBe(204);
    expect(told(await api.send('POST', `/v1/workflows/${workflowId}/activate`))).toEqual([422, 'INVALID_WORKFLOW']);
  });
});
