import type { TemplateSource } from '#libs/email-templates';
import { MillraceError, type JsonObject } from '#libs/kernel';
import type {
  TemplateSummaryView,
  TemplateVersionSummaryView,
  TemplateVersionView,
  TemplateView,
  WriteTemplateBody,
} from './email-templates.dto.ts';
import type { StoredTemplate, StoredTemplateVersion } from './email-templates.entities.ts';

type Template = Pick<StoredTemplate, 'id' | 'name' | 'latestVersion' | 'createdAt' | 'updatedAt'>;
type Version = Pick<StoredTemplateVersion, 'version' | 'name' | 'createdAt' | 'written' | 'compiled'>;

export function summaryViewOf({ id, name, latestVersion, createdAt, updatedAt }: Template): TemplateSummaryView {
  return { id, name, version: latestVersion, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

/** `latest` is the latest version of the template. */
export function templateViewOf({ id, createdAt }: Template, latest: Version): TemplateView {
  const { createdAt: updatedAt, ...shown } = versionViewOf(latest);
  return { id, ...shown, createdAt: createdAt.toISOString(), updatedAt };
}

export function versionSummaryViewOf({
  version,
  name,
  createdAt,
}: Pick<Version, 'version' | 'name' | 'createdAt'>): TemplateVersionSummaryView {
  return { version, name, createdAt: createdAt.toISOString() };
}

export function versionViewOf(row: Version): TemplateVersionView {
  const { subject, format, source, text = null } = row.written;
  return { ...versionSummaryViewOf(row), subject, format, source, text, variables: row.compiled.variables };
}

/** What is compiled and stored of what somebody sent. */
export function sourceOf({ subject, format, source, text }: Omit<WriteTemplateBody, 'name'>): TemplateSource {
  return { subject, format, source, ...(typeof text === 'string' ? { text } : {}) };
}

/** For the audit. */
export function templateSummary({ name, version }: Pick<TemplateView, 'name' | 'version'>): JsonObject {
  return { name, version };
}

export function templateNotFound(id: string): MillraceError {
  return new MillraceError('notFound', 'EMAIL_TEMPLATE_NOT_FOUND', `there is no email template ${id}`);
}

export function versionNotFound(version: number): MillraceError {
  const message = `the email template has no version ${version}`;
  return new MillraceError('notFound', 'EMAIL_TEMPLATE_VERSION_NOT_FOUND', message);
}
