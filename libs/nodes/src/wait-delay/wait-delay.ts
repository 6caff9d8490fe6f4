import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

/** As long as an execution may take at all. */
const LONGEST_DELAY_MS = 366 * 24 * 3_600_000;

interface WaitDelayConfig {
  readonly delayMs: number;
}

const configSchema: z.ZodType<WaitDelayConfig> = z.strictObject({ delayMs: z.int().min(0).max(LONGEST_DELAY_MS) });

export const waitDelayNode = defineNodeType<WaitDelayConfig>({
  type: 'wait.delay',
  kind: 'action',
  title: 'Wait',
  description: 'Goes on after so many milliseconds; its output says how long it was.',
  runs: 'engine',
  configSchema,
  outputsOf: () => ['main'],
  begin: ({ delayMs }) => ({ kind: 'timer', delayMs }),
});
