import type { JsonValue } from '#libs/kernel';
import { Fault, LimitFault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';
import { finite } from '../numbers.ts';
import { writeJson } from '../result.ts';
import type { Run } from '../run.ts';
import { isList } from '../value.ts';
import { decodeText } from './conversions.ts';
import { encodeUtf8, toBase64, tryFromBase64 } from './octets.ts';
import { overload, type FunctionTable } from './registry.ts';
import { sha256 } from './sha256.ts';

/** Steps for each octet: these run in JavaScript, octet by octet. */
const OCTETS_PER_STEP_LOG2 = 2;
/** A value of JSON can be two characters, and costs more than any of CEL's. */
const JSON_PER_STEP_LOG2 = 1;

export const ENCODINGS: FunctionTable = {
  'json.parse': [overload(['string'], parseJson)],
  'json.stringify': [overload(['any'], writeJson)],
  'base64.encode': [
    overload(['string'], (run, text) => toBase64(octetsOf(run, text))),
    overload(['bytes'], (run, { octets }) => toBase64(spendOctets(run, octets))),
  ],
  'base64.decode': [
    overload(['string'], (run, text) => {
      run.spendText(text.length);
      run.spend(text.length >> OCTETS_PER_STEP_LOG2);
      const octets = tryFromBase64(text);
      if (octets === undefined) throw new Fault('base64.decode() cannot read the text');
      return decodeText(run, octets);
    }),
  ],
  'hash.sha256': [
    overload(['string'], (run, text) => hex(sha256(octetsOf(run, text)))),
    overload(['bytes'], (run, { octets }) => hex(sha256(spendOctets(run, octets)))),
  ],
};

function parseJson(run: Run, text: string): JsonValue {
  run.spendText(text.length);
  run.spend(text.length >> JSON_PER_STEP_LOG2);
  const value = tryParse(text);
  if (value === undefined) throw new Fault('json.parse() cannot read the text: it is not JSON');
  checkParsed(value, 0);
  return value;
}

/** What JSON.parse gives is JSON by definition. */
function tryParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** JSON.parse makes numbers that are too large infinite, and nests as deep as it is told. */
function checkParsed(value: JsonValue, depth: number): void {
  if (typeof value === 'number') finite(value);
  if (typeof value !== 'object' || value === null) return;
  const { maxJsonDepth } = EXPRESSION_LIMITS;
  if (depth >= maxJsonDepth) throw new LimitFault(`the JSON nests deeper than ${maxJsonDepth} levels`);
  for (const part of isList(value) ? value : Object.values(value)) checkParsed(part, depth + 1);
}

function octetsOf(run: Run, text: string): Uint8Array {
  run.spendText(text.length);
  return spendOctets(run, encodeUtf8(text));
}

function spendOctets(run: Run, octets: Uint8Array): Uint8Array {
  run.spendText(octets.length);
  run.spend(octets.length >> OCTETS_PER_STEP_LOG2);
  return octets;
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}
