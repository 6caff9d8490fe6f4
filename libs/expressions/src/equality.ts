import { Fault, LimitFault } from './fault.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { isNumeric, sameNumber } from './numbers.ts';
import type { Run } from './run.ts';
import {
  Bytes,
  Duration,
  fieldOf,
  isList,
  isMap,
  kindOf,
  Opaque,
  Optional,
  Timestamp,
  type ListValue,
  type MapValue,
  type Value,
} from './value.ts';

/** Below this, comparing two texts costs no more than any other step. */
const SHORT_TEXT = 256;
/** Deeper than any result may be, shallow enough for the stack. */
const MAX_COMPARED_DEPTH = EXPRESSION_LIMITS.maxJsonDepth * 4;

/** CEL's equality: numbers by value whatever their type, lists and maps by content, different types are never equal. */
export function isEqual(run: Run, left: Value, right: Value, depth = 0): boolean {
  if (left === right) return true;
  if (isNumeric(left)) return isNumeric(right) && sameNumber(left, right);
  if (typeof left === 'string') return isSameText(run, left, right);
  if (!isObject(left) || !isObject(right)) return false;
  return isSameObject(run, left, right, depth);
}

type ObjectValue = ListValue | MapValue | Opaque;

function isObject(value: Value): value is ObjectValue {
  return typeof value === 'object' && value !== null;
}

function isSameObject(run: Run, left: ObjectValue, right: ObjectValue, depth: number): boolean {
  if (depth > MAX_COMPARED_DEPTH) throw new LimitFault('values nest too deeply to compare');
  run.spend(1);
  if (isList(left)) return isList(right) && isSameList(run, left, right, depth);
  if (left instanceof Opaque) return right instanceof Opaque && isSameOpaque(run, left, right, depth);
  return isMap(right) && isSameMap(run, left, right, depth);
}

function isSameText(run: Run, left: string, right: Value): boolean {
  if (typeof right !== 'string' || left.length !== right.length) return false;
  if (left.length > SHORT_TEXT) run.spendText(left.length);
  return left === right;
}

function isSameList(run: Run, left: ListValue, right: ListValue, depth: number): boolean {
  if (left.length !== right.length) return false;
  run.spend(left.length);
  return left.every((item, index) => isEqual(run, item, right[index] ?? null, depth + 1));
}

function isSameMap(run: Run, left: MapValue, right: MapValue, depth: number): boolean {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  run.spend(keys.length);
  return keys.every((key) => {
    const other = fieldOf(right, key);
    return other !== undefined && isEqual(run, left[key] ?? null, other, depth + 1);
  });
}

function isSameOpaque(run: Run, left: Opaque, right: Opaque, depth: number): boolean {
  if (left.kind !== right.kind) return false;
  if (left instanceof Bytes) run.spendText(left.octets.length * 2);
  if (!(left instanceof Optional) || !(right instanceof Optional)) return left.toPlain() === right.toPlain();
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return isEqual(run, left.value, right.value, depth + 1);
}

/** Negative, zero or positive. Numbers, texts, booleans, timestamps and durations have an order, each among themselves. */
export function compare(run: Run, left: Value, right: Value): number {
  if (isNumeric(left) && isNumeric(right)) return order(left, right);
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length > SHORT_TEXT) run.spendText(Math.min(left.length, right.length));
    return order(left, right);
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return compareTimes(left, right);
}

function compareTimes(left: Value, right: Value): number {
  if (left instanceof Timestamp && right instanceof Timestamp) return left.epochMs - right.epochMs;
  if (left instanceof Duration && right instanceof Duration) return left.ms - right.ms;
  throw new Fault(
    `cannot order ${kindOf(left)} and ${kindOf(right)}`,
    'compare values of one type; string(x), int(x) and double(x) convert',
  );
}

function order<Ordered extends string | number | bigint>(left: Ordered, right: Ordered): number {
  if (left < right) return -1;
  return left > right ? 1 : 0;
}
