import { z } from 'zod';
import { BUNDLE_FORMAT, BUNDLE_FORMAT_VERSION } from '#libs/replay-bundle';
import { EXAMPLE_DEFINITION } from '#libs/workflow-definition';

const DIGEST = 'rm1vcbRjAHkBiK2q8Yg0cWbyaOTvRn7p8mQ0lXq3yJk';
const digest = z.string().meta({ description: 'SHA-256, base64url.' });

/** The document as others see it; what reads it again is the schema in the library. */
export const bundleView = z
  .object({
    format: z.literal(BUNDLE_FORMAT),
    formatVersion: z.literal(BUNDLE_FORMAT_VERSION),
    executionId: z.string(),
    workspaceId: z.string(),
    workflow: z.object({
      id: z.string(),
      name: z.string(),
      version: z.int().min(1),
      contentHash: z.string(),
      definition: z.unknown().meta({ description: 'That the execution ran with.' }),
    }),
    commits: z
      .array(
        z.object({
          firstVersion: z.int().min(1).meta({ description: 'Of its first event.' }),
          at: z.iso.datetime(),
          actor: z.object({ type: z.enum(['user', 'apiKey']), id: z.string() }).optional(),
          events: z.array(z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) })),
        }),
      )
      .meta({ description: 'As they lie in the log, with all values in their events.' }),
    digests: z.object({
      history: digest,
      events: z.array(digest).meta({ description: 'Of the history up to and with each event.' }),
    }),
  })
  .meta({
    id: 'ReplayBundle',
    description: 'One execution, to be replayed anywhere.',
    examples: [
      {
        format: BUNDLE_FORMAT,
        formatVersion: BUNDLE_FORMAT_VERSION,
        executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        workspaceId: 'ws_01jd8z6q5t',
        workflow: {
          id: 'wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t',
          name: EXAMPLE_DEFINITION.name,
          version: 1,
          contentHash: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
          definition: EXAMPLE_DEFINITION,
        },
        commits: [
          {
            firstVersion: 1,
            at: '2026-11-23T10:00:00.000Z',
            events: [{ type: 'ExecutionStarted', data: { input: { value: { body: { orderId: 'A-17' } } } } }],
          },
        ],
        digests: { history: DIGEST, events: [DIGEST] },
      },
    ],
  });
