import { isJsonObject, type JsonValue } from '#libs/kernel';
import { z } from 'zod';
import { defineNodeType } from '../node-type.ts';
import type { CallMeaning } from '../webhook-source.ts';

const DAY_MS = 86_400_000;

export interface BellConfig {
  /** With which calls are signed; without it, the bell is told at `door` how to sign. */
  readonly credentialId?: string;
  readonly door?: string;
  /** What starts executions. */
  readonly rings: readonly string[];
}

/**
 * A trigger that the bells of an imaginary service call: with `{ring, id?}`, or with `{hello}`, which they want to hear
 * again. Signed as GitHub signs.
 */
export const BELL_TRIGGER = defineNodeType<BellConfig>({
  type: 'trigger.bell',
  kind: 'trigger',
  runs: 'trigger',
  title: 'Bell',
  description: 'Starts an execution when a bell rings.',
  configSchema: z.strictObject({
    credentialId: z.string().exactOptional(),
    door: z.string().exactOptional(),
    rings: z.array(z.string()).readonly().default(['twice']),
  }),
  outputsOf: () => ['main'],
  webhook: {
    maxBodyBytes: 1_024,
    proofOf: ({ credentialId }) => ({ scheme: 'github', ...(credentialId === undefined ? {} : { credentialId }) }),
    receive: ({ rings }, { headers, body }) => meaningOf(rings, body, headers['x-bell']),
    rememberedForMs: 3 * DAY_MS,
    accepted: { status: 200, contentType: 'application/json', body: '{"heard":true}' },
    registration: {
      targetOf: ({ door }) => (door === undefined ? undefined : { credentialId: 'cred_door', at: { door } }),
      create: () => Promise.resolve({ hookId: 'bell' }),
      remove: () => Promise.resolve(),
    },
  },
});

function meaningOf(rings: readonly string[], body: JsonValue, bell: JsonValue = null): CallMeaning {
  if (!isJsonObject(body)) return { kind: 'ignored', reason: 'NO_BELL' };
  const { hello, ring, id } = body;
  if (typeof hello === 'string') return { kind: 'answered', answer: { status: 201, body: hello } };
  if (typeof ring !== 'string' || !rings.includes(ring)) return { kind: 'ignored', reason: 'RING_NOT_WANTED' };
  return { kind: 'starts', body: { rang: ring, bell }, ...(typeof id === 'string' ? { key: id } : {}) };
}
