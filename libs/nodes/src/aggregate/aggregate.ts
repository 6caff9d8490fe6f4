import { canonicalJson } from '#libs/workflow-definition';
import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { defineNodeType, NodeError, type PureNodeInput } from '#libs/node-kit';
import { misfitAt, typeNameOf } from '../per-item.ts';
import {
  aggregateConfigSchema,
  checkAggregate,
  columnsOf,
  KEY,
  MAX_CELLS,
  type AggregateConfig,
  type NamedColumn,
} from './config.ts';
import { aggregateFunction } from './functions.ts';

export const aggregateNode = defineNodeType<AggregateConfig>({
  type: 'aggregate',
  kind: 'action',
  title: 'Aggregate',
  description: 'Sums up a list: a row for each group of items, in the order in which the groups appear.',
  runs: 'decision',
  configSchema: aggregateConfigSchema,
  perItem: ['groupBy', 'values'],
  outputsOf: () => ['main'],
  check: checkAggregate,
  compute: (input) => ({ output: rowsOf(input), leavesBy: ['main'] }),
});

/** What the items of one group gave, a list for each column. */
interface Group {
  readonly key: JsonValue;
  readonly gathered: readonly JsonValue[][];
}

function rowsOf({ config, forItem }: PureNodeInput<AggregateConfig>): readonly JsonObject[] {
  const columns = columnsOf(config);
  ensureFew(config.items.length * columns.length);
  const isGrouped = config.groupBy !== undefined;
  const groups = new Map<string, Group>();
  const groupOf = (key: JsonValue): Group => {
    const text = canonicalJson(key);
    const group = groups.get(text) ?? { key, gathered: columns.map(() => []) };
    groups.set(text, group);
    return group;
  };
  // As in SQL: without groups there is one row, also of nothing.
  if (!isGrouped) groupOf(null);
  for (const [index, item] of config.items.entries()) {
    const { gathered } = groupOf(isGrouped ? forItem('groupBy', item, index) : null);
    const values = forItem('values', item, index);
    for (const [place, column] of columns.entries())
      gathered[place]?.push(fitting(valueIn(values, column), column, index));
  }
  return [...groups.values()].map((group) => ({
    ...(isGrouped ? { [KEY]: group.key } : {}),
    ...Object.fromEntries(columns.map((column, place) => [column.name, resultOf(column, group.gathered[place] ?? [])])),
  }));
}

function ensureFew(cells: number): void {
  if (cells <= MAX_CELLS) return;
  const message = `are too many for so many values: items times values is ${cells}, and at most ${MAX_CELLS}`;
  throw invalid({ path: 'items', message });
}

/** A template keeps the shape of what is written: `{ total: { sum: 5 } }`. */
function valueIn(values: JsonValue, column: NamedColumn): JsonValue {
  const cell = isJsonObject(values) ? values[column.name] : undefined;
  return (isJsonObject(cell) ? cell[column.function] : undefined) ?? null;
}

function fitting(value: JsonValue, column: NamedColumn, index: number): JsonValue {
  const { takes } = aggregateFunction(column.function);
  if (!takes || takes.isFit(value)) return value;
  throw misfitAt(pathOf(column), index, `gave ${typeNameOf(value)}, not ${takes.what}`);
}

function resultOf(column: NamedColumn, values: readonly JsonValue[]): JsonValue {
  const { of, refusal: message = 'gave nothing' } = aggregateFunction(column.function);
  const result = of(values);
  if (result !== undefined) return result;
  throw invalid({ path: pathOf(column), message });
}

function invalid(problem: Problem): NodeError {
  const details = { problems: [{ path: problem.path, message: problem.message }] };
  return new NodeError('INVALID_CONFIG', `${problem.path} ${problem.message}`, { retryable: false, details });
}

function pathOf(column: NamedColumn): string {
  return `values.${column.name}.${column.function}`;
}
