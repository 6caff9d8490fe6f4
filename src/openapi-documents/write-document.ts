import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';
import { CLOCK } from '../platform/tokens.ts';
import { documentNotFound, documentSummary, documentViewOf } from './document-view.ts';
import type { DocumentView, WriteDocumentBody } from './openapi-documents.dto.ts';
import { StoredDocument, StoredDocumentVersion } from './openapi-documents.entities.ts';
import { digestOf, readSource, textOf, type ReadSource } from './read-source.ts';
import { storeOperations } from './store-operations.ts';
import { changed, ensureRoom, limitReached, nameTaken, versionLimitReached } from './write-refusals.ts';

export const MAX_DOCUMENTS = 50;
export const MAX_DOCUMENT_VERSIONS = 200;

interface Asked {
  readonly workspaceId: WorkspaceId;
  readonly id: OpenApiDocumentId;
}

/** A version before it is stored. */
interface NextVersion extends Omit<ReadSource, 'operations'> {
  readonly row: StoredDocumentVersion;
  readonly operations: ReadSource['operations'];
}

@Injectable()
export class WriteDocument {
  constructor(
    private readonly em: EntityManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Under an id that is there already, because the same request came before, nothing is stored. Throws
   * `INVALID_OPENAPI_DOCUMENT`, `OPENAPI_DOCUMENT_TOO_LARGE`, `OPENAPI_DOCUMENT_NAME_TAKEN`, `OPENAPI_DOCUMENT_LIMIT_REACHED`,
   * `OPENAPI_DOCUMENTS_BUSY`.
   */
  async create({ workspaceId, id }: Asked, body: WriteDocumentBody): Promise<DocumentView> {
    const first = await this.#versionOf(id, 1, body);
    const { name, createdAt } = first.row;
    const row = { id, workspaceId, name, latestVersion: 1, createdAt, updatedAt: createdAt };
    const view = await this.em.transactional(async (em) => {
      await lockWorkspace(em, workspaceId);
      const before = await em.findOne(StoredDocument, { workspaceId, id });
      if (before) return documentViewOf(before, await latestOf(em, before));
      if ((await em.count(StoredDocument, { workspaceId })) >= MAX_DOCUMENTS) throw limitReached(MAX_DOCUMENTS);
      await ensureNameIsFree(em, { workspaceId, id }, name);
      await em.insert(StoredDocument, row);
      await storeVersion(em, workspaceId, first);
      return documentViewOf(row, first.row);
    });
    noteChange({ target: id, after: documentSummary(view) });
    return view;
  }

  /**
   * None becomes of what is the same as the latest version. Throws what `create` does, `OPENAPI_DOCUMENT_CHANGED` and
   * `OPENAPI_DOCUMENT_VERSION_LIMIT_REACHED`.
   */
  async publish(asked: Asked, expectedVersion: number, body: WriteDocumentBody): Promise<DocumentView> {
    const em = this.em.fork();
    const before = ensureLatest(await em.findOne(StoredDocument, { ...asked }), asked.id, expectedVersion);
    const latest = await latestOf(em, before);
    // Before it is read, which takes a while and others wait for.
    if (latest.name === body.name && latest.digest === digestOf(textOf(body))) return documentViewOf(before, latest);
    if (expectedVersion >= MAX_DOCUMENT_VERSIONS) throw versionLimitReached(MAX_DOCUMENT_VERSIONS);
    const next = await this.#versionOf(asked.id, expectedVersion + 1, body);
    const view = await this.em.transactional((transaction) => publishNext(transaction, asked, next));
    noteChange({
      before: documentSummary({ name: latest.name, version: latest.version }),
      after: documentSummary(view),
    });
    return view;
  }

  async #versionOf(documentId: OpenApiDocumentId, version: number, body: WriteDocumentBody): Promise<NextVersion> {
    const text = textOf(body);
    const { operations, ...read } = await readSource(text);
    const createdAt = new Date(this.clock.nowMs());
    const row = { documentId, version, name: body.name, digest: digestOf(text), ...read, createdAt };
    return { row, operations, ...read };
  }
}

async function storeVersion(
  em: EntityManager,
  workspaceId: WorkspaceId,
  { row, operations }: NextVersion,
): Promise<void> {
  await ensureRoom(em, workspaceId, row.storedBytes);
  await em.insert(StoredDocumentVersion, row);
  await storeOperations(em, row, operations);
}

/** Whoever publishes at the same time waits at the lock, and finds another latest version then. */
async function publishNext(em: EntityManager, asked: Asked, next: NextVersion): Promise<DocumentView> {
  await lockWorkspace(em, asked.workspaceId);
  const locked = await em.findOne(StoredDocument, { ...asked }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const { createdAt } = ensureLatest(locked, asked.id, next.row.version - 1);
  await ensureNameIsFree(em, asked, next.row.name);
  const { name, version, createdAt: updatedAt } = next.row;
  await em.nativeUpdate(StoredDocument, { ...asked }, { name, latestVersion: version, updatedAt });
  await storeVersion(em, asked.workspaceId, next);
  return documentViewOf({ id: asked.id, createdAt }, next.row);
}

function ensureLatest(row: StoredDocument | null, id: OpenApiDocumentId, expectedVersion: number): StoredDocument {
  if (!row) throw documentNotFound(id);
  if (row.latestVersion === expectedVersion) return row;
  throw changed(row.latestVersion);
}

async function latestOf(em: EntityManager, { id, latestVersion }: StoredDocument): Promise<StoredDocumentVersion> {
  const where = { documentId: id, version: latestVersion };
  const found = await em.findOne(StoredDocumentVersion, where, { exclude: ['source'] });
  // Somebody deleted it between the two.
  if (!found) throw documentNotFound(id);
  return found as StoredDocumentVersion;
}

async function ensureNameIsFree(em: EntityManager, { workspaceId, id }: Asked, name: string): Promise<void> {
  const other = await em.findOne(StoredDocument, { workspaceId, name, id: { $ne: id } }, { fields: ['id'] });
  if (other) throw nameTaken(other.id);
}
