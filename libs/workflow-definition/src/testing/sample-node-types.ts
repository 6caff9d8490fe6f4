import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { anyJson, anyJsonObject, defineNodeType, NodeError, type NodeType, type NodeTypes } from '#libs/node-kit';
import { z } from 'zod';
import { sendInThreeVersions } from './versioned-node-types.ts';

const one = ['main'] as const;

/** A trigger; `text` is there to hold anything, expressions included, which a trigger does not evaluate. */
const start = defineNodeType<JsonObject>({
  type: 'start',
  kind: 'trigger',
  title: 'Start',
  description: 'Starts.',
  runs: 'trigger',
  configSchema: z.strictObject({ text: anyJson().optional(), mode: z.enum(['a', 'b']).optional() }),
  outputsOf: () => one,
});

const pass = defineNodeType<{ readonly value?: JsonValue }>({
  type: 'pass',
  kind: 'action',
  title: 'Pass',
  description: 'Gives its value, or what came in.',
  runs: 'decision',
  configSchema: z.strictObject({ value: anyJson().optional() }),
  outputsOf: () => one,
  compute: ({ config, incoming }) => ({ output: config.value ?? incoming, leavesBy: one }),
});

const choose = defineNodeType<{ readonly condition: boolean }>({
  type: 'choose',
  kind: 'condition',
  title: 'Choose',
  description: 'Leaves by yes or no.',
  runs: 'decision',
  configSchema: z.strictObject({ condition: z.boolean() }),
  outputsOf: () => ['yes', 'no'],
  compute: ({ config, incoming }) => ({ output: incoming, leavesBy: [config.condition ? 'yes' : 'no'] }),
});

interface WorkConfig {
  readonly url: string;
  readonly count: number;
  readonly mode: 'a' | 'b';
  readonly condition?: boolean;
  readonly either?: string | readonly number[];
  readonly by?: JsonObject;
  readonly list?: readonly { readonly n: number }[];
}

const work = defineNodeType<WorkConfig>({
  type: 'work',
  kind: 'action',
  title: 'Work',
  description: 'Works.',
  runs: 'executor',
  executor: 'work',
  configSchema: z.strictObject({
    url: z.string().min(1),
    count: z.int().max(9).default(1),
    mode: z.enum(['a', 'b']).default('a').describe('How to work.'),
    condition: z.boolean().optional(),
    either: z.union([z.enum(['x', 'y']), z.array(z.number()).min(1)]).optional(),
    by: anyJsonObject().optional(),
    list: z.array(z.strictObject({ n: z.number() })).optional(),
  }),
  outputsOf: () => one,
  check: ({ url }) => (url === 'forbidden' ? [{ path: 'url', message: 'is forbidden' }] : []),
  run: async () => {
    throw new NodeError('NOT_HERE', 'samples do not run', { retryable: false });
  },
});

/** Does with each item what `do` says. */
const each = defineNodeType<JsonObject>({
  type: 'each',
  kind: 'action',
  title: 'Each',
  description: 'Loops.',
  runs: 'engine',
  configSchema: z.strictObject({ do: anyJsonObject().optional() }),
  outputsOf: () => one,
  innerOf: ({ do: inner }) => {
    const { type, config } = isJsonObject(inner) ? inner : {};
    if (typeof type !== 'string') return undefined;
    return { type, config: isJsonObject(config) ? config : {}, path: 'do.config' };
  },
  begin: () => ({ kind: 'loop', items: [], concurrency: 1, onItemError: 'fail' }),
});

export const SAMPLE_NODE_TYPES: NodeTypes = new Map<string, NodeType>(
  [start, pass, choose, work, each, ...sendInThreeVersions].map((nodeType) => [nodeType.type, nodeType]),
);
