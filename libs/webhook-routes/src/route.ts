import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { SecretVerify, VerifyConfig } from '#libs/webhook-signatures';
import { z } from 'zod';

/** Services call by POST alone. */
export const SOURCE_METHODS: readonly string[] = ['POST'];

/** What a call of a webhook URL needs to know; one entry of the `routes` bucket under the URL's token. */
const fields = z.object({
  webhookId: z.string(),
  workspaceId: z.string(),
  workflowId: z.string(),
  /** The active version, which the execution will have to its end. */
  version: z.int().min(1),
  nodeId: z.string(),
  /** Upper case. Of a source an entry does not say, see `writtenRoute`. */
  methods: z.array(z.string()).default(() => [...SOURCE_METHODS]),
  maxBodyBytes: z.int().min(1),
  /** Workspace variables that the version reads. Entries written before there were any do not say. */
  variables: z.union([z.array(z.string()).readonly(), z.literal('all')]).default('all'),
  priority: z.enum(['high', 'normal', 'low']),
  /** Of a URL of before a rotation: when it stops. Absent: it does not by itself. */
  until: z.string().exactOptional(),
  /**
   * Of a mail trigger: its token is the local part of its address, no URL has it, and methods and `maxBodyBytes` mean nothing.
   * One with `imap` has no address either.
   */
  mail: z
    .object({
      maxBytes: z.int().min(1),
      allowFrom: z.array(z.string()).readonly().exactOptional(),
      require: z.enum(['nothing', 'dmarc']),
      imap: z
        .object({
          credentialId: z.string(),
          mailbox: z.string(),
          afterwards: z.union([z.enum(['nothing', 'seen', 'delete']), z.object({ moveTo: z.string() })]),
        })
        .exactOptional(),
    })
    .exactOptional(),
  // What follows is absent where nothing is asked for, as in all older entries.
  /** As the node's config has it; its shape was checked when the version was published. Without a credential: see `source`. */
  verify: z.custom<VerifyConfig | SecretVerify>((value) => typeof value === 'object' && value !== null).exactOptional(),
  /**
   * Of a trigger that a service calls: its type says what calls mean. Where `verify` names no credential they are signed
   * with the secrets that the installation makes for the webhook.
   */
  source: z.object({ type: z.string(), config: z.custom<JsonObject>(isJsonObject) }).exactOptional(),
  /** JSON Schema of the body; checked when the version was published. */
  schema: z.custom<JsonObject>(isJsonObject).exactOptional(),
  allowIps: z.array(z.string()).readonly().exactOptional(),
  rateLimit: z.object({ limit: z.int().min(1), perMs: z.int().min(1) }).exactOptional(),
  /** `key`: a template. */
  dedupe: z
    .object({ key: z.string(), windowMs: z.int().min(1), onDuplicate: z.enum(['conflict', 'accept']) })
    .exactOptional(),
  respond: z
    .object({
      mode: z.enum(['result', 'node']),
      timeoutMs: z.int().min(1),
      /** The version's `respond` nodes. */
      nodes: z.array(z.string()).readonly(),
    })
    .exactOptional(),
});
/** What does not say how calls of a service are verified is not readable: nothing of it may start unverified. */
export const routeSchema = fields.refine(
  ({ source, verify }) => source === undefined || verify !== undefined,
  'a source must be verified',
);
export type Route = z.infer<typeof fields>;
export type SourceRoute = Route & Required<Pick<Route, 'source'>>;
/** Of a `trigger.email` node. */
export type MailRoute = Route & Required<Pick<Route, 'mail'>>;

export function isMailRoute(route: Route): route is MailRoute {
  return route.mail !== undefined;
}

/** Of a mailbox that is watched. */
export type InboxRoute = Route & { readonly mail: Required<MailRoute['mail']> };

export function isInboxRoute(route: Route): route is InboxRoute {
  return route.mail?.imap !== undefined;
}

export function isSourceRoute(route: Route): route is SourceRoute {
  return route.source !== undefined;
}

/**
 * As the bucket holds it. A process of a version without sources would start an execution for whatever comes, or verify
 * nothing where there is no credential; it reads no entry without `methods`, and answers 404.
 */
export function writtenRoute(route: Route): string {
  const { methods, ...rest } = route;
  return JSON.stringify(isSourceRoute(route) ? rest : { ...rest, methods });
}
