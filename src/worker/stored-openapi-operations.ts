import { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import { MillraceError, tryParseId, type OpenApiDocumentId, type WorkspaceId } from '#libs/kernel';
import type { NamedOperation, OpenApiOperations } from '#libs/nodes';
import type { Operation } from '#libs/openapi-documents';
import { StoredDocument, StoredOperation } from '../openapi-documents/openapi-documents.entities.ts';
import { isAway } from '../platform/away.ts';

const MAX_OPERATIONS = 500;
/** Characters of JSON, all together. */
const MAX_SIZE = 16 * 1024 * 1024;

/** Operations in Postgres. One of a version never changes, so it is read once and kept while there is room. */
export class StoredOpenApiOperations implements OpenApiOperations {
  readonly #operations = new LRUCache<string, Promise<Operation | undefined>>({
    max: MAX_OPERATIONS,
    maxSize: MAX_SIZE,
  });

  constructor(private readonly em: EntityManager) {}

  async find({ workspaceId, documentId, version, operationId }: NamedOperation): Promise<Operation | undefined> {
    // What is not shaped like an id (Postgres would refuse some of it) names nothing, and no id of an operation has NUL.
    const id = tryParseId('openapiDocument', documentId);
    if (!id || operationId.includes('\0')) return undefined;
    try {
      return await this.#shared({ workspaceId: workspaceId as WorkspaceId, id, version, operationId });
    } catch (error) {
      throw isAway(error) ? documentsAway(error) : error;
    }
  }

  /** Who ask at once share one read. What is not there, or could not be read, is asked for again. */
  #shared(asked: Asked): Promise<Operation | undefined> {
    const key = JSON.stringify(asked);
    const known = this.#operations.get(key);
    if (known) return known;
    const reading = this.#read(asked);
    this.#operations.set(key, reading, { size: 1 });
    const settle = (found?: Operation): void => {
      if (this.#operations.peek(key) !== reading) return;
      if (found) this.#operations.set(key, reading, { size: JSON.stringify(found).length });
      else this.#operations.delete(key);
    };
    reading.then(settle, () => settle());
    return reading;
  }

  async #read({ workspaceId, id, version, operationId }: Asked): Promise<Operation | undefined> {
    const em = this.em.fork();
    if (!(await em.findOne(StoredDocument, { workspaceId, id }))) return undefined;
    const row = await em.findOne(StoredOperation, { documentId: id, version, operationId });
    return row?.operation;
  }
}

interface Asked {
  readonly workspaceId: WorkspaceId;
  readonly id: OpenApiDocumentId;
  readonly version: number;
  readonly operationId: string;
}

function documentsAway(cause: unknown): MillraceError {
  const message = 'the OpenAPI document can not be read now; the database is away';
  return new MillraceError('unavailable', 'DATABASE_UNAVAILABLE', message, { cause });
}
