import { z } from 'zod';
import {
  basicData,
  bearerData,
  headerData,
  imapData,
  oauth2Data,
  oauth2Stored,
  smtpData,
  webhookSecretData,
} from './data-schemas.ts';

/** A credential's type with the data that belongs to it; parses both together. */
export const typedData = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('http.basic'), data: basicData }),
  z.strictObject({ type: z.literal('http.bearer'), data: bearerData }),
  z.strictObject({ type: z.literal('http.header'), data: headerData }),
  z.strictObject({ type: z.literal('webhook.secret'), data: webhookSecretData }),
  z.strictObject({ type: z.literal('smtp'), data: smtpData }),
  z.strictObject({ type: z.literal('imap'), data: imapData }),
  z.strictObject({ type: z.literal('oauth2'), data: oauth2Stored }),
]);
export type TypedData = z.output<typeof typedData>;
export type CredentialType = TypedData['type'];

/** A credential as a node gets it, at the moment it runs. */
export type Credential<Type extends CredentialType = CredentialType> = Extract<TypedData, { type: Type }> & {
  readonly id: string;
  /** Hosts that it may be sent to; empty for any. */
  readonly allowedHosts: readonly string[];
};

export interface CredentialTypeInfo {
  readonly title: string;
  readonly description: string;
  readonly data: z.ZodType;
  /** Whether `allowedHosts` may bind it: only what HTTP nodes send has hosts. */
  readonly bindsToHosts: boolean;
}

export const CREDENTIAL_TYPES: Readonly<Record<CredentialType, CredentialTypeInfo>> = {
  'http.basic': {
    title: 'HTTP basic',
    description: 'A user name and a password, sent in the header Authorization (RFC 7617).',
    data: basicData,
    bindsToHosts: true,
  },
  'http.bearer': {
    title: 'HTTP bearer token',
    description: 'A token, sent in the header Authorization (RFC 6750).',
    data: bearerData,
    bindsToHosts: true,
  },
  'http.header': {
    title: 'HTTP header',
    description: 'A secret that is sent in a header of its own.',
    data: headerData,
    bindsToHosts: true,
  },
  'webhook.secret': {
    title: 'Webhook secret',
    description: 'What the sender of a webhook signs its calls with; two at a time, so that it can be changed.',
    data: webhookSecretData,
    bindsToHosts: false,
  },
  smtp: {
    title: 'SMTP',
    description: 'A server that takes mail, and how to log in to it.',
    data: smtpData,
    bindsToHosts: false,
  },
  imap: {
    title: 'IMAP',
    description: 'A server that keeps mailboxes, and how to log in to it.',
    data: imapData,
    bindsToHosts: false,
  },
  oauth2: {
    title: 'OAuth 2',
    description:
      'An account at a service that people connect in their browser, or a client that is one itself (RFC 6749).',
    data: oauth2Data,
    bindsToHosts: true,
  },
};

export const CREDENTIAL_TYPE_NAMES = Object.keys(CREDENTIAL_TYPES) as [CredentialType, ...CredentialType[]];
