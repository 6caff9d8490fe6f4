import { defineEntity, p } from '@mikro-orm/core';
import type { CompiledTemplate, TemplateSource } from '#libs/email-templates';
import type { EmailTemplateId, WorkspaceId } from '#libs/kernel';

const StoredTemplateSchema = defineEntity({
  name: 'StoredTemplate',
  tableName: 'email_templates',
  properties: {
    id: p.string().$type<EmailTemplateId>().primary(),
    workspaceId: p.string().$type<WorkspaceId>(),
    /** Of the latest version; unique in the workspace. */
    name: p.string(),
    latestVersion: p.integer(),
    createdAt: p.datetime(),
    /** When the latest version was written. */
    updatedAt: p.datetime(),
  },
});
export class StoredTemplate extends StoredTemplateSchema.class {}
StoredTemplateSchema.setClass(StoredTemplate);

/** Never changes. */
const StoredTemplateVersionSchema = defineEntity({
  name: 'StoredTemplateVersion',
  tableName: 'email_template_versions',
  properties: {
    templateId: p.string().$type<EmailTemplateId>().primary(),
    version: p.integer().primary(),
    name: p.string(),
    written: p.json().$type<TemplateSource>().columnType('json'),
    compiled: p.json().$type<CompiledTemplate>().columnType('json'),
    createdAt: p.datetime(),
  },
});
export class StoredTemplateVersion extends StoredTemplateVersionSchema.class {}
StoredTemplateVersionSchema.setClass(StoredTemplateVersion);

export const emailTemplatesEntities = [StoredTemplate, StoredTemplateVersion];
