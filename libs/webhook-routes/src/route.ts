import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { VerifyConfig } from '#libs/webhook-signatures';
import { z } from 'zod';

/** What a call of a webhook URL needs to know; one entry of the `routes` bucket under the URL's token. */
export const routeSchema = z.object({
  webhookId: z.string(),
  workspaceId: z.string(),
  workflowId: z.string(),
  /** The active version, which the execution will have to its end. */
  version: z.int().min(1),
  nodeId: z.string(),
  /** Upper case. */
  methods: z.array(z.string()),
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
  /** As the node's config has it; its shape was checked when the version was published. */
  verify: z.custom<VerifyConfig>((value) => typeof value === 'object' && value !== null).exactOptional(),
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
export type Route = z.infer<typeof routeSchema>;
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
