import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { z } from 'zod';
import { itemsSchema, perItemExpression } from '../per-item.ts';
import { AGGREGATE_FUNCTIONS, type AggregateFunctionName } from './functions.ts';

export const MAX_COLUMNS = 50;
/** Items times values: gathering them takes time that no step of an expression counts. */
export const MAX_CELLS = 50_000;
/** The field of a row that holds its group's key. */
export const KEY = 'key';

/** One function and, as written, what it takes of each item: `{ sum: "{{ item.amount }}" }`. */
type Column = Readonly<Partial<Record<AggregateFunctionName, string | boolean>>>;

export interface AggregateConfig {
  readonly items: readonly JsonValue[];
  /** As written: items for which it gives the same are one group. Without it all items are one. */
  readonly groupBy?: string;
  readonly values: Readonly<Record<string, Column>>;
}

const FUNCTION_NAMES = Object.keys(AGGREGATE_FUNCTIONS).filter(isFunctionName);
const ONE_FUNCTION = `must have one of ${FUNCTION_NAMES.join(', ')}`;

function isFunctionName(name: string): name is AggregateFunctionName {
  return Object.hasOwn(AGGREGATE_FUNCTIONS, name);
}

const expression = perItemExpression.optional();
const columnSchema = z
  .strictObject({
    sum: expression,
    avg: expression,
    min: expression,
    max: expression,
    count: z
      .union([perItemExpression, z.literal(true)])
      .optional()
      .meta({ description: 'true counts the items, an expression those for which it gives true.' }),
    first: expression,
    last: expression,
    list: expression,
    distinct: expression,
  } satisfies Record<AggregateFunctionName, z.ZodType>)
  .refine((column) => Object.keys(column).length === 1, { error: ONE_FUNCTION });

const columnName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'must be a letter followed by at most 63 letters, digits, dashes and underscores',
  );

export const aggregateConfigSchema: z.ZodType<AggregateConfig> = z.strictObject({
  items: itemsSchema.meta({ description: 'The list to go over, such as {{ trigger.body.lines }}.' }),
  groupBy: perItemExpression.optional().meta({
    description: 'An expression over item and index. Items for which it gives the same are one group.',
    examples: ['{{ item.customer }}', '{{ {"country": item.country, "year": item.year} }}'],
  }),
  values: z
    .record(columnName, columnSchema)
    .refine((values) => Object.keys(values).length <= MAX_COLUMNS, { error: `must have at most ${MAX_COLUMNS} fields` })
    .meta({
      description: 'What a row holds: by name one function of what an expression over item and index gives.',
      examples: [{ orders: { count: true }, total: { sum: '{{ item.amount }}' } }],
    }),
});

/** A row cannot hold two fields of one name. */
export function checkAggregate({ groupBy, values }: JsonObject): Problem[] {
  if (groupBy === undefined || !isJsonObject(values) || !Object.hasOwn(values, KEY)) return [];
  return [{ path: `values.${KEY}`, message: `with groupBy, ${KEY} is the key of the group; give this another name` }];
}

export interface NamedColumn {
  readonly name: string;
  readonly function: AggregateFunctionName;
}

export function columnsOf({ values }: AggregateConfig): readonly NamedColumn[] {
  return Object.entries(values).flatMap(([name, column]) =>
    FUNCTION_NAMES.filter((one) => Object.hasOwn(column, one)).map((one) => ({ name, function: one })),
  );
}
