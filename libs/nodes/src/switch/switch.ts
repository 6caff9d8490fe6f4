import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { defineNodeType } from '#libs/node-kit';
import { z } from 'zod';

interface SwitchConfig {
  readonly cases: readonly { readonly output: string; readonly condition: boolean }[];
  /** Output taken when no condition holds; without it the flow ends there. May be one of the cases' outputs. */
  readonly fallback?: string;
  /** `first`: leaves by the first case whose condition holds; `all`: by every one. */
  readonly mode: 'first' | 'all';
}

const OUTPUT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** `onError: "branch"` gives this output to any node. */
const RESERVED_OUTPUT = 'error';

const outputName = z
  .string()
  .regex(OUTPUT_NAME, 'must be a letter followed by at most 63 letters, digits, dashes and underscores');

const configSchema: z.ZodType<SwitchConfig> = z.strictObject({
  cases: z
    .array(z.strictObject({ output: outputName, condition: z.boolean() }))
    .min(1)
    .max(100),
  fallback: outputName.optional(),
  mode: z.enum(['first', 'all']).default('first'),
});

export const switchNode = defineNodeType<SwitchConfig>({
  type: 'switch',
  kind: 'condition',
  title: 'Switch',
  description: 'Lets what came in leave by the outputs whose conditions hold.',
  runs: 'decision',
  configSchema,
  outputsOf: (config) => [...new Set(writtenOutputs(config).flatMap(({ name }) => (isOutputName(name) ? [name] : [])))],
  check: (config) => checkOutputs(writtenOutputs(config)),
  compute: ({ config, incoming }) => ({ output: incoming, leavesBy: leavesBy(config) }),
});

function leavesBy(config: SwitchConfig): readonly string[] {
  const holding = config.cases.filter(({ condition }) => condition).map(({ output }) => output);
  if (holding.length === 0) return config.fallback === undefined ? [] : [config.fallback];
  return config.mode === 'all' ? holding : holding.slice(0, 1);
}

interface WrittenOutput {
  readonly path: string;
  readonly name: JsonValue | undefined;
}

function writtenOutputs(config: JsonObject): WrittenOutput[] {
  const cases: readonly JsonValue[] = Array.isArray(config.cases) ? config.cases : [];
  const named = cases.map((one, index) => ({
    path: `cases[${index}].output`,
    name: isJsonObject(one) ? one.output : undefined,
  }));
  return config.fallback === undefined ? named : [...named, { path: 'fallback', name: config.fallback }];
}

function isOutputName(name: JsonValue | undefined): name is string {
  return typeof name === 'string' && OUTPUT_NAME.test(name);
}

/** Connections are drawn from outputs when the workflow is published, so their names cannot wait for a value. */
function checkOutputs(outputs: readonly WrittenOutput[]): Problem[] {
  const first = new Map<string, string>();
  return outputs.flatMap(({ path, name }) => {
    if (typeof name !== 'string') return [];
    if (name.includes('{{')) return [{ path, message: 'names an output and cannot be an expression' }];
    if (name === RESERVED_OUTPUT) return [{ path, message: `"${name}" is reserved for what onError "branch" adds` }];
    const same = first.get(name);
    if (same !== undefined && path !== 'fallback')
      return [{ path, message: `"${name}" is already the output of ${same}` }];
    first.set(name, path);
    return [];
  });
}
