import { AttemptCalls } from '#libs/connector-kit';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { NodeError, type DesiredHook, type HookAttempt, type HookRegistration, type PresentHook } from '#libs/node-kit';
import { z } from 'zod';
import { NEWEST_API } from '../api-versions.ts';
import type { GitHubClient } from '../client.ts';
import { clientFor, type GitHubParts } from '../define-action.ts';
import { path, repositoryPath } from '../paths.ts';
import type { GitHubTriggerConfig } from './config.ts';

const target = z.union([
  z.object({ repository: z.string(), events: z.array(z.string()) }),
  z.object({ organization: z.string(), events: z.array(z.string()) }),
]);
/** A repository has 20 hooks of one event at most. */
const MOST_HOOKS = 500;

export function registration(parts: GitHubParts): HookRegistration<GitHubTriggerConfig> {
  return {
    targetOf: ({ credentialId, repository, organization, events }) => {
      if (credentialId === undefined) return undefined;
      const place: JsonObject = repository === undefined ? { organization: organization ?? '' } : { repository };
      return { credentialId, at: { ...place, events: events === '*' ? ['*'] : [...new Set(events)].toSorted() } };
    },
    create: async (hook, attempt) => {
      const client = await clientOf(hook.credentialId, attempt, parts);
      const hooks = hooksPath(hook.at);
      const present = await findByUrl(client, hooks, hook.url);
      // One that is there may have the secret of who made it: all of it is written anew.
      if (present !== undefined)
        return { hookId: await write(client, { ...hook, path: `${hooks}${path`/${present}`}` }) };
      return { hookId: await write(client, { ...hook, path: hooks }) };
    },
    remove: (hook, attempt) => remove(hook, attempt, parts),
  };
}

async function remove(
  { credentialId, at, hookId }: PresentHook,
  attempt: HookAttempt,
  parts: GitHubParts,
): Promise<void> {
  const client = await clientOf(credentialId, attempt, parts);
  try {
    await client.call({ method: 'DELETE', path: `${hooksPath(at)}${path`/${hookId}`}`, isRepeatable: true });
  } catch (error) {
    if (!(error instanceof NodeError && error.code === 'GITHUB_NOT_FOUND')) throw error;
    // GITHUB_NOT_FOUND is also said of what the credential may not see: it is gone when the others can be seen.
    await client.call({ method: 'GET', path: `${hooksPath(at)}?per_page=1`, isRepeatable: true });
  }
}

/** PATCH where there is one. Both may be done again: what was made is found by its URL. */
async function write(client: GitHubClient, hook: DesiredHook & { readonly path: string }): Promise<string> {
  const isNew = hook.path === hooksPath(hook.at);
  const { data } = await client.call({
    method: isNew ? 'POST' : 'PATCH',
    path: hook.path,
    body: {
      ...(isNew ? { name: 'web' } : {}),
      active: true,
      events: eventsOf(hook.at),
      config: { url: hook.url, content_type: 'json', secret: hook.secret, insecure_ssl: '0' },
    },
    isRepeatable: true,
  });
  const hookId = data instanceof Uint8Array ? undefined : idOf(data);
  if (hookId !== undefined) return hookId;
  throw new NodeError('HTTP_INVALID_RESPONSE', 'GitHub gave the hook no id', {
    retryable: true,
    destination: 'answered',
  });
}

async function findByUrl(client: GitHubClient, hooks: string, url: string): Promise<string | undefined> {
  let looked = 0;
  for await (const { items } of client.pages({ path: `${hooks}?per_page=100` })) {
    const found = items.find((one) => isJsonObject(one) && isJsonObject(one.config) && one.config.url === url);
    if (found !== undefined) return idOf(found);
    looked += items.length;
    if (looked >= MOST_HOOKS) return undefined;
  }
  return undefined;
}

function idOf(hook: JsonValue): string | undefined {
  return isJsonObject(hook) && (typeof hook.id === 'number' || typeof hook.id === 'string')
    ? String(hook.id)
    : undefined;
}

function hooksPath(at: JsonObject): string {
  const place = target.parse(at);
  return 'repository' in place ? `${repositoryPath(place.repository)}/hooks` : path`/orgs/${place.organization}/hooks`;
}

function eventsOf(at: JsonObject): string[] {
  return target.parse(at).events;
}

function clientOf(credentialId: string, attempt: HookAttempt, parts: GitHubParts): Promise<GitHubClient> {
  return clientFor(credentialId, attempt, {
    parts,
    apiVersion: NEWEST_API,
    // Hooks are made and removed without asking the quota.
    calls: new AttemptCalls(() => undefined),
    quotaKey: credentialId,
    onAnswer: () => undefined,
  });
}
