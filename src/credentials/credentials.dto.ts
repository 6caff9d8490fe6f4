import { z } from 'zod';
import {
  allowedHosts,
  basicData,
  bearerData,
  headerData,
  imapData,
  oauth2Data,
  smtpData,
  webhookSecretData,
} from '#libs/credential-types';
import { anyJsonObject } from '#libs/node-kit';
import { pageQuery } from '../platform/http/page.ts';
import { line } from '../platform/http/request-schema.ts';
import { CONNECTOR_TYPES, INSTALLED_TYPES } from './credential-registry.ts';

/** Of the data as JSON in UTF-8. */
export const MAX_DATA_BYTES = 16 * 1024;

const name = line(1, 100).meta({ description: 'For people; it need not be unique.', example: 'Payments API' });
const hosts = allowedHosts.meta({
  description:
    'Hosts that HTTP nodes may send it to: names or addresses, `*.example.com` for all below one; a port is no part. Empty for any.',
  example: ['api.example.com', '*.eu.example.com'],
});

const httpBody = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.strictObject({ name, type: z.literal(type), data, allowedHosts: hosts.default([]) });
const plainBody = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.strictObject({ name, type: z.literal(type), data });

export const createCredentialBody = z
  .discriminatedUnion('type', [
    httpBody('http.basic', basicData),
    httpBody('http.bearer', bearerData),
    httpBody('http.header', headerData),
    plainBody('webhook.secret', webhookSecretData),
    plainBody('smtp', smtpData),
    plainBody('imap', imapData),
    httpBody('oauth2', oauth2Data),
    ...[...CONNECTOR_TYPES.values()].map(({ type, data, bindsToHosts }) =>
      bindsToHosts ? httpBody(type, data) : plainBody(type, data),
    ),
  ])
  .refine(({ data }) => hasRoomFor(data), {
    path: ['data'],
    message: `must have at most ${MAX_DATA_BYTES} bytes as JSON`,
  })
  .meta({
    id: 'NewCredential',
    description: 'A secret for an outside system, with data as its type wants it.',
    examples: [
      {
        name: 'Payments API',
        type: 'http.bearer',
        data: { token: 'a-token-of-theirs' },
        allowedHosts: ['api.example.com'],
      },
    ],
  });
export type CreateCredentialBody = z.output<typeof createCredentialBody>;

export const changeCredentialBody = z
  .strictObject({
    name: name.optional(),
    data: z
      .union([basicData, bearerData, headerData, webhookSecretData, smtpData, imapData, oauth2Data])
      .or(anyJsonObject())
      .optional()
      .meta({ description: 'All of it, as the type of the credential wants it: what is left out is gone.' }),
    allowedHosts: hosts.optional(),
  })
  .meta({
    id: 'CredentialChange',
    description: 'What is left out stays as it is; the type always does.',
    examples: [{ data: { token: 'a-newer-token-of-theirs' } }],
  });
export type ChangeCredentialBody = z.output<typeof changeCredentialBody>;

export const listCredentialsQuery = z.strictObject(pageQuery);
export type ListCredentialsQuery = z.output<typeof listCredentialsQuery>;

const connectionView = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('notConnected') }),
    z.object({
      state: z.literal('connected'),
      at: z.iso.datetime().meta({ description: 'When its tokens were last given or renewed.' }),
      scope: z.string().nullable().meta({ description: 'As the provider said; null when it did not.' }),
      expiresAt: z.iso.datetime().nullable().meta({ description: 'Of the access token; null when it does not say.' }),
      renews: z.boolean().meta({ description: 'Whether new access tokens are had without a person.' }),
    }),
    z.object({
      state: z.literal('disconnected'),
      at: z.iso.datetime(),
      why: z.string().meta({ example: 'the provider gives no more access tokens: invalid_grant' }),
    }),
  ])
  .meta({
    id: 'Connection',
    description: 'To the account of a credential. While it is not connected, executions that need it wait.',
    examples: [
      {
        state: 'connected',
        at: '2026-11-29T10:00:00.000Z',
        scope: 'repo',
        expiresAt: '2026-11-29T18:00:00.000Z',
        renews: true,
      },
    ],
  });

export const credentialView = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum([...INSTALLED_TYPES.keys()]),
    allowedHosts: z.array(z.string()),
    connection: connectionView.optional().meta({
      description: 'Of type oauth2: whether the account is connected, by `GET /v1/oauth/{provider}/authorize`.',
    }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Credential',
    description: 'A credential without its data, which is never shown again.',
    examples: [
      {
        id: 'cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
        name: 'Payments API',
        type: 'http.bearer',
        allowedHosts: ['api.example.com'],
        createdAt: '2026-11-23T10:00:00.000Z',
        updatedAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type CredentialView = z.output<typeof credentialView>;

export const credentialCheckView = z
  .object({
    ok: z.boolean(),
    encrypted: z.boolean().optional().meta({ description: 'Of the connection, when it is ok.' }),
    code: z.string().optional().meta({ description: 'Why it is not, e.g. `SMTP_AUTH`.' }),
    message: z.string().optional(),
    checkedAt: z.iso.datetime(),
  })
  .meta({
    id: 'CredentialCheck',
    description: 'Whether the credential gets in: somebody connected, signed in and left.',
    examples: [
      {
        ok: false,
        code: 'SMTP_AUTH',
        message: 'the server does not accept username and password: 535 5.7.8 authentication failed',
        checkedAt: '2026-11-23T10:00:00.000Z',
      },
    ],
  });
export type CredentialCheckView = z.output<typeof credentialCheckView>;

export const createdCredentialView = credentialView
  .extend({
    check: credentialCheckView
      .optional()
      .meta({ description: 'There when a credential of this type can be tried. What is stored stays so either way.' }),
  })
  .meta({
    id: 'CreatedCredential',
    description: 'A credential that was just stored.',
    examples: [
      {
        id: 'cr_01k2x9q7nz0m4v8t3c6r5w1y2b3d4f5g6h7j',
        name: 'Mail',
        type: 'smtp',
        allowedHosts: [],
        createdAt: '2026-11-23T10:00:00.000Z',
        updatedAt: '2026-11-23T10:00:00.000Z',
        check: { ok: true, encrypted: true, checkedAt: '2026-11-23T10:00:00.000Z' },
      },
    ],
  });
export type CreatedCredentialView = z.output<typeof createdCredentialView>;

export const credentialTypeView = z
  .object({
    type: z.enum([...INSTALLED_TYPES.keys()]),
    title: z.string(),
    description: z.string(),
    bindsToHosts: z.boolean().meta({ description: 'Whether `allowedHosts` may be given.' }),
    dataSchema: anyJsonObject().meta({ description: 'JSON Schema (2020-12) of `data`.' }),
  })
  .meta({
    id: 'CredentialType',
    description: 'What a credential can be.',
    examples: [
      {
        type: 'http.bearer',
        title: 'HTTP bearer token',
        description: 'A token, sent in the header Authorization (RFC 6750).',
        bindsToHosts: true,
        dataSchema: {
          type: 'object',
          properties: { token: { type: 'string' } },
          required: ['token'],
          additionalProperties: false,
        },
      },
    ],
  });
export type CredentialTypeView = z.output<typeof credentialTypeView>;

export function hasRoomFor(data: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(data)) <= MAX_DATA_BYTES;
}
