import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeTypes } from '#libs/node-kit';
import { nodeTypes } from './plans.ts';

/** What a spec wants of an attempt at a `work` node. */
export type Work = (attempt: AttemptContext) => Promise<JsonValue>;

/** The built-in node types and `work`: has side effects, calls a destination, and does what the spec says. */
export function nodeTypesWith(work: Work): NodeTypes {
  const node = defineNodeType<Record<never, never>>({
    type: 'work',
    kind: 'action',
    title: 'Work',
    description: 'Does what a spec says.',
    runs: 'executor',
    executor: 'work',
    configSchema: z.strictObject({}),
    outputsOf: () => ['main'],
    destinationOf: () => 'somewhere',
    run: (_, attempt) => work(attempt),
  });
  return new Map([...nodeTypes, ['work', node]]);
}
