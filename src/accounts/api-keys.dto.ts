import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';
import { line } from '../platform/http/request-schema.ts';
import { roleField } from './accounts.dto.ts';

/** Up to the last year that our instants can say. */
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((date) => date.getTime() <= Date.UTC(9999, 11, 31), 'must be before the end of the year 9999');

export const createApiKeyBody = z.strictObject({
  name: line(1, 100).meta({ description: '1 to 100 characters.', example: 'Deployments' }),
  role: roleField,
  expiresAt: instant.optional().meta({
    description: 'An instant in the future, with offset; without it, the key works until it is deleted.',
    example: '2099-01-01T00:00:00.000Z',
  }),
});
export type CreateApiKeyBody = z.output<typeof createApiKeyBody>;

export const listApiKeysQuery = z.strictObject(pageQuery);
export type ListApiKeysQuery = z.output<typeof listApiKeysQuery>;

const example = {
  id: 'key_01m85jgbmk',
  name: 'Deployments',
  role: 'editor',
  createdAt: '2026-06-01T12:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  createdBy: { type: 'user', id: 'usr_01m85jgbmk' },
};

export const apiKeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    role: roleField,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: 'To within a minute.' }),
    createdBy: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }),
  })
  .meta({ id: 'ApiKey', description: 'A key with which a program calls.', examples: [example] });
export type ApiKeyView = z.output<typeof apiKeyView>;

export const newApiKeyView = z
  .object({
    ...apiKeyView.shape,
    key: z.string().meta({ description: 'Shown this once; goes into `Authorization: Bearer`.' }),
  })
  .meta({
    id: 'NewApiKey',
    description: 'A key that was just made.',
    examples: [{ ...example, key: 'mrk_g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s' }],
  });
export type NewApiKeyView = z.output<typeof newApiKeyView>;
