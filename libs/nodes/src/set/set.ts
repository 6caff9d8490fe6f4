import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, NodeError } from '#libs/node-kit';
import { z } from 'zod';

interface SetConfig {
  readonly values: JsonObject;
  /** Whether the fields that came in stay beside the values; a value replaces a field of the same name. */
  readonly keep: boolean;
}

const configSchema: z.ZodType<SetConfig> = z.strictObject({
  values: anyJsonObject(),
  keep: z.boolean().default(false),
});

export const setNode = defineNodeType<SetConfig>({
  type: 'set',
  kind: 'action',
  title: 'Set',
  description: 'Makes an object of the values given.',
  runs: 'decision',
  configSchema,
  outputsOf: () => ['main'],
  compute: ({ config, incoming }) => ({
    output: config.keep ? { ...objectThatCameIn(incoming), ...config.values } : config.values,
    leavesBy: ['main'],
  }),
});

function objectThatCameIn(incoming: JsonValue): JsonObject {
  if (isJsonObject(incoming)) return incoming;
  throw new NodeError('INVALID_INPUT', 'keep needs an object to come in, and something else did', { retryable: false });
}
