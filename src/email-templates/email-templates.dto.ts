import { z } from 'zod';
import { TEMPLATE_LIMITS } from '#libs/email-templates';
import { anyJsonObject } from '#libs/node-kit';
import { pageQuery } from '../platform/http/page.ts';
import { line } from '../platform/http/request-schema.ts';
import { MAX_VERSION } from '../platform/http/versions.ts';

const format = z.enum(['mjml', 'html']);
const variables = z
  .array(z.string())
  .readonly()
  .meta({ description: 'What it takes from the data.', example: ['customer.name', 'order.url'] });
const version = z.int().min(1).meta({ description: 'From 1, without gaps.' });

const EXAMPLE_SOURCE = {
  subject: 'Order {{ order.no }}',
  format: 'mjml' as const,
  source:
    '<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ customer.name }}</mj-text></mj-column></mj-section></mj-body></mjml>',
};
const EXAMPLE_VARIABLES = ['customer.name', 'order.no'];
const EXAMPLE_DATA = { customer: { name: 'Ann & Ben' }, order: { no: 7 } };
const EXAMPLE_SUMMARY = {
  id: 'tpl_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
  name: 'Order is on its way',
  version: 1,
  createdAt: '2026-11-29T10:00:00.000Z',
  updatedAt: '2026-11-29T10:00:00.000Z',
};

/** A template as somebody writes it. */
const sourceFields = {
  subject: z
    .string()
    .max(TEMPLATE_LIMITS.subjectLength)
    .meta({ description: 'Liquid, in one line.', example: EXAMPLE_SOURCE.subject }),
  format: format.meta({ description: 'What `source` is; Liquid may stand in both.' }),
  source: z
    .string()
    .max(TEMPLATE_LIMITS.sourceBytes)
    .meta({ description: 'At most 256 KiB.', example: EXAMPLE_SOURCE.source }),
  text: z
    .string()
    .max(TEMPLATE_LIMITS.sourceBytes)
    .nullish()
    .meta({ description: 'Liquid. Without, the text part is made from the HTML of each mail.' }),
};

export const writeTemplateBody = z
  .strictObject({
    name: line(1, 100).meta({ description: 'Unique in the workspace.', example: EXAMPLE_SUMMARY.name }),
    ...sourceFields,
  })
  .meta({
    id: 'WrittenEmailTemplate',
    description: 'All of an email template.',
    examples: [{ name: EXAMPLE_SUMMARY.name, ...EXAMPLE_SOURCE }],
  });
export type WriteTemplateBody = z.output<typeof writeTemplateBody>;

export const listTemplatesQuery = z.strictObject(pageQuery);
export type ListTemplatesQuery = z.output<typeof listTemplatesQuery>;

const previewFields = {
  data: anyJsonObject().meta({ description: 'As `email.send` is given it.', example: EXAMPLE_DATA }),
  missing: z
    .enum(['refuse', 'empty'])
    .default('empty')
    .meta({ description: 'What happens to variables that the data does not have.' }),
};

export const previewTemplateBody = z
  .strictObject({
    ...previewFields,
    version: z.int().min(1).max(MAX_VERSION).optional().meta({ description: 'Default: the latest.' }),
  })
  .meta({
    id: 'EmailTemplatePreviewRequest',
    description: 'What a mail is made with.',
    examples: [{ data: EXAMPLE_DATA }],
  });
export type PreviewTemplateBody = z.output<typeof previewTemplateBody>;

export const previewSourceBody = z.strictObject({ ...sourceFields, ...previewFields }).meta({
  id: 'EmailTemplateSourcePreviewRequest',
  description: 'A template that is not stored, and what a mail is made with.',
  examples: [{ ...EXAMPLE_SOURCE, data: EXAMPLE_DATA }],
});
export type PreviewSourceBody = z.output<typeof previewSourceBody>;

const summaryFields = {
  id: z.string(),
  name: z.string(),
  version: version.meta({ description: 'The latest one.' }),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime().meta({ description: 'When the latest version was written.' }),
};

export const templateSummaryView = z.object(summaryFields).meta({
  id: 'EmailTemplateSummary',
  description: 'An email template without its source.',
  examples: [EXAMPLE_SUMMARY],
});
export type TemplateSummaryView = z.output<typeof templateSummaryView>;

const writtenFields = {
  subject: z.string(),
  format,
  source: z.string(),
  text: z.string().nullable(),
  variables,
};
const EXAMPLE_WRITTEN = { ...EXAMPLE_SOURCE, text: null, variables: EXAMPLE_VARIABLES };

export const templateView = z.object({ ...summaryFields, ...writtenFields }).meta({
  id: 'EmailTemplate',
  description: 'An email template at its latest version.',
  examples: [{ ...EXAMPLE_SUMMARY, ...EXAMPLE_WRITTEN }],
});
export type TemplateView = z.output<typeof templateView>;

const versionFields = { version, name: z.string(), createdAt: z.iso.datetime() };
const EXAMPLE_VERSION = { version: 1, name: EXAMPLE_SUMMARY.name, createdAt: EXAMPLE_SUMMARY.createdAt };

export const templateVersionSummaryView = z.object(versionFields).meta({
  id: 'EmailTemplateVersionSummary',
  description: 'A version of an email template, without its source.',
  examples: [EXAMPLE_VERSION],
});
export type TemplateVersionSummaryView = z.output<typeof templateVersionSummaryView>;

export const templateVersionView = z.object({ ...versionFields, ...writtenFields }).meta({
  id: 'EmailTemplateVersion',
  description: 'A version of an email template. It never changes.',
  examples: [{ ...EXAMPLE_VERSION, ...EXAMPLE_WRITTEN }],
});
export type TemplateVersionView = z.output<typeof templateVersionView>;

export const previewView = z
  .object({
    subject: z.string(),
    html: z.string(),
    text: z.string(),
    missing: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Variables that the data does not have. Nothing stands in their place.' }),
    version: version.nullable().meta({ description: 'That was rendered; null for a source that is not stored.' }),
  })
  .meta({
    id: 'EmailTemplatePreview',
    description: 'A mail as it would be sent.',
    examples: [
      {
        subject: 'Order 7',
        html: '<!doctype html>…Dear Ann &amp; Ben…',
        text: 'Dear Ann & Ben',
        missing: [],
        version: 1,
      },
    ],
  });
export type PreviewView = z.output<typeof previewView>;
