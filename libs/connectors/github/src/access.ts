import { isOfHost } from '#libs/connector-kit';
import type { Credential } from '#libs/credential-types';
import { NodeError } from '#libs/node-kit';
import { GITHUB_API, type AppCredential, type GitHubCredential } from './credentials.ts';

/** How calls with a credential say from whom they are, and where they may go. */
export interface Access {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly mayBeSentTo: (host: string) => boolean;
  token(): Promise<string>;
  /** Another one, as this was refused; undefined when there is no other. */
  renewed(refused: string): Promise<string | undefined>;
}

export interface AccessParts {
  /** As `AttemptContext.renewed`. */
  readonly renewed: (credential: Credential<'oauth2'>) => Promise<Credential<'oauth2'>>;
  readonly tokenOfApp: (app: AppCredential, access: Pick<Access, 'apiUrl' | 'mayBeSentTo'>) => Promise<string>;
  readonly forgetTokenOfApp: (app: AppCredential, refused: string) => void;
}

/** Throws NodeError when the credential is for another service, or nobody has connected it. */
export function accessOf(credential: GitHubCredential, parts: AccessParts): Access {
  const apiUrl = apiUrlOf(credential);
  const at = { apiUrl, mayBeSentTo: isOfHost([new URL(apiUrl).hostname], credential.allowedHosts) };
  switch (credential.type) {
    case 'github.token':
      return { ...at, token: async () => credential.data.token, renewed: async () => undefined };
    case 'github.app':
      return {
        ...at,
        token: () => parts.tokenOfApp(credential, at),
        renewed: (refused) => {
          parts.forgetTokenOfApp(credential, refused);
          return parts.tokenOfApp(credential, at);
        },
      };
    case 'oauth2':
      return {
        ...at,
        token: async () => accessTokenOf(credential),
        renewed: async () => accessTokenOf(await parts.renewed(credential)),
      };
  }
}

function apiUrlOf(credential: GitHubCredential): string {
  if (credential.type !== 'oauth2') return credential.data.apiUrl ?? GITHUB_API;
  const { provider, endpoints } = credential.data;
  if (provider === 'github') return GITHUB_API;
  // An Enterprise Server signs people in and has its API on one host.
  if (provider === 'generic' && endpoints) return `${new URL(endpoints.tokenEndpoint).origin}/api/v3`;
  const message = `the credential ${credential.id} is an account at ${provider}, and not at GitHub`;
  throw new NodeError('CREDENTIAL_WRONG_TYPE', message, { retryable: false });
}

function accessTokenOf({ id, data }: Pick<Credential<'oauth2'>, 'id' | 'data'>): string {
  if (data.tokens) return data.tokens.accessToken;
  const message = `nobody has connected the credential ${id} yet`;
  throw new NodeError('CREDENTIAL_NOT_CONNECTED', message, { retryable: false });
}
