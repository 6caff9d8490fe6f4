import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { tryParseId, type EmailTemplateId, type WorkspaceId } from '#libs/kernel';
import { after, pageOf, type Page } from '../platform/http/page.ts';
import { pageOfVersions, versionOfCursor } from '../platform/http/versions.ts';
import { TemplateDirectory } from '../workflows/template-directory.ts';
import type {
  ListTemplatesQuery,
  TemplateSummaryView,
  TemplateVersionSummaryView,
  TemplateView,
} from './email-templates.dto.ts';
import { StoredTemplate, StoredTemplateVersion } from './email-templates.entities.ts';
import {
  summaryViewOf,
  templateNotFound,
  templateViewOf,
  versionNotFound,
  versionSummaryViewOf,
} from './template-view.ts';

export interface AskedTemplate {
  readonly workspaceId: WorkspaceId;
  readonly id: EmailTemplateId;
}

@Injectable()
export class ReadTemplates implements TemplateDirectory {
  constructor(private readonly em: EntityManager) {}

  async get(asked: AskedTemplate): Promise<TemplateView> {
    const row = await this.#find(asked);
    return templateViewOf(row, await this.#version(row, row.latestVersion));
  }

  /** Newest first. */
  async list(workspaceId: WorkspaceId, { limit, cursor }: ListTemplatesQuery): Promise<Page<TemplateSummaryView>> {
    const rows = await this.em
      .fork()
      .find(
        StoredTemplate,
        { workspaceId, ...after(cursor, 'id') },
        { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1 },
      );
    return pageOf(rows.map(summaryViewOf), limit, (view) => view);
  }

  /** Newest first. */
  async versions(
    asked: AskedTemplate,
    { limit, cursor }: ListTemplatesQuery,
  ): Promise<Page<TemplateVersionSummaryView>> {
    const { id: templateId } = await this.#find(asked);
    const older = cursor === undefined ? {} : { version: { $lt: versionOfCursor(cursor) } };
    const rows = await this.em
      .fork()
      .find(
        StoredTemplateVersion,
        { templateId, ...older },
        { orderBy: { version: 'desc' }, limit: limit + 1, exclude: ['written', 'compiled'] },
      );
    return pageOfVersions(rows.map(versionSummaryViewOf), limit);
  }

  /** Without a version: the latest. */
  async version(asked: AskedTemplate, version?: number): Promise<StoredTemplateVersion> {
    const row = await this.#find(asked);
    return this.#version(row, version ?? row.latestVersion);
  }

  async latestVersions(workspaceId: WorkspaceId, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const wanted = ids.map((id) => tryParseId('emailTemplate', id)).filter((id) => id !== undefined);
    const rows = await this.em.fork().find(StoredTemplate, { workspaceId, id: { $in: wanted } });
    return new Map(rows.map(({ id, latestVersion }) => [id, latestVersion]));
  }

  async #find({ workspaceId, id }: AskedTemplate): Promise<StoredTemplate> {
    const row = await this.em.fork().findOne(StoredTemplate, { workspaceId, id });
    if (!row) throw templateNotFound(id);
    return row;
  }

  async #version({ id, latestVersion }: StoredTemplate, version: number): Promise<StoredTemplateVersion> {
    if (version > latestVersion) throw versionNotFound(version);
    const row = await this.em.fork().findOne(StoredTemplateVersion, { templateId: id, version });
    // Somebody deleted it between the two.
    if (!row) throw templateNotFound(id);
    return row;
  }
}
