import { isOfHost } from '#libs/connector-kit';
import { defineCredentialType, type Credential } from '#libs/credential-types';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { z } from 'zod';

const SLACK_API = 'https://slack.com/api/';

export const slackToken = defineCredentialType({
  type: 'slack.token',
  title: 'Slack token',
  description: 'A token of a Slack app that is installed in one workspace.',
  data: z
    .strictObject({
      token: z
        .string()
        .max(1_000)
        .regex(/^xox[\x21-\x7e]+$/, 'must be a token of Slack, which begins with xox')
        .meta({
          title: 'Token',
          description: 'Bot User OAuth Token (xoxb-…) or User OAuth Token (xoxp-…) of the app.',
          examples: ['xoxb-1234-example'],
        }),
      apiUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_048)
        .exactOptional()
        .meta({
          title: 'URL of the API',
          description: 'Where methods are called; default https://slack.com/api/. GovSlack has one of its own.',
          examples: ['https://slack-gov.com/api/'],
        }),
    })
    .meta({ description: 'Sent as `Authorization: Bearer …`, to the host of the API alone.' }),
  example: { token: 'xoxb-1234-example' },
  bindsToHosts: true,
  secretsOf: ({ token }) => [token],
});

/** Who calls Slack, and where. */
export interface SlackAccount {
  readonly apiUrl: string;
  readonly token: string;
  readonly mayBeSentTo: (host: string) => boolean;
  /** Another token, where this one can be renewed. */
  readonly renewed?: () => Promise<SlackAccount>;
}

type Credentials = Pick<AttemptContext, 'credential' | 'credentialOf' | 'renewed'>;

/** The account that a credential is for. Rejects as `AttemptContext.credential` does. */
export async function accountOf(credentialId: string, credentials: Credentials): Promise<SlackAccount> {
  const token = await unlessOfOtherType(credentials.credentialOf(credentialId, [slackToken]));
  if (token) return accountAt(token.data.apiUrl ?? SLACK_API, token.data.token, token.allowedHosts);
  const oauth2 = await unlessOfOtherType(credentials.credential(credentialId, ['oauth2']));
  if (oauth2) return oauth2Account(oauth2, credentials);
  throw wrongType(credentialId);
}

function oauth2Account(credential: Credential<'oauth2'>, credentials: Credentials): SlackAccount {
  const { id, data, allowedHosts } = credential;
  if (data.provider !== 'slack' && data.provider !== 'generic') throw wrongType(id);
  const token = data.tokens?.accessToken;
  if (token === undefined) {
    throw new NodeError('SLACK_UNAUTHENTICATED', `the credential ${id} was never connected`, { retryable: false });
  }
  return {
    ...accountAt(apiUrlOf(data), token, allowedHosts),
    renewed: async () => oauth2Account(await credentials.renewed(credential), credentials),
  };
}

/** Slack gives out tokens by a method of its API, so a Slack of another host is beside its token endpoint. */
function apiUrlOf({ provider, endpoints }: Credential<'oauth2'>['data']): string {
  return provider === 'slack' || !endpoints ? SLACK_API : new URL('.', endpoints.tokenEndpoint).href;
}

function accountAt(apiUrl: string, token: string, allowedHosts: readonly string[]): SlackAccount {
  return { apiUrl, token, mayBeSentTo: isOfHost([new URL(apiUrl).hostname], allowedHosts) };
}

async function unlessOfOtherType<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NodeError && error.code === 'CREDENTIAL_WRONG_TYPE') return undefined;
    throw error;
  }
}

function wrongType(id: string): NodeError {
  const message = `the credential ${id} is not for Slack; this node takes slack.token, and oauth2 of the provider slack`;
  return new NodeError('CREDENTIAL_WRONG_TYPE', message, { retryable: false });
}
