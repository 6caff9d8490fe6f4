import type { HookTarget } from '#libs/node-kit';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { canonicalJson } from '#libs/workflow-definition';
import { z } from 'zod';

/** What a service is to be told, or was told: a hook of a node type, at a target, that calls a URL. */
export interface HookIdentity extends HookTarget {
  readonly type: string;
  readonly url: string;
}

const hookSchema = z.object({
  /** Of the node. */
  type: z.string(),
  credentialId: z.string(),
  at: z.custom<JsonObject>(isJsonObject),
  url: z.string(),
  /** At most one of an endpoint is. */
  isWanted: z.boolean(),
  /**
   * `planned`: nothing was asked of the service yet. `unsure`: it was asked to make or to remove it, and what came of that
   * is not known. `there`: it has it. `gone`: it has it no more, or was given up.
   */
  stage: z.enum(['planned', 'unsure', 'there', 'gone']),
  /** The service's own; of one that is `there`, or was. */
  hookId: z.string().exactOptional(),
  /** Id of the key from which the secret is derived that the service has; of one that is `there`, or was. */
  signedBy: z.string().exactOptional(),
  /** Since when it is as it is. */
  since: z.string(),
  failure: z
    .object({
      code: z.string(),
      message: z.string(),
      at: z.string(),
      /** In a row. */
      attempts: z.int().min(1),
      /** Null: not by itself. */
      againAt: z.string().nullable(),
    })
    .exactOptional(),
});

export const hookEntrySchema = z.object({
  workspaceId: z.string(),
  workflowId: z.string(),
  webhookId: z.string(),
  nodeId: z.string(),
  hooks: z.array(hookSchema).readonly(),
  /** Somebody is at it, and nobody else may be before `until`. */
  work: z
    .object({
      by: z.string(),
      until: z.string(),
      /** Somebody asked meanwhile that it be tried again. */
      isAskedAgain: z.boolean(),
    })
    .exactOptional(),
});

/** All that is known of the hooks of one endpoint, and all that is to become of them. */
export type HookEntry = Readonly<z.infer<typeof hookEntrySchema>>;
export type KnownHook = Readonly<HookEntry['hooks'][number]>;
export type HookFailure = NonNullable<KnownHook['failure']>;

export interface HookPlace {
  readonly workflowId: string;
  readonly webhookId: string;
}

export function isSameHook(one: HookIdentity, other: HookIdentity): boolean {
  return identityOf(one) === identityOf(other);
}

function identityOf({ type, credentialId, at, url }: HookIdentity): string {
  return canonicalJson([type, credentialId, at, url]);
}
