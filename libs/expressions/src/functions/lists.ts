import { compare } from '../equality.ts';
import { Fault } from '../fault.ts';
import { calculate, OPERATIONS } from '../numbers.ts';
import { toJson } from '../result.ts';
import { Draft, type Run } from '../run.ts';
import { isList, kindOf, type ListValue, type Value } from '../value.ts';
import { overload, type FunctionTable } from './registry.ts';

export const LIST_METHODS: FunctionTable = {
  sum: [overload(['list'], sum)],
  min: [overload(['list'], (run, list) => extreme(run, list, -1))],
  max: [overload(['list'], (run, list) => extreme(run, list, 1))],
  sort: [overload(['list'], (run, list) => sortByKeys(run, list, list))],
  distinct: [overload(['list'], distinct)],
  flatten: [overload(['list'], (run, list) => flatten(run, list, 1)), overload(['list', 'whole'], flatten)],
  first: [overload(['list'], (_run, list) => end(list[0]))],
  last: [overload(['list'], (_run, list) => end(list.at(-1)))],
};

function sum(run: Run, list: ListValue): Value {
  run.spendList(list.length);
  let total: Value = 0n;
  for (const item of list) {
    const next = calculate(OPERATIONS['+'], total, item);
    if (next === undefined) throw new Fault(`sum() adds numbers, not ${kindOf(item)}`);
    total = next;
  }
  return total;
}

/** Smallest with sign -1, largest with 1. */
export function extreme(run: Run, list: ListValue, sign: -1 | 1): Value {
  run.spendList(list.length);
  let best = end(list[0]);
  for (const item of list) if (compare(run, item, best) * sign > 0) best = item;
  return best;
}

function end(item: Value | undefined): Value {
  if (item !== undefined) return item;
  throw new Fault('the list is empty', 'list[?0].orValue(…) gives a default');
}

/** The items in the order of their keys; equal ones stay as they were. */
export function sortByKeys(run: Run, items: ListValue, keys: ListValue): Value {
  run.spendList(items.length);
  run.spend(items.length);
  const pairs = items.map((item, index) => ({ item, key: keys[index] ?? null }));
  pairs.sort((left, right) => {
    run.spend(1);
    return compare(run, left.key, right.key);
  });
  return pairs.map(({ item }) => item);
}

function distinct(run: Run, list: ListValue): Value {
  run.spendList(list.length);
  const seen = new Set<string>();
  return list.filter((item) => {
    const identity = identityOf(run, item);
    const isNew = !seen.has(identity);
    seen.add(identity);
    return isNew;
  });
}

/** Equal values, and only those, have the same: numbers by value, maps in any order of their keys. */
function identityOf(run: Run, value: Value): string {
  if (typeof value === 'string') {
    run.spendText(value.length);
    return `"${value}`;
  }
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const text = JSON.stringify(toJson(new Draft(run), value), (_key, part: unknown) => sorted(part));
  run.spendText(text.length * 4);
  return `${kindOf(value)}${text}`;
}

function sorted(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function flatten(run: Run, list: ListValue, levels: number): Value {
  if (levels < 0) throw new Fault('flatten() takes the number of levels, from 0');
  const flat: Value[] = [];
  addFlat(run, flat, list, Math.min(levels, 64));
  return flat;
}

function addFlat(run: Run, flat: Value[], list: ListValue, levels: number): void {
  run.spendList(list.length);
  for (const item of list) {
    if (levels > 0 && isList(item)) addFlat(run, flat, item, levels - 1);
    else flat.push(item);
  }
  run.spendList(flat.length);
}
