import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

/** As long as an execution may take at all. */
const LONGEST_WAIT_MS = 366 * 24 * 3_600_000;

interface WaitSignalConfig {
  readonly name: string;
  readonly timeoutMs?: number;
  readonly onTimeout: 'fail' | 'continue';
}

const configSchema: z.ZodType<WaitSignalConfig> = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
      'must be a letter followed by at most 63 letters, digits, dashes and underscores',
    )
    .meta({ description: 'Of `POST /v1/executions/:id/signals/:name`.', example: 'approved' }),
  timeoutMs: z.int().min(1).max(LONGEST_WAIT_MS).optional(),
  onTimeout: z.enum(['fail', 'continue']).default('fail').meta({
    description: '`fail` fails the node with `SIGNAL_TIMEOUT`; `continue` goes on with `{"timedOut": true}`.',
  }),
});

export const waitSignalNode = defineNodeType<WaitSignalConfig>({
  type: 'wait.signal',
  kind: 'action',
  title: 'Wait for a signal',
  description: 'Goes on when somebody sends the signal; its output is what was sent with it.',
  runs: 'engine',
  configSchema,
  outputsOf: () => ['main'],
  begin: ({ name, timeoutMs, onTimeout }) => ({
    kind: 'signal',
    name,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    onTimeout,
  }),
});
