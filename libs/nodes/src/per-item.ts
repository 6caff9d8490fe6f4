import { EXPRESSION_LIMITS } from '#libs/expressions';
import type { JsonValue } from '#libs/kernel';
import { anyJson, NodeError } from '#libs/node-kit';
import { z } from 'zod';

/** The config field of the items that a pure node goes over. */
export const itemsSchema: z.ZodType<readonly JsonValue[]> = z.array(anyJson()).max(EXPRESSION_LIMITS.maxListLength);

/** A config field as it is written that is evaluated for each item. Without an expression it would say the same of each. */
export const perItemExpression = z
  .string()
  .includes('{{', { error: 'must hold an expression over item, such as {{ item.amount }}' });

/** What an expression gave for an item cannot be used; `path` is that of the expression in the config. */
export function misfitAt(path: string, index: number, message: string): NodeError {
  return new NodeError('INVALID_CONFIG', `${path} ${message}, at item ${index}`, {
    retryable: false,
    details: { problems: [{ path, message }], index },
  });
}

/** Names the type of a value, never the value, which may be secret. */
export function typeNameOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : NAMES[typeof value as keyof typeof NAMES];
}

const NAMES = { string: 'a text', number: 'a number', boolean: 'a boolean', object: 'an object' } as const;
