import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface WaitUntilConfig {
  /** ISO 8601 with an offset. */
  readonly at: string;
}

const configSchema: z.ZodType<WaitUntilConfig> = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: 'must be an instant such as 2026-12-24T18:00:00Z' })
    .max(64)
    .meta({ description: 'One that is past does not wait.', example: '2026-12-24T18:00:00Z' }),
});

export const waitUntilNode = defineNodeType<WaitUntilConfig>({
  type: 'wait.until',
  kind: 'action',
  title: 'Wait until',
  description: 'Goes on at an instant; its output says how long it waited.',
  runs: 'engine',
  configSchema,
  outputsOf: () => ['main'],
  begin: ({ at }) => ({ kind: 'timer', at: new Date(at).toISOString() }),
});
