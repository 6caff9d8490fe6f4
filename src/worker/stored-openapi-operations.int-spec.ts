import { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../test/support/servers.ts';
import type { OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import { operationIn, PET_STORE } from '#libs/openapi-documents/testing';
import {
  openapiDocumentsEntities,
  StoredDocument,
  StoredDocumentVersion,
  type AboutDocument,
} from '../openapi-documents/openapi-documents.entities.ts';
import { storeOperations } from '../openapi-documents/store-operations.ts';
import { StoredOpenApiOperations } from './stored-openapi-operations.ts';

const workspaceId = 'ws_1' as WorkspaceId;
const documentId = 'oad_1' as OpenApiDocumentId;
const NAMED = { workspaceId, documentId, version: 1, operationId: 'listPets' };
const OPERATION = operationIn(PET_STORE, 'listPets');

describe('operations of OpenAPI documents in Postgres', () => {
  let database: TestDatabase;
  let orm: MikroORM;
  let em: EntityManager;
  let operations: StoredOpenApiOperations;
  let queries: string[] = [];

  beforeAll(async () => {
    database = await createMigratedDatabase();
    orm = await MikroORM.init({
      ...{ clientUrl: database.url, entities: openapiDocumentsEntities, colors: false, debug: ['query'] },
      logger: (message) => queries.push(message),
    });
    em = orm.em.fork();
    await em.execute(
      `insert into workspaces (id, name, created_at) values ('ws_1', 'One', now()), ('ws_2', 'Two', now())`,
    );
    const createdAt = new Date();
    await em.insert(StoredDocument, {
      ...{ id: documentId, workspaceId, name: 'x', latestVersion: 1, createdAt, updatedAt: createdAt },
    });
    await em.insert(StoredDocumentVersion, {
      ...{ documentId, version: 1, name: 'x', about: {} as AboutDocument, digest: 'x' },
      ...{ source: Buffer.alloc(0), storedBytes: 0, createdAt },
    });
    const { operationId, method, path, deprecated, tags } = OPERATION;
    await storeOperations(em, { documentId, version: 1 }, [
      { operationId, method, path, deprecated, tags, json: JSON.stringify(OPERATION) },
    ]);
  });
  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    operations = new StoredOpenApiOperations(orm.em);
    queries = [];
  });

  it('are read once, however many ask at once', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => operations.find(NAMED)));
    expect(first).toEqual(OPERATION);
    expect([...others, await operations.find(NAMED)].every((one) => one === first)).toBe(true);
    expect(queries).toHaveLength(2);
  });

  it('are not there in other workspaces, versions and documents, nor under what is no id', async () => {
    for (const other of [
      { ...NAMED, workspaceId: 'ws_2' },
      { ...NAMED, version: 2 },
      { ...NAMED, documentId: 'oad_2' },
      { ...NAMED, documentId: "' or 1" },
      { ...NAMED, operationId: 'nope' },
      { ...NAMED, operationId: 'list\0Pets' },
    ])
      expect(await operations.find(other)).toBeUndefined();
  });

  it('are unavailable while Postgres is', async () => {
    const clientUrl = 'postgres://nobody@127.0.0.1:1/none';
    const away = await MikroORM.init({ clientUrl, entities: openapiDocumentsEntities, colors: false });
    await expect(new StoredOpenApiOperations(away.em).find(NAMED)).rejects.toMatchObject({
      ...{ kind: 'unavailable', code: 'DATABASE_UNAVAILABLE' },
    });
    await away.close();
  });
});
