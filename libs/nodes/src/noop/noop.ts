import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

export const noopNode = defineNodeType<Record<never, never>>({
  type: 'noop',
  kind: 'action',
  title: 'No operation',
  description: 'Does nothing, by way of a worker; its output is an empty object.',
  runs: 'executor',
  executor: 'noop',
  hasSideEffects: false,
  configSchema: z.strictObject({}),
  outputsOf: () => ['main'],
  run: async () => ({}),
});
