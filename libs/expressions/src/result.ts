import type { JsonValue } from '#libs/kernel';
import { LimitFault } from './fault.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { Draft, type Meter, type Run } from './run.ts';
import { isList, Opaque, setField, type ListValue, type MapValue, type Value } from './value.ts';

/** What each value counts beside its characters. */
const VALUE_SIZE = 8;

/**
 * The value as JSON, measured on the way. What is JSON already is given as it is, not copied. What JSON cannot
 * hold becomes the text that protobuf's JSON mapping gives: timestamps, durations, bytes, and ints beyond 2^53.
 */
export function toJson(meter: Meter, value: Value): JsonValue {
  return measure(meter, value, 0) ? value : convert(value);
}

/** The value inside a text: strings as they are, nothing for null and absent optionals, JSON for lists and maps. */
export function toText(run: Run, value: Value): string {
  const plain = value instanceof Opaque ? value.toPlain() : value;
  if (plain === null) return '';
  if (typeof plain === 'string') {
    run.grow(plain.length);
    return plain;
  }
  if (typeof plain !== 'object') return String(plain);
  const text = writeJson(run, plain);
  run.grow(text.length);
  return text;
}

/** The value written as JSON, for use inside an expression. */
export function writeJson(run: Run, value: Value): string {
  const text = JSON.stringify(toJson(new Draft(run), value));
  run.spendText(text.length);
  return text;
}

/** Grows the meter by the value, and tells whether it is JSON as it stands. */
function measure(meter: Meter, value: Value, depth: number): value is JsonValue {
  switch (typeof value) {
    case 'string':
      meter.grow(value.length + VALUE_SIZE);
      return true;
    case 'object':
      if (value !== null) return measureObject(meter, value, depth);
      meter.grow(VALUE_SIZE);
      return true;
    default:
      meter.grow(VALUE_SIZE);
      // JSON has no negative zero either: JSON.stringify would lose its sign silently.
      return typeof value !== 'bigint' && !Object.is(value, -0);
  }
}

function measureObject(meter: Meter, value: Exclude<Value & object, null>, depth: number): boolean {
  if (value instanceof Opaque) {
    measure(meter, value.toPlain(), depth);
    return false;
  }
  meter.grow(VALUE_SIZE);
  if (depth >= EXPRESSION_LIMITS.maxJsonDepth) {
    throw new LimitFault(`the result nests deeper than ${EXPRESSION_LIMITS.maxJsonDepth} levels`);
  }
  return isList(value) ? measureList(meter, value, depth) : measureMap(meter, value, depth);
}

/** Every item is measured, also behind one that is not JSON yet. */
function measureList(meter: Meter, list: ListValue, depth: number): boolean {
  let isJson = true;
  for (const item of list) isJson = measure(meter, item, depth + 1) && isJson;
  return isJson;
}

function measureMap(meter: Meter, map: MapValue, depth: number): boolean {
  let isJson = true;
  for (const key of Object.keys(map)) {
    meter.grow(key.length);
    isJson = measure(meter, map[key] ?? null, depth + 1) && isJson;
  }
  return isJson;
}

function convert(value: Value): JsonValue {
  if (typeof value === 'bigint') return convertInt(value);
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Opaque) return convert(value.toPlain());
  return isList(value) ? value.map(convert) : convertMap(value);
}

function convertInt(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function convertMap(map: MapValue): JsonValue {
  const fields: Record<string, JsonValue> = {};
  for (const key of Object.keys(map)) setField(fields, key, convert(map[key] ?? null));
  return fields;
}
