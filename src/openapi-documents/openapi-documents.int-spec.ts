import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { stringify } from 'yaml';
import type { IdSource, OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import { OPENAPI_LIMITS } from '#libs/openapi-documents';
import { PET_STORE } from '#libs/openapi-documents/testing';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { WorkflowUsage, type UsingWorkflow } from '../read-models/workflow-usage.ts';
import type { DocumentView } from './openapi-documents.dto.ts';
import { StoredDocument } from './openapi-documents.entities.ts';
import { OpenApiDocumentsModule } from './openapi-documents.module.ts';
import { MAX_DOCUMENT_VERSIONS, MAX_DOCUMENTS } from './write-document.ts';
import { MAX_STORED_BYTES } from './write-refusals.ts';

const USED: UsingWorkflow[] = [];

@Injectable()
class UsageOfTheSpec extends WorkflowUsage {
  workflowsUsing = async (): Promise<UsingWorkflow[]> => USED;
}

const PATH = '/v1/openapi-documents';
const SMALL = { openapi: '3.0.3', info: { title: 'Small', version: '1' }, paths: { '/a': { get: {} } } };

describe('OpenAPI documents', () => {
  let app: TestApp;
  let owner: { token: string; workspaceId: WorkspaceId };
  let count = 0;

  beforeAll(async () => {
    app = await TestApp.start({ features: [OpenApiDocumentsModule.forRoot(UsageOfTheSpec)] });
  });
  beforeEach(async () => {
    USED.length = 0;
    owner = await register();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  async function register(): Promise<typeof owner> {
    const body = { email: `person${++count}@example.com`, password: 'correct horse battery' };
    const answer = await app.call('POST', '/v1/auth/register', { body });
    const { accessToken, workspace } = answer.body as { accessToken: string; workspace: { id: WorkspaceId } };
    return { token: accessToken, workspaceId: workspace.id };
  }
  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => app.call(method, url, { token: owner.token, headers, ...(body ? { body } : {}) });
  const create = async (body: object): Promise<DocumentView> => {
    const answer = await call('POST', PATH, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body as DocumentView;
  };
  const put = (id: string, body: object, version: number): Promise<Answer> =>
    call('PUT', `${PATH}/${id}`, body, { 'if-match': `"${version}"` });
  const told = ({ status, body }: Answer) => [status, (body as { code?: string }).code];
  const problemsOf = ({ body }: Answer) => (body as { errors: { path: string; message: string }[] }).errors;
  const idsOf = ({ body }: Answer) =>
    (body as { items: { operationId: string }[] }).items.map(({ operationId }) => operationId);
  const em = () => app.nest.get(EntityManager).fork();

  it('are created as version 1, and tell what is in them', async () => {
    const answer = await call('POST', PATH, { name: ' Pets ', document: PET_STORE });
    const view = answer.body as DocumentView;
    expect(answer).toMatchObject({ status: 201, headers: { etag: '"1"', location: `${PATH}/${view.id}` } });
    expect(view).toEqual({
      ...{ id: expect.stringMatching(/^oad_/) as string, name: 'Pets', version: 1, format: 'json', openapi: '3.1.0' },
      ...{ title: 'Pets', apiVersion: '2026-11', operationCount: 5 },
      servers: [
        { url: 'https://eu.pets.example.com/v1', description: null },
        { url: 'https://test.pets.example.com', description: 'For tries' },
      ],
      securitySchemes: expect.arrayContaining([
        { name: 'basic', type: 'http' },
        { name: 'login', type: 'oauth2' },
      ]) as unknown,
      ...{ createdAt: '2026-06-01T12:00:00.000Z', updatedAt: view.createdAt },
    });
    expect(await call('GET', `${PATH}/${view.id}`)).toMatchObject({
      status: 200,
      body: view,
      headers: { etag: '"1"' },
    });
    const known = await call('GET', `${PATH}/${view.id}`, undefined, { 'if-none-match': '"1"' });
    expect([known.status, known.body]).toEqual([304, '']);
    expect((await call('GET', PATH)).body).toMatchObject({ items: [{ id: view.id, name: 'Pets' }], nextCursor: null });
  });

  it('are texts of JSON or YAML as well', async () => {
    for (const [format, document] of [
      ['json', JSON.stringify(PET_STORE)] as const,
      ['yaml', stringify(PET_STORE)] as const,
    ])
      expect(await create({ name: format, document })).toMatchObject({ format, operationCount: 5 });
  });

  it('tell what is wrong with them, and nothing is fetched', async () => {
    const parameters = [{ $ref: 'https://example.com/parameters.json' }, { $ref: '#/nowhere' }];
    const document = { ...SMALL, paths: { '/a': { get: { parameters } } } };
    const answer = await call('POST', PATH, { name: 'x', document });
    expect(told(answer)).toEqual([422, 'INVALID_OPENAPI_DOCUMENT']);
    expect(problemsOf(answer)).toEqual([
      {
        path: 'document.paths["/a"].get.parameters[0].$ref',
        message: expect.stringContaining('nothing is fetched') as string,
      },
      { path: 'document.paths["/a"].get.parameters[1].$ref', message: 'leads nowhere: #/nowhere' },
    ]);
    expect(told(await call('POST', PATH, { name: 'x', document: 'openapi: [' }))).toEqual([
      422,
      'INVALID_OPENAPI_DOCUMENT',
    ]);
    expect(told(await call('POST', PATH, { name: 'x', document: 1 }))).toEqual([400, 'INVALID_REQUEST']);
  });

  it('may come in requests as large as 16 MiB, which others may not', async () => {
    const room =
      OPENAPI_LIMITS.documentBytes - JSON.stringify({ name: 'Large', document: { ...SMALL, 'x-a': '' } }).length;
    const document = { ...SMALL, 'x-a': 'x'.repeat(room) };
    const { id } = await create({ name: 'Large', document });
    const larger = { name: 'Large', document: { ...document, 'x-b': '' } };
    expect(told(await call('POST', PATH, larger))).toEqual([413, 'BODY_TOO_LARGE']);
    expect(told(await put(id, larger, 1))).toEqual([413, 'BODY_TOO_LARGE']);
    expect((await put(id, { name: 'Giant', document }, 1)).status).toBe(200);
    const login = { email: 'a@example.com', password: 'x'.repeat(3 * 1024 * 1024) };
    expect(told(await call('POST', '/v1/auth/login', login))).toEqual([413, 'BODY_TOO_LARGE']);
    const yaml = `openapi: 3.0.3\nx-a: ${'x'.repeat(OPENAPI_LIMITS.yamlBytes)}`;
    expect(told(await call('POST', PATH, { name: 'x', document: yaml }))).toEqual([422, 'OPENAPI_DOCUMENT_TOO_LARGE']);
  });

  it('have names that nobody else has in the workspace, and are one for one wish', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await call('POST', PATH, { name: 'A', document: SMALL }, headers);
    const again = await call('POST', PATH, { name: 'A', document: SMALL }, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const other = await create({ name: 'B', document: SMALL });
    expect(told(await call('POST', PATH, { name: 'A', document: SMALL }))).toEqual([
      409,
      'OPENAPI_DOCUMENT_NAME_TAKEN',
    ]);
    expect(told(await put(other.id, { name: 'A', document: SMALL }, 1))).toEqual([409, 'OPENAPI_DOCUMENT_NAME_TAKEN']);
  });

  it('get versions that never change, and none when nothing changed', async () => {
    const first = await create({ name: 'Pets', document: PET_STORE });
    app.clock.now += 60_000;
    const answer = await put(first.id, { name: 'Pets', document: SMALL }, 1);
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { version: 2, operationCount: 1 } });
    expect((await put(first.id, { name: 'Pets', document: SMALL }, 2)).headers.etag).toBe('"2"');
    const { updatedAt: _, id, ...written } = first;
    expect((await call('GET', `${PATH}/${id}/versions/1`)).body).toEqual(written);
    expect((await call('GET', `${PATH}/${id}/versions`)).body).toMatchObject({
      items: [{ version: 2 }, { version: 1 }],
    });
    expect(idsOf(await call('GET', `${PATH}/${id}/operations`))).toEqual(['get_a']);
    expect(idsOf(await call('GET', `${PATH}/${id}/operations?version=1`))).toHaveLength(5);
    for (const path of ['versions/3', 'operations?version=3', 'operations/get_a?version=3'])
      expect(told(await call('GET', `${PATH}/${id}/${path}`))).toEqual([404, 'OPENAPI_DOCUMENT_VERSION_NOT_FOUND']);
  });

  it('get versions of who knows the latest alone', async () => {
    const { id } = await create({ name: 'Pets', document: PET_STORE });
    const body = { name: 'Pets', document: SMALL };
    expect(told(await call('PUT', `${PATH}/${id}`, body))).toEqual([428, 'IF_MATCH_REQUIRED']);
    expect(told(await put(id, body, 2))).toEqual([412, 'OPENAPI_DOCUMENT_CHANGED']);
    const both = await Promise.all(['a', 'b'].map((name) => put(id, { ...body, name }, 1)));
    expect(both.map(told).toSorted()).toEqual([
      [200, undefined],
      [412, 'OPENAPI_DOCUMENT_CHANGED'],
    ]);
  });

  it('are so many, in so many versions and so many bytes, and no more', async () => {
    const { id } = await create({ name: 'Pets', document: PET_STORE });
    const ids = app.nest.get<IdSource>(ID_SOURCE);
    const now = new Date(app.clock.now);
    const rows = Array.from({ length: MAX_DOCUMENTS - 1 }, (_, index) => ({
      ...{ id: ids.newId('openapiDocument'), workspaceId: owner.workspaceId, name: `No. ${index}` },
      ...{ latestVersion: 1, createdAt: now, updatedAt: now },
    }));
    await em().insertMany(StoredDocument, rows);
    expect(told(await call('POST', PATH, { name: 'a', document: SMALL }))).toEqual([
      422,
      'OPENAPI_DOCUMENT_LIMIT_REACHED',
    ]);
    await em().execute('update openapi_document_versions set stored_bytes = ? where document_id = ?', [
      MAX_STORED_BYTES,
      id,
    ]);
    expect(told(await put(id, { name: 'Pets', document: SMALL }, 1))).toEqual([422, 'OPENAPI_DOCUMENT_LIMIT_REACHED']);
    const latestVersion = MAX_DOCUMENT_VERSIONS;
    await em().execute(
      `insert into openapi_document_versions select document_id, ?, name, about, digest, source, 0, created_at
       from openapi_document_versions where document_id = ?`,
      [latestVersion, id],
    );
    await em().nativeUpdate(StoredDocument, { id: id as OpenApiDocumentId }, { latestVersion });
    expect(told(await put(id, { name: 'Pets', document: SMALL }, latestVersion))).toEqual([
      422,
      'OPENAPI_DOCUMENT_VERSION_LIMIT_REACHED',
    ]);
  });

  describe('offer operations', () => {
    it('page by page in their order, by words and by tag', async () => {
      const { id } = await create({ name: 'Pets', document: PET_STORE });
      const first = await call('GET', `${PATH}/${id}/operations?limit=2`);
      expect(first.body).toMatchObject({
        items: [
          { operationId: 'listPets', method: 'GET', path: '/pets', summary: 'List the pets', tags: ['pets'] },
          { operationId: 'createPet', inputSchema: { type: 'object', required: ['body'], $defs: { Pet: {} } } },
        ],
        nextCursor: '2',
      });
      expect(idsOf(await call('GET', `${PATH}/${id}/operations?limit=2&cursor=2`))).toEqual([
        'get_pets_petId',
        'deletePet',
      ]);
      expect(idsOf(await call('GET', `${PATH}/${id}/operations?q=PHOTO`))).toEqual(['putPhoto']);
      expect(idsOf(await call('GET', `${PATH}/${id}/operations?q=list%20the`))).toEqual(['listPets']);
      expect(idsOf(await call('GET', `${PATH}/${id}/operations?q=%25`))).toEqual([]);
      expect(idsOf(await call('GET', `${PATH}/${id}/operations?tag=pets`))).toEqual(['listPets', 'createPet']);
      expect(told(await call('GET', `${PATH}/${id}/operations?cursor=x`))).toEqual([400, 'INVALID_CURSOR']);
    });

    it('by their ids, with what is needed to call them', async () => {
      const paths = {
        '/a b/{c}': { get: { operationId: "issues/list 'all'?", parameters: [{ name: 'c', in: 'path' }] } },
      };
      const { id } = await create({
        name: 'Pets',
        document: { ...PET_STORE, paths: { ...PET_STORE.paths, ...paths } },
      });
      const get = (operationId: string) => call('GET', `${PATH}/${id}/operations/${encodeURIComponent(operationId)}`);
      expect(await get('createPet')).toMatchObject({
        status: 200,
        body: {
          parameters: [{ key: 'X-Trace', name: 'X-Trace', in: 'header', required: false }],
          contentTypes: ['application/x-www-form-urlencoded', 'application/json'],
          security: [[{ name: 'key', type: 'apiKey' }], [{ name: 'login', type: 'oauth2' }]],
          credentialTypes: ['http.header', 'http.bearer', 'oauth2'],
          servers: ['https://eu.pets.example.com/v1', 'https://test.pets.example.com'],
          unchecked: [],
        },
      });
      expect((await get("issues/list 'all'?")).body).toMatchObject({ path: '/a b/{c}', summary: null });
      const missing = await get('listPet');
      expect(told(missing)).toEqual([404, 'OPENAPI_OPERATION_NOT_FOUND']);
      expect((missing.body as { detail: string }).detail).toMatch(/did you mean "listPets"\?$/);
    });
  });

  it('are deleted with their versions, unless an active workflow uses them', async () => {
    const { id } = await create({ name: 'Pets', document: PET_STORE });
    USED.push({ id: 'wf_1', name: 'Calls' });
    const refused = await call('DELETE', `${PATH}/${id}`);
    expect([...told(refused), problemsOf(refused)]).toEqual([
      ...[409, 'OPENAPI_DOCUMENT_IN_USE'],
      [{ path: 'wf_1', message: 'the active workflow "Calls" uses it' }],
    ]);
    USED.length = 0;
    expect((await call('DELETE', `${PATH}/${id}`)).status).toBe(204);
    expect(told(await call('DELETE', `${PATH}/${id}`))).toEqual([404, 'OPENAPI_DOCUMENT_NOT_FOUND']);
    expect(await em().execute('select from openapi_operations where document_id = ?', [id])).toEqual([]);
  });

  it('are of one workspace', async () => {
    const { id } = await create({ name: 'Pets', document: PET_STORE });
    owner = await register();
    const answers = [
      await put(id, { name: 'x', document: SMALL }, 1),
      await call('DELETE', `${PATH}/${id}`),
      ...(await Promise.all(
        ['', '/versions', '/versions/1', '/operations', '/operations/listPets'].map((path) =>
          call('GET', `${PATH}/${id}${path}`),
        ),
      )),
    ];
    expect(answers.map(told)).toEqual(answers.map(() => [404, 'OPENAPI_DOCUMENT_NOT_FOUND']));
  });
});
