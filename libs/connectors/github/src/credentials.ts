import {
  defineCredentialType,
  oauth2Stored,
  type CredentialTypeDefinition,
  type DefinedCredential,
} from '#libs/credential-types';
import { z } from 'zod';

export const GITHUB_API = 'https://api.github.com';

// Messages say what is wrong and never repeat what was given: it is a secret.

const apiUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => !/[?#@\s]/.test(text), 'must hold no user, query or fragment')
  .transform((text) => text.replace(/\/+$/, ''))
  .exactOptional()
  .meta({
    title: 'API URL',
    description: 'Of a GitHub Enterprise Server: `https://HOST/api/v3`. Default: GitHub itself.',
    examples: ['https://github.example.com/api/v3'],
  });

export const githubToken = defineCredentialType({
  type: 'github.token',
  title: 'GitHub token',
  description: 'A personal access token of GitHub, fine-grained or classic.',
  data: z.strictObject({
    token: z
      .string()
      .min(1)
      .max(1_000)
      .regex(/^[\x21-\x7e]*$/, 'must hold visible ASCII characters only, and no spaces')
      .meta({
        title: 'Token',
        description: 'As GitHub shows it once, when it is made.',
        examples: ['github_pat_11AAAA'],
      }),
    apiUrl,
  }),
  example: { token: 'github_pat_11AAAA' },
  bindsToHosts: true,
  secretsOf: ({ token }) => [token],
});

/** As environments write it: in one line, with `\n` for its line breaks. */
function withLineBreaks(pem: string): string {
  return pem.replaceAll('\\n', '\n').replaceAll('\r\n', '\n').trim();
}

const PEM = /^-----BEGIN (RSA )?PRIVATE KEY-----\n[A-Za-z0-9+/=\s]+\n-----END (RSA )?PRIVATE KEY-----$/;
const EXAMPLE_KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----';

export const githubApp = defineCredentialType({
  type: 'github.app',
  title: 'GitHub App',
  description: 'An installation of a GitHub App: what it does is done by the app.',
  data: z.strictObject({
    appId: z
      .union([z.int().positive().transform(String), z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be an id')])
      .meta({
        title: 'App',
        description: 'The App ID or the client ID, on the page of the app.',
        examples: ['123456', 'Iv23liAAAA'],
      }),
    installationId: z
      .union([z.int().positive().transform(String), z.string().regex(/^[0-9]{1,18}$/, 'must be a number')])
      .meta({
        title: 'Installation',
        description: 'The number at the end of the URL of the installation.',
        examples: ['4567890'],
      }),
    privateKey: z
      .string()
      .min(1)
      .max(16_384)
      .transform(withLineBreaks)
      .refine((pem) => PEM.test(pem), 'must be an RSA key as PEM, without a passphrase')
      .meta({
        title: 'Private key',
        description: 'The file that GitHub gave, PKCS#1 or PKCS#8; `\\n` may stand for its line breaks.',
        examples: [EXAMPLE_KEY],
      }),
    apiUrl,
  }),
  example: {
    appId: '123456',
    installationId: '4567890',
    privateKey: EXAMPLE_KEY,
  },
  bindsToHosts: true,
  secretsOf: ({ privateKey }) => [privateKey, privateKey.replaceAll('\n', '\\n')],
});

/** The built-in type, so that all three are asked for in one way. */
const oauth2Account = defineCredentialType({
  type: 'oauth2',
  title: 'OAuth 2',
  description: 'An account that people connect in their browser.',
  data: oauth2Stored,
  example: { provider: 'github', grant: 'authorizationCode', clientId: 'Iv23liAAAA', scopes: ['repo'] },
  bindsToHosts: true,
  secretsOf: ({ clientSecret, tokens }) =>
    [clientSecret, tokens?.accessToken, tokens?.refreshToken].filter((secret) => secret !== undefined),
});

/** What nodes take as `credentialId`. */
export const GITHUB_CREDENTIALS = [githubToken, githubApp, oauth2Account] as const;
export type GitHubCredential = DefinedCredential<(typeof GITHUB_CREDENTIALS)[number]>;
export type AppCredential = DefinedCredential<typeof githubApp>;

/** Those that only this connector has. */
export const OWN_CREDENTIALS: readonly CredentialTypeDefinition[] = [githubToken, githubApp];
