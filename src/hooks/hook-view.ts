import { z } from 'zod';
import { desiredHooks, isSameHook, stateOf, type HookEntry, type HookIdentity } from '#libs/hook-registrations';
import type { HookNodeTypes } from '#libs/hook-registrations';
import type { WorkflowRecord } from '#libs/read-models';
import type { WorkflowDefinition } from '#libs/workflow-definition';
import { instant } from '../workflows/workflow-view.ts';

export const hookView = z
  .object({
    webhookId: z.string().meta({ description: 'Of the trigger; starts with `wh_`.' }),
    nodeId: z.string(),
    type: z.string().meta({ description: 'Of the node.' }),
    url: z.url().meta({ description: 'Which the service calls.' }),
    state: z.enum(['registered', 'pending', 'failing', 'removing', 'removed']).meta({
      description:
        '`pending`: it is about to be registered, or to get the secret of a new root key. `failing`: it could not be, and ' +
        '`error` says why; one that was registered calls with its earlier secret. `removed` with an `error`: it was given ' +
        'up, and the service may still have it.',
    }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'How it failed last, e.g. `CREDENTIAL_DISCONNECTED`; null when it did not.' }),
    at: instant.meta({ description: 'Since when it is so.' }),
    retryAt: instant.nullable().meta({
      description:
        'When it is tried again. Null: not by itself, but with the next activation, a change of its credential, or when somebody asks.',
    }),
  })
  .meta({
    id: 'Hook',
    description: 'A hook at a service that calls a trigger of the workflow.',
    examples: [
      {
        webhookId: 'wh_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'pushes',
        type: 'trigger.github',
        url: 'https://millrace.example.com/hooks/c2VjcmV0LXRva2VuLW9mLTI0Yg',
        state: 'failing',
        error: { code: 'CREDENTIAL_DISCONNECTED', message: 'the account has to be connected again' },
        at: '2026-11-23T10:00:00.000Z',
        retryAt: null,
      },
    ],
  });
export type HookView = z.output<typeof hookView>;

export interface HookViewing extends HookNodeTypes {
  readonly active: WorkflowDefinition | undefined;
  readonly entries: readonly HookEntry[];
}

/** Also of those that are wanted and that no worker has heard of yet. */
export function hookViewsOf(
  { endpoints, updatedAt }: Pick<WorkflowRecord, 'endpoints' | 'updatedAt'>,
  { active, entries, ...parts }: HookViewing,
): HookView[] {
  const known = entries.flatMap(viewsOfEntry);
  const unheard = desiredHooks({ endpoints, active }, parts).flatMap(({ webhookId, nodeId, hook }) => {
    if (hook === undefined || hook === 'unknown' || isIn(entries, webhookId, hook)) return [];
    const { type, url } = hook;
    return [{ webhookId, nodeId, type, url, state: 'pending' as const, error: null, at: updatedAt, retryAt: null }];
  });
  return [...known, ...unheard];
}

function isIn(entries: readonly HookEntry[], webhookId: string, wanted: HookIdentity): boolean {
  return entries.some(
    (entry) => entry.webhookId === webhookId && entry.hooks.some((hook) => hook.isWanted && isSameHook(hook, wanted)),
  );
}

function viewsOfEntry({ webhookId, nodeId, hooks }: HookEntry): HookView[] {
  return hooks.map((hook) => {
    const { type, url, failure, since: at } = hook;
    const error = failure ? { code: failure.code, message: failure.message } : null;
    return { webhookId, nodeId, type, url, state: stateOf(hook), error, at, retryAt: failure?.againAt ?? null };
  });
}
