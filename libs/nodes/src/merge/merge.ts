import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface MergeConfig {
  readonly mode: 'object' | 'list';
}

const configSchema: z.ZodType<MergeConfig> = z.strictObject({ mode: z.enum(['object', 'list']).default('object') });

export const mergeNode = defineNodeType<MergeConfig>({
  type: 'merge',
  kind: 'action',
  title: 'Merge',
  description: 'Joins what came in by several connections: an object by node id, or a list in connection order.',
  runs: 'decision',
  configSchema,
  outputsOf: () => ['main'],
  compute: ({ config, taken }) => ({
    output:
      config.mode === 'list'
        ? taken.map(({ output }) => output)
        : Object.fromEntries(taken.map(({ nodeId, output }) => [nodeId, output])),
    leavesBy: ['main'],
  }),
});
