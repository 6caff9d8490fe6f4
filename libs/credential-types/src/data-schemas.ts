import { z } from 'zod';

// Messages say what is wrong and never repeat what was given: it is a secret.

const text = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((given) => !/[\p{Cc}\p{Cs}]/u.test(given), 'must not hold control characters');

export const basicData = z
  .strictObject({
    // RFC 7617: a colon ends the user name.
    username: text(0, 8_192).refine((given) => !given.includes(':'), 'must not hold a colon'),
    password: text(0, 8_192),
  })
  .meta({ description: 'Sent as `Authorization: Basic …`; either part may be empty.' });

export const bearerData = z
  .strictObject({
    token: z
      .string()
      .min(1)
      .max(16_384)
      .regex(/^[\x21-\x7e]*$/, 'must hold visible ASCII characters only, and no spaces'),
  })
  .meta({ description: 'Sent as `Authorization: Bearer …`.' });

export const headerData = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/, 'must be a header name'),
    value: z
      .string()
      .min(1)
      .max(16_384)
      .regex(/^[\x20-\x7e\x80-\xff]*$/, 'must hold only characters that a header may have'),
  })
  .meta({ description: 'Sent as a header of its own, e.g. `X-Api-Key`.' });

export const webhookSecretData = z
  .strictObject({
    secret: z.string().min(1).max(8_192),
    previousSecret: z
      .string()
      .min(1)
      .max(8_192)
      .optional()
      .meta({ description: 'Accepted beside `secret` while senders change over.' }),
  })
  .meta({ description: 'What senders of webhooks sign their calls with.' });

const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.:-]*$/, 'must be a host name or an address');
const port = z.int().min(1).max(65_535);
const ca = z.string().max(8_192).exactOptional().meta({
  description: 'PEM of the authority that signed the certificate of the server, where no well-known one did.',
});

export const imapData = z
  .strictObject({
    host,
    port,
    secure: z.boolean().meta({ description: 'TLS from the first byte; without it STARTTLS.' }),
    requireTls: z
      .boolean()
      .exactOptional()
      .meta({ description: 'False lets the password go in the clear where the server has no STARTTLS.' }),
    username: text(1, 1_000),
    password: text(1, 8_192),
    ca,
  })
  .meta({ description: 'A server that keeps mailboxes.' });

export const smtpData = z
  .strictObject({
    host,
    port,
    secure: z.boolean().meta({ description: 'TLS from the first byte; without it STARTTLS is used where offered.' }),
    username: text(1, 1_000).exactOptional(),
    password: text(1, 8_192).exactOptional(),
    requireTls: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Nothing is sent without STARTTLS. Default: when there is a username.' }),
    ca,
    maxConnections: z
      .int()
      .min(1)
      .max(50)
      .exactOptional()
      .meta({ description: 'Of one worker process at once; 5 unless given.' }),
    messagesPerConnection: z
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .meta({ description: 'Then another connection is made; 100 unless given.' }),
    ratePerSecond: z
      .number()
      .min(0.01)
      .max(10_000)
      .exactOptional()
      .meta({ description: 'Mails that one worker process sends in a second, evenly spaced.' }),
    returnPath: z.enum(['sender', 'millrace']).exactOptional().meta({
      description:
        'Where returned mail goes. `sender`, the default: to the address in From. `millrace`: to an address of the installation that names the mail (VERP), so that bounces are known by recipient; the server must let us send with it.',
    }),
    dkim: z
      .strictObject({
        domain: z.string().min(1).max(253),
        selector: z.string().min(1).max(63),
        privateKey: z.string().min(1).max(8_192),
      })
      .exactOptional()
      .meta({ description: 'An RSA key as PEM, with which mails are signed (RFC 6376).' }),
  })
  .meta({ description: 'A server that takes mail.' });

const endpoint = z.url({ protocol: /^https?$/ }).max(2_048);

/** Where a provider is that is not among those that are known. */
export const oauth2Endpoints = z.strictObject({
  authorizationEndpoint: endpoint.exactOptional(),
  tokenEndpoint: endpoint,
  revocationEndpoint: endpoint.exactOptional(),
  issuer: endpoint.exactOptional().meta({
    description: 'Answers must name it (RFC 9207), so that none of another provider is taken for one of this.',
  }),
  clientAuthentication: z.enum(['basic', 'post', 'none']).exactOptional(),
});

const scope = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]*$/, 'must be one scope, without spaces');

/** Where accounts are connected; `generic` stands for any other. */
export const OAUTH2_PROVIDERS = ['github', 'slack', 'google', 'microsoft', 'generic'] as const;

const oauth2Fields = z
  .strictObject({
    provider: z.enum(OAUTH2_PROVIDERS),
    grant: z.enum(['authorizationCode', 'clientCredentials']).default('authorizationCode').meta({
      description:
        '`authorizationCode`: a person connects it in a browser. `clientCredentials`: the client is the account.',
    }),
    clientId: text(1, 500),
    clientSecret: text(1, 2_000).exactOptional(),
    scopes: z.array(scope).max(100).default([]),
    endpoints: oauth2Endpoints.exactOptional().meta({ description: 'Of the provider `generic` alone.' }),
  })
  .meta({ description: 'A client at an OAuth 2 provider; its tokens are kept with it, and renewed.' });

export const oauth2Tokens = z.strictObject({
  accessToken: z.string().min(1).max(16_384),
  refreshToken: z.string().min(1).max(16_384).exactOptional(),
  /** When it was given; what was stored before does not say. */
  obtainedAt: z.iso.datetime().exactOptional(),
  /** An instant; absent when it does not expire. */
  expiresAt: z.iso.datetime().exactOptional(),
  scope: z.string().max(10_000).exactOptional(),
  tokenType: z.string().max(100),
});

export const oauth2Data = oauth2Fields
  .refine(({ provider, endpoints }) => provider !== 'generic' || endpoints !== undefined, {
    path: ['endpoints'],
    message: 'are needed for the provider generic',
  })
  .refine(({ provider, endpoints }) => provider === 'generic' || endpoints === undefined, {
    path: ['endpoints'],
    message: 'are for the provider generic alone',
  })
  .refine(
    ({ grant, endpoints }) =>
      grant !== 'authorizationCode' || endpoints?.authorizationEndpoint !== undefined || !endpoints,
    {
      path: ['endpoints', 'authorizationEndpoint'],
      message: 'is needed, since people connect the account there',
    },
  )
  .refine(({ grant, clientSecret }) => grant !== 'clientCredentials' || clientSecret !== undefined, {
    path: ['clientSecret'],
    message: 'is needed, since the client is the account',
  });

/** As it is stored: `tokens` are there once it was connected. Nodes get it without client secret and refresh token. */
export const oauth2Stored = oauth2Fields.extend({ tokens: oauth2Tokens.exactOptional() });
