import { Fault } from '../fault.ts';
import { finite, int64 } from '../numbers.ts';
import type { Run } from '../run.ts';
import { TYPE_NAMES } from '../names.ts';
import { Bytes, kindOf, Opaque, Optional, type Value } from '../value.ts';
import { countCodePoints } from './code-points.ts';
import { bytesOf, encodeUtf8, tryDecodeUtf8 } from './octets.ts';
import { overload, type FunctionTable, type Overload } from './registry.ts';

const WHOLE = /^[+-]?\d{1,19}$/;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const MAX_NUMBER_LENGTH = 400;

const SIZE: readonly Overload[] = [
  overload(['string'], (run, text) => BigInt(countCodePoints(run, text))),
  overload(['list'], (_run, list) => BigInt(list.length)),
  overload(['map'], (run, map) => {
    const { length } = Object.keys(map);
    run.spend(length * 2);
    return BigInt(length);
  }),
  overload(['bytes'], (_run, { octets }) => BigInt(octets.length)),
];

export const CONVERSIONS: FunctionTable = {
  size: SIZE,
  string: [overload(['any'], toText)],
  int: [
    overload(['int'], (_run, value) => value),
    overload(['double'], (_run, value) => int64(BigInt(Math.trunc(value)))),
    overload(['string'], (_run, text) => parseWhole(text)),
    overload(['timestamp'], (_run, { epochMs }) => BigInt(Math.floor(epochMs / 1000))),
  ],
  double: [
    overload(['number'], (_run, value) => Number(value)),
    overload(['string'], (_run, text) => parseDecimal(text)),
  ],
  bool: [overload(['bool'], (_run, value) => value), overload(['string'], (_run, text) => parseBoolean(text))],
  bytes: [
    overload(['bytes'], (_run, value) => value),
    overload(['string'], (run, text) => {
      run.spendText(text.length * 4);
      return bytesOf(encodeUtf8(text));
    }),
  ],
  type: [overload(['any'], (_run, value) => typeName(value))],
  dyn: [overload(['any'], (_run, value) => value)],
  'optional.of': [overload(['any'], (_run, value) => Optional.of(value))],
  'optional.none': [overload([], () => Optional.NONE)],
};

export const CONVERSION_METHODS: FunctionTable = {
  size: SIZE,
  hasValue: [overload(['optional'], (_run, { value }) => value !== undefined)],
  value: [
    overload(['optional'], (_run, { value }) => {
      if (value !== undefined) return value;
      throw new Fault('the optional value is absent', '.orValue(…) gives a default');
    }),
  ],
};

function typeName(value: Value): Value {
  const kind = kindOf(value);
  return TYPE_NAMES.get(kind === 'null' ? 'null_type' : kind) ?? null;
}

function toText(run: Run, value: Value): Value {
  if (value instanceof Bytes) return decodeText(run, value.octets);
  if (value instanceof Opaque && !(value instanceof Optional)) return value.toPlain();
  if (typeof value !== 'object') return String(value);
  throw new Fault(`string() cannot take ${kindOf(value)}`, 'json.stringify(x) writes lists and maps as JSON');
}

/** The text that octets hold in UTF-8. */
export function decodeText(run: Run, octets: Uint8Array): string {
  run.spendText(octets.length);
  run.spend(octets.length >> 2);
  const text = tryDecodeUtf8(octets);
  if (text !== undefined) return text;
  throw new Fault('the bytes are not UTF-8 text');
}

function parseWhole(text: string): bigint {
  if (WHOLE.test(text)) return int64(BigInt(text.replace('+', '')));
  throw new Fault('int() cannot read the text: digits, and a sign at most');
}

function parseDecimal(text: string): number {
  if (text.length <= MAX_NUMBER_LENGTH && DECIMAL.test(text)) return finite(Number(text));
  throw new Fault('double() cannot read the text: a decimal number, as in 12.5 or 1e3');
}

function parseBoolean(text: string): boolean {
  if (['true', 'True', 'TRUE', 't', '1'].includes(text)) return true;
  if (['false', 'False', 'FALSE', 'f', '0'].includes(text)) return false;
  throw new Fault('bool() cannot read the text: true or false');
}
