import { Fault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';
import type { Run } from '../run.ts';
import type { ListValue, Value } from '../value.ts';
import { characterAt, countCodePoints, slice, unitOffset } from './code-points.ts';
import { formatText } from './format.ts';
import { overload, type FunctionTable } from './registry.ts';

export const STRING_METHODS: FunctionTable = {
  contains: [overload(['string', 'string'], (run, text, part) => search(run, text, part) && text.includes(part))],
  startsWith: [overload(['string', 'string'], (_run, text, part) => text.startsWith(part))],
  endsWith: [overload(['string', 'string'], (_run, text, part) => text.endsWith(part))],
  lowerAscii: [overload(['string'], (run, text) => changeCase(run, text, LOWER))],
  upperAscii: [overload(['string'], (run, text) => changeCase(run, text, UPPER))],
  trim: [
    overload(['string'], (run, text) => {
      run.spendText(text.length);
      return text.trim();
    }),
  ],
  split: [
    overload(['string', 'string'], (run, text, separator) => split(run, text, separator, -1)),
    overload(['string', 'string', 'whole'], split),
  ],
  join: [overload(['list'], (run, list) => join(run, list, '')), overload(['list', 'string'], join)],
  replace: [
    overload(['string', 'string', 'string'], (run, text, part, by) => replace(run, text, { part, by, limit: -1 })),
    // eslint-disable-next-line max-params -- run and the arguments that CEL gives it
    overload(['string', 'string', 'string', 'whole'], (run, text, part, by, limit) =>
      replace(run, text, { part, by, limit }),
    ),
  ],
  substring: [
    overload(['string', 'whole'], (run, text, start) => substring(run, text, start, undefined)),
    overload(['string', 'whole', 'whole'], substring),
  ],
  indexOf: [
    overload(['string', 'string'], (run, text, part) => indexOf(run, text, part, 0)),
    overload(['string', 'string', 'whole'], indexOf),
  ],
  lastIndexOf: [
    overload(['string', 'string'], (run, text, part) => {
      search(run, text, part);
      return BigInt(characterAt(run, text, text.lastIndexOf(part)));
    }),
  ],
  format: [overload(['string', 'list'], formatText)],
};

/** Looking for a long part in a long text can cost their product: V8 compares part by part from its end. */
const COMPARED_PER_STEP_LOG2 = 13;

function search(run: Run, text: string, part: string): true {
  run.spendText(text.length);
  run.spend((Math.max(0, text.length - part.length) * part.length) / 2 ** COMPARED_PER_STEP_LOG2);
  return true;
}

interface Case {
  readonly letters: RegExp;
  readonly change: (text: string) => string;
}

const LOWER: Case = { letters: /[A-Z]+/g, change: (text) => text.toLowerCase() };
const UPPER: Case = { letters: /[a-z]+/g, change: (text) => text.toUpperCase() };
const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Only the letters of ASCII change; among others they are changed run by run, which takes longer. */
function changeCase(run: Run, text: string, { letters, change }: Case): string {
  run.spendText(text.length);
  if (!BEYOND_ASCII.test(text)) return change(text);
  run.spend(text.length >> 1);
  return text.replace(letters, change);
}

function split(run: Run, text: string, separator: string, limit: number): Value {
  search(run, text, separator);
  const { maxListLength } = EXPRESSION_LIMITS;
  // One part more than allowed is enough to know.
  const most = limit < 0 ? maxListLength + 1 : Math.min(limit, maxListLength + 1);
  if (most === 0) return [];
  const parts = separator === '' ? [...text.slice(0, most * 2)].slice(0, most) : text.split(separator, most);
  run.spendList(parts.length);
  return limit > 0 && parts.length === limit ? [...parts.slice(0, -1), restOf(text, parts, separator)] : parts;
}

/** The last of a limited number of parts holds everything that is left, separators included. */
function restOf(text: string, parts: readonly string[], separator: string): string {
  const before = parts.slice(0, -1).reduce((length, part) => length + part.length + separator.length, 0);
  return text.slice(before);
}

function join(run: Run, list: ListValue, separator: string): string {
  run.spendList(list.length);
  let length = separator.length * Math.max(0, list.length - 1);
  const texts = list.map((item) => {
    if (typeof item !== 'string') throw new Fault('join() takes a list of texts', 'list.map(x, string(x)) makes one');
    length += item.length;
    return item;
  });
  run.spendText(length);
  return texts.join(separator);
}

interface Replacement {
  readonly part: string;
  readonly by: string;
  /** How many at most; below 0 all. */
  readonly limit: number;
}

function replace(run: Run, text: string, { part, by, limit }: Replacement): string {
  search(run, text, part);
  const pieces: string[] = [];
  let length = text.length;
  let from = 0;
  for (let count = 0; limit < 0 || count < limit; count++) {
    const at = part === '' ? nextCharacter(text, from, count) : text.indexOf(part, from);
    if (at < 0) break;
    length += by.length - part.length;
    if (length > EXPRESSION_LIMITS.maxTextLength) run.spendText(length);
    run.spend(1);
    pieces.push(text.slice(from, at), by);
    from = at + part.length;
  }
  run.spendText(length);
  return pieces.join('') + text.slice(from);
}

/** Where an empty part is found: before every character and at the end, each once. */
function nextCharacter(text: string, from: number, count: number): number {
  if (count === 0) return 0;
  if (from >= text.length) return -1;
  return from + unitOffset(text.slice(from, from + 2), 1);
}

function substring(run: Run, text: string, start: number, end: number | undefined): string {
  const part = slice(run, text, start, end);
  if (part !== undefined) return part;
  throw new Fault('substring() reaches outside the text', `the text has ${countCodePoints(run, text)} characters`);
}

function indexOf(run: Run, text: string, part: string, start: number): bigint {
  search(run, text, part);
  if (slice(run, text, start, undefined) === undefined) throw new Fault('indexOf() starts outside the text');
  return BigInt(characterAt(run, text, text.indexOf(part, unitOffset(text, start))));
}
