import { defineNodeType, NodeError, type NodeType } from '#libs/node-kit';
import { z } from 'zod';

const sending = {
  kind: 'action',
  title: 'Send',
  description: 'Sends.',
  runs: 'executor',
  executor: 'work',
  outputsOf: () => ['main'],
  run: () => Promise.reject(new NodeError('NOT_HERE', 'samples do not run', { retryable: false })),
} as const;

/** `to` was a text first, then a list; the third version is the second one that answers better. */
export const sendInThreeVersions: readonly NodeType[] = [
  defineNodeType<{ readonly to: string }>({
    ...sending,
    type: 'send',
    configSchema: z.strictObject({ to: z.string() }),
    deprecated: { reason: 'it reaches one only', replacedBy: 'send@2' },
  }),
  defineNodeType<{ readonly to: readonly string[] }>({
    ...sending,
    type: 'send@2',
    configSchema: z.strictObject({ to: z.array(z.string()) }),
    deprecated: { reason: 'its answer is cut', replacedBy: 'send@3' },
    upgrade: ({ to, ...rest }) => ({
      config: { ...rest, ...(to === undefined ? {} : { to: [to] }) },
      notes: typeof to === 'string' && to.includes(',') ? [{ path: 'to[0]', message: 'looks like several' }] : [],
    }),
  }),
  defineNodeType<{ readonly to: readonly string[] }>({
    ...sending,
    type: 'send@3',
    configSchema: z.strictObject({ to: z.array(z.string()) }),
  }),
];
