import { AttemptCalls, driftOf, type ConnectorParts } from '#libs/connector-kit';
import type { Clock, JsonObject, JsonValue } from '#libs/kernel';
import {
  defineNodeType,
  type AttemptContext,
  type HookAttempt,
  type NodeType,
  type ActionNodeType,
} from '#libs/node-kit';
import type { z } from 'zod';
import { accessOf } from './access.ts';
import { NEWEST_API, type ApiVersion } from './api-versions.ts';
import { AppTokens } from './app-tokens.ts';
import { GitHubClient, type ClientParts } from './client.ts';
import { GITHUB_CREDENTIALS } from './credentials.ts';
import { allowanceIn, destinationOf, quotaOf, type Resource } from './rate-limits.ts';

/** What an action calls GitHub with. */
export interface GitHub extends Pick<GitHubClient, 'call' | 'pages'> {
  /** Tells where an answer is not as it should be. */
  expect(schema: z.ZodType, answer: unknown): void;
}

interface WithCredential {
  readonly credentialId: string;
  /** Takes the place of the version that the action was written for. */
  readonly apiVersion?: ApiVersion | undefined;
}

type Told = 'type' | 'title' | 'description' | 'deprecated' | 'upgrade';

export interface Action<Config extends WithCredential> extends Pick<ActionNodeType<Config>, Told> {
  readonly config: z.ZodType<Config>;
  readonly examples: readonly JsonObject[];
  /** Default: the newest. */
  readonly apiVersion?: ApiVersion;
  readonly hasSideEffects: boolean;
  /** Which of GitHub's limits it is counted in; default `core`. */
  readonly resource?: Resource | ((config: Config) => Resource);
  readonly does: (config: Config, github: GitHub) => Promise<JsonValue>;
}

/** What actions and triggers of one process share. */
export interface GitHubParts {
  readonly http: ConnectorParts['http'];
  readonly clock: Clock;
  readonly userAgent: string;
  readonly appTokens: AppTokens;
}

export function gitHubParts({ http, clock, version }: ConnectorParts): GitHubParts {
  const parts = { http, clock, userAgent: `Millrace/${version}` };
  return { ...parts, appTokens: new AppTokens(parts) };
}

/** An action, for whoever has the parts. */
export type MakeAction = (parts: GitHubParts) => NodeType;

export function defineAction<Config extends WithCredential>(action: Action<Config>): MakeAction {
  const { config: configSchema, apiVersion = NEWEST_API, resource = 'core', does, ...told } = action;
  const resourceOf = typeof resource === 'function' ? resource : () => resource;
  return (parts) =>
    defineNodeType<Config>({
      ...told,
      kind: 'action',
      runs: 'executor',
      executor: 'http',
      configSchema,
      outputsOf: () => ['main'],
      destinationOf: (config) => destinationOf(config.credentialId, resourceOf(config)),
      quotasOf: (config) => [quotaOf(config.credentialId, resourceOf(config))],
      run: async (config, attempt) => {
        const client = await clientFor(config.credentialId, attempt, {
          parts,
          apiVersion: config.apiVersion ?? apiVersion,
          ...ofQuota(config.credentialId, resourceOf(config), { attempt, clock: parts.clock }),
        });
        const github: GitHub = {
          call: client.call.bind(client),
          pages: client.pages.bind(client),
          expect: (schema, answer) => {
            const drift = driftOf(schema, answer);
            if (drift.length > 0) attempt.noticeDrift(drift);
          },
        };
        return does(config, github);
      },
    });
}

export interface ClientNeeds extends Pick<ClientParts, 'apiVersion' | 'onAnswer' | 'calls' | 'quotaKey'> {
  readonly parts: GitHubParts;
}

/** Rejects with NodeError when the credential is none of GitHub. */
export async function clientFor(
  credentialId: string,
  attempt: Pick<AttemptContext, 'credentialOf' | 'renewed' | 'signal'> | HookAttempt,
  { parts, ...needs }: ClientNeeds,
): Promise<GitHubClient> {
  const { appTokens, ...shared } = parts;
  const access = accessOf(await attempt.credentialOf(credentialId, GITHUB_CREDENTIALS), {
    renewed: attempt.renewed,
    tokenOfApp: appTokens.tokenOf.bind(appTokens),
    forgetTokenOfApp: appTokens.forget.bind(appTokens),
  });
  return new GitHubClient({ ...shared, ...needs, access, signal: attempt.signal });
}

/** Each call takes from what all who call with the credential have, and each answer says what is left of it. */
function ofQuota(
  credentialId: string,
  resource: Resource,
  { attempt, clock }: { readonly attempt: AttemptContext; readonly clock: Clock },
): Pick<ClientNeeds, 'onAnswer' | 'calls' | 'quotaKey'> {
  const { key: quotaKey } = quotaOf(credentialId, resource);
  return {
    quotaKey,
    calls: new AttemptCalls(attempt.spendQuota),
    onAnswer: (status, headers) => {
      const allowance = allowanceIn(headers, { resource, status, nowMs: clock.nowMs() });
      if (allowance) attempt.learnQuota(quotaKey, allowance);
    },
  };
}
