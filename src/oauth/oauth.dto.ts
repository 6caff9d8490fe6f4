import { OAUTH2_PROVIDERS } from '#libs/credential-types';
import { z } from 'zod';

export const providerParam = z.enum(OAUTH2_PROVIDERS).meta({ description: 'As in the data of the credential.' });

export const authorizeQuery = z.strictObject({
  credentialId: z.string().min(1).max(100).meta({ description: 'Of type oauth2, with the grant authorizationCode.' }),
  returnTo: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .meta({
      description:
        'Where the browser is sent afterwards, with `credentialId` in the query: a path of this installation, or an ' +
        'address of one of the origins that may read the API. Default: a page that says that it is done.',
    }),
});
export type AuthorizeQuery = z.output<typeof authorizeQuery>;

export const authorizeView = z
  .object({
    url: z.url().meta({ description: 'To be opened in the browser of the person whose account it is. Works once.' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({
    id: 'ConnectionLink',
    description: 'The link by which a person connects an account.',
    examples: [
      {
        url: 'https://millrace.example/v1/oauth/start/7Hq0c5H3u4kq0f4r1Q2l0m8uWc9gqkXh2m0Zy8dQx1E',
        expiresAt: '2026-11-29T10:10:00.000Z',
      },
    ],
  });
export type AuthorizeView = z.output<typeof authorizeView>;

export const providerView = z
  .object({
    name: z.string(),
    title: z.string(),
    redirectUri: z.url().meta({ description: 'To be registered at the provider, exactly like this.' }),
  })
  .meta({
    id: 'OAuthProvider',
    description: 'Where accounts are connected.',
    examples: [{ name: 'github', title: 'GitHub', redirectUri: 'https://millrace.example/v1/oauth/callback' }],
  });
export type ProviderView = z.output<typeof providerView>;

/** Providers add what they like: it is looked at by what understands it. */
export const callbackQuery = z.object({
  state: z.string().max(4_096).optional(),
  code: z.string().max(4_096).optional(),
  iss: z.string().max(4_096).optional(),
  error: z.string().max(4_096).optional(),
  error_description: z.string().max(4_096).optional(),
});
export type CallbackQuery = z.output<typeof callbackQuery>;

export const connectedPage = z.string().meta({ id: 'ConnectedPage', description: 'A page for people.' });
