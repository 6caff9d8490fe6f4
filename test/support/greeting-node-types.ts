import { defineNodeType, type NodeType } from '#libs/node-kit';
import { z } from 'zod';

const greeting = {
  kind: 'action',
  title: 'Greet',
  description: 'Says hello.',
  runs: 'executor',
  executor: 'http',
  outputsOf: () => ['main'],
} as const;

/** A node type in two versions: the second one greets several, and finds that nobody answers as they used to. */
export const GREETING_NODE_TYPES: readonly NodeType[] = [
  defineNodeType<{ readonly name: string }>({
    ...greeting,
    type: 'test.greet',
    configSchema: z.strictObject({ name: z.string() }),
    examples: [{ name: 'Ann' }],
    deprecated: { reason: 'it greets one only', replacedBy: 'test.greet@2' },
    run: async ({ name }) => ({ greeted: name }),
  }),
  defineNodeType<{ readonly names: readonly string[] }>({
    ...greeting,
    type: 'test.greet@2',
    configSchema: z.strictObject({ names: z.array(z.string().max(20)) }),
    upgrade: ({ name, ...rest }) => ({
      config: { ...rest, names: [name ?? ''] },
      notes: [{ path: 'names', message: 'may have more by now' }],
    }),
    run: async ({ names }, { noticeDrift }) => {
      noticeDrift([{ path: 'answers[0].mood', expected: 'string', found: 'missing' }]);
      return { greeted: [...names] };
    },
  }),
];
