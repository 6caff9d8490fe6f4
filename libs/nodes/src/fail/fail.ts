import { defineNodeType, NodeError } from '#libs/node-kit';
import { z } from 'zod';

interface FailConfig {
  readonly code: string;
  readonly message: string;
}

const configSchema: z.ZodType<FailConfig> = z.strictObject({
  code: z
    .string()
    .max(100)
    .regex(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/, 'must be words of capitals and digits joined by _, such as OUT_OF_STOCK'),
  message: z.string().min(1).max(2_000),
});

export const failNode = defineNodeType<FailConfig>({
  type: 'fail',
  kind: 'action',
  title: 'Fail',
  description: 'Fails with the code and the message given, and is not tried again.',
  runs: 'decision',
  configSchema,
  // Left by only where onError is "continue".
  outputsOf: () => ['main'],
  compute: ({ config: { code, message } }) => {
    throw new NodeError(code, message, { retryable: false });
  },
});
