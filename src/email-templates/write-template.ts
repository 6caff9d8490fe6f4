import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type EmailTemplateId, type WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';
import { CLOCK } from '../platform/tokens.ts';
import type { TemplateView, WriteTemplateBody } from './email-templates.dto.ts';
import { StoredTemplate, StoredTemplateVersion } from './email-templates.entities.ts';
import { compiledOf } from './make-mails.ts';
import { sourceOf, templateNotFound, templateSummary, templateViewOf } from './template-view.ts';

export const MAX_TEMPLATES = 200;
export const MAX_TEMPLATE_VERSIONS = 1_000;

interface Asked {
  readonly workspaceId: WorkspaceId;
  readonly id: EmailTemplateId;
}

@Injectable()
export class WriteTemplate {
  constructor(
    private readonly em: EntityManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Under an id that is there already, because the same request came before, nothing is stored. Throws
   * `INVALID_EMAIL_TEMPLATE`, `EMAIL_TEMPLATE_NAME_TAKEN`, `EMAIL_TEMPLATE_LIMIT_REACHED`.
   */
  async create({ workspaceId, id }: Asked, body: WriteTemplateBody): Promise<TemplateView> {
    const first = await this.#versionOf(id, 1, body);
    const { name, createdAt } = first;
    const row = { id, workspaceId, name, latestVersion: 1, createdAt, updatedAt: createdAt };
    const view = await this.em.transactional(async (em) => {
      await lockWorkspace(em, workspaceId);
      const before = await em.findOne(StoredTemplate, { workspaceId, id });
      if (before) return templateViewOf(before, await latestOf(em, before));
      if ((await em.count(StoredTemplate, { workspaceId })) >= MAX_TEMPLATES) throw limitReached();
      await ensureNameIsFree(em, { workspaceId, id }, name);
      await em.insert(StoredTemplate, row);
      await em.insert(StoredTemplateVersion, first);
      return templateViewOf(row, first);
    });
    noteChange({ target: id, after: templateSummary(view) });
    return view;
  }

  /**
   * None becomes of what is the same as the latest version. Throws `EMAIL_TEMPLATE_CHANGED`, `INVALID_EMAIL_TEMPLATE`,
   * `EMAIL_TEMPLATE_NAME_TAKEN`, `EMAIL_TEMPLATE_VERSION_LIMIT_REACHED`.
   */
  async publish(asked: Asked, expectedVersion: number, body: WriteTemplateBody): Promise<TemplateView> {
    const em = this.em.fork();
    const before = ensureLatest(await em.findOne(StoredTemplate, { ...asked }), asked.id, expectedVersion);
    const latest = await latestOf(em, before);
    // Before it is compiled, which takes a while and others wait for.
    if (isSame(latest, body)) return templateViewOf(before, latest);
    if (expectedVersion >= MAX_TEMPLATE_VERSIONS) throw versionLimitReached();
    const next = await this.#versionOf(asked.id, expectedVersion + 1, body);
    const view = await this.em.transactional((transaction) => publishNext(transaction, asked, next));
    noteChange({
      before: templateSummary({ name: latest.name, version: latest.version }),
      after: templateSummary(view),
    });
    return view;
  }

  async #versionOf(
    templateId: EmailTemplateId,
    version: number,
    { name, ...given }: WriteTemplateBody,
  ): Promise<StoredTemplateVersion> {
    const written = sourceOf(given);
    const compiled = await compiledOf(written);
    return { templateId, version, name, written, compiled, createdAt: new Date(this.clock.nowMs()) };
  }
}

/** Whoever publishes at the same time waits at the lock, and finds another latest version then. */
async function publishNext(em: EntityManager, asked: Asked, next: StoredTemplateVersion): Promise<TemplateView> {
  await lockWorkspace(em, asked.workspaceId);
  const locked = await em.findOne(StoredTemplate, { ...asked }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const { createdAt } = ensureLatest(locked, asked.id, next.version - 1);
  await ensureNameIsFree(em, asked, next.name);
  const changed = { name: next.name, latestVersion: next.version, updatedAt: next.createdAt };
  await em.nativeUpdate(StoredTemplate, { ...asked }, changed);
  await em.insert(StoredTemplateVersion, next);
  return templateViewOf({ ...changed, id: asked.id, createdAt }, next);
}

function ensureLatest(row: StoredTemplate | null, id: EmailTemplateId, expectedVersion: number): StoredTemplate {
  if (!row) throw templateNotFound(id);
  if (row.latestVersion === expectedVersion) return row;
  const message = `the latest version is ${row.latestVersion}; read it, and make your change again`;
  throw new MillraceError('stale', 'EMAIL_TEMPLATE_CHANGED', message);
}

async function latestOf(em: EntityManager, { id, latestVersion }: StoredTemplate): Promise<StoredTemplateVersion> {
  const found = await em.findOne(StoredTemplateVersion, { templateId: id, version: latestVersion });
  // Somebody deleted it between the two.
  if (!found) throw templateNotFound(id);
  return found;
}

function isSame({ name, written }: StoredTemplateVersion, { name: newName, ...given }: WriteTemplateBody): boolean {
  const other = sourceOf(given);
  const isSameSource = written.format === other.format && written.source === other.source;
  return name === newName && isSameSource && written.subject === other.subject && written.text === other.text;
}

async function ensureNameIsFree(em: EntityManager, { workspaceId, id }: Asked, name: string): Promise<void> {
  const other = await em.findOne(StoredTemplate, { workspaceId, name, id: { $ne: id } }, { fields: ['id'] });
  if (!other) return;
  const message = `the email template ${other.id} of this workspace has this name`;
  throw new MillraceError('conflict', 'EMAIL_TEMPLATE_NAME_TAKEN', message, {
    problems: [{ path: 'name', message: 'is taken' }],
  });
}

function limitReached(): MillraceError {
  const message = `a workspace has at most ${MAX_TEMPLATES} email templates; delete one that nothing uses any more`;
  return new MillraceError('refused', 'EMAIL_TEMPLATE_LIMIT_REACHED', message);
}

function versionLimitReached(): MillraceError {
  const message = `an email template has at most ${MAX_TEMPLATE_VERSIONS} versions; create another template`;
  return new MillraceError('refused', 'EMAIL_TEMPLATE_VERSION_LIMIT_REACHED', message);
}
