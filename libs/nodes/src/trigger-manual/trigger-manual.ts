import type { JsonObject } from '#libs/kernel';
import { anyJsonObject, defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface ManualTriggerConfig {
  /** JSON Schema of the input. */
  readonly schema?: JsonObject;
}

const configSchema: z.ZodType<ManualTriggerConfig> = z.strictObject({ schema: anyJsonObject().optional() });

export const manualTrigger = defineNodeType<ManualTriggerConfig>({
  type: 'trigger.manual',
  kind: 'trigger',
  title: 'Manual trigger',
  description: 'Starts an execution when someone asks for one; the input given is the body of its output.',
  runs: 'trigger',
  configSchema,
  outputsOf: () => ['main'],
});
