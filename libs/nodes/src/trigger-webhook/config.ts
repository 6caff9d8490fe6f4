import type { JsonObject } from '#libs/kernel';
import { anyJsonObject } from '#libs/node-kit';
import type { VerifyConfig } from '#libs/webhook-signatures';
import { z } from 'zod';
import { verifySchema } from './verify-config.ts';

const MIB = 1_048_576;
const DAY_MS = 86_400_000;
const LONGEST_WAIT_MS = 60_000;

export const WEBHOOK_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type WebhookMethod = (typeof WEBHOOK_METHODS)[number];

/** Config of `trigger.webhook` with its defaults; section 5 of the contract. */
export interface WebhookTriggerConfig {
  /** Methods that are answered; others get 405. */
  readonly method: readonly WebhookMethod[];
  /** JSON Schema of the body. */
  readonly schema?: JsonObject;
  readonly verify: VerifyConfig | { readonly scheme: 'none' };
  readonly respond: { readonly mode: 'accepted' | 'result' | 'node'; readonly timeoutMs: number };
  readonly maxBodyBytes: number;
  readonly rateLimit?: { readonly limit: number; readonly perMs: number };
  /** CIDR blocks or single addresses of either family. */
  readonly allowIps?: readonly string[];
  readonly dedupe?: { readonly key: string; readonly windowMs: number; readonly onDuplicate: 'conflict' | 'accept' };
}

const method = z.enum(WEBHOOK_METHODS);
const methods = z
  .union([method, z.array(method).min(1).max(WEBHOOK_METHODS.length)])
  .default('POST')
  .transform((written) => [...new Set(typeof written === 'string' ? [written] : written)]);

const respond = z.strictObject({
  mode: z.enum(['accepted', 'result', 'node']).default('accepted'),
  timeoutMs: z.int().min(1).max(LONGEST_WAIT_MS).default(30_000),
});

const address = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);

export const webhookTriggerConfigSchema: z.ZodType<WebhookTriggerConfig> = z.strictObject({
  method: methods,
  schema: anyJsonObject().optional(),
  verify: verifySchema.default({ scheme: 'none' }),
  respond: respond.default({ mode: 'accepted', timeoutMs: 30_000 }),
  maxBodyBytes: z
    .int()
    .min(1)
    .max(16 * MIB)
    .default(MIB),
  rateLimit: z.strictObject({ limit: z.int().min(1).max(1_000_000), perMs: z.int().min(1).max(DAY_MS) }).optional(),
  allowIps: z.array(address).min(1).max(1_000).optional(),
  dedupe: z
    .strictObject({
      key: z.string().min(1).max(4_096),
      // Entries of the bucket live for whole seconds.
      windowMs: z
        .int()
        .min(1_000)
        .max(30 * DAY_MS),
      onDuplicate: z.enum(['conflict', 'accept']).default('conflict').meta({
        description:
          '`conflict`: 409. `accept`: 202 with the first execution, for senders who count a 409 as a failure of yours.',
      }),
    })
    .optional(),
});
