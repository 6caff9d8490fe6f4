import type { JsonValue } from '#libs/kernel';
import { defineNodeType, type PureNodeInput } from '#libs/node-kit';
import { z } from 'zod';
import { itemsSchema, misfitAt, perItemExpression, typeNameOf } from '../per-item.ts';

interface FilterConfig {
  readonly items: readonly JsonValue[];
  /** As written: evaluated for each item. */
  readonly condition: string | boolean;
}

const configSchema: z.ZodType<FilterConfig> = z.strictObject({
  items: itemsSchema.meta({ description: 'The list to go over, such as {{ trigger.body.lines }}.' }),
  condition: z.union([perItemExpression, z.boolean()]).meta({
    description: 'Whether to keep an item: an expression over item and index that gives a boolean.',
    examples: ['{{ item.amount > 100 }}'],
  }),
});

export const filterNode = defineNodeType<FilterConfig>({
  type: 'filter',
  kind: 'condition',
  title: 'Filter',
  description:
    'Keeps the items for which a condition holds; its output has them in their order, and how many were dropped.',
  runs: 'decision',
  configSchema,
  perItem: ['condition'],
  outputsOf: () => ['main'],
  compute: ({ config: { items }, forItem }) => {
    const kept = items.filter((item, index) => holds(forItem, item, index));
    return { output: { kept, dropped: items.length - kept.length }, leavesBy: ['main'] };
  },
});

function holds(forItem: PureNodeInput<FilterConfig>['forItem'], item: JsonValue, index: number): boolean {
  const value = forItem('condition', item, index);
  if (typeof value === 'boolean') return value;
  throw misfitAt('condition', index, `gave ${typeNameOf(value)}, not a boolean`);
}
