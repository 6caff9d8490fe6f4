import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface IfConfig {
  readonly condition: boolean;
}

const configSchema: z.ZodType<IfConfig> = z.strictObject({ condition: z.boolean() });

export const ifNode = defineNodeType<IfConfig>({
  type: 'if',
  kind: 'condition',
  title: 'If',
  description: 'Lets what came in leave by the output "true" or "false".',
  runs: 'decision',
  configSchema,
  outputsOf: () => ['true', 'false'],
  compute: ({ config, incoming }) => ({ output: incoming, leavesBy: [config.condition ? 'true' : 'false'] }),
});
