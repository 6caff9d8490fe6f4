import { Fault } from '../fault.ts';
import { EXPRESSION_LIMITS } from '../limits.ts';
import { isNumeric, wholeOf } from '../numbers.ts';
import { writeJson } from '../result.ts';
import type { Run } from '../run.ts';
import { kindOf, Opaque, type ListValue, type Value } from '../value.ts';

const CLAUSE = /%(?:%|(?:\.(\d{1,4}))?([A-Za-z]))|%/g;
const { maxPrecision } = EXPRESSION_LIMITS;
const DEFAULT_PRECISION = 6;

type Write = (run: Run, value: Value, precision: number) => string;

const CLAUSES: ReadonlyMap<string, Write> = new Map<string, Write>([
  ['s', writeText],
  ['d', (_run, value) => wholeText(value, 'd', 10)],
  ['b', (_run, value) => (typeof value === 'boolean' ? String(Number(value)) : wholeText(value, 'b', 2))],
  ['o', (_run, value) => wholeText(value, 'o', 8)],
  ['x', (_run, value) => wholeText(value, 'x', 16)],
  ['X', (_run, value) => wholeText(value, 'X', 16).toUpperCase()],
  ['f', (_run, value, precision) => numberOf(value, 'f').toFixed(precision)],
  ['e', (_run, value, precision) => numberOf(value, 'e').toExponential(precision)],
]);

/** `"%s has %d".format([name, count])`, by CEL's string extension. */
export function formatText(run: Run, template: string, values: ListValue): string {
  run.spendText(template.length);
  run.spendList(values.length);
  const pieces: string[] = [];
  let length = 0;
  let used = 0;
  let from = 0;
  const add = (piece: string) => {
    length += piece.length;
    run.spend(1);
    if (length > EXPRESSION_LIMITS.maxTextLength) run.spendText(length);
    pieces.push(piece);
  };
  for (const match of template.matchAll(CLAUSE)) {
    add(template.slice(from, match.index));
    from = match.index + match[0].length;
    add(match[0] === '%%' ? '%' : writeClause(run, match, values[used++]));
  }
  add(template.slice(from));
  if (used < values.length) throw new Fault('format() got more values than the text has places');
  run.spendText(length);
  return pieces.join('');
}

function writeClause(run: Run, match: RegExpExecArray, value: Value | undefined): string {
  const [, precision, verb] = match;
  const write = CLAUSES.get(verb ?? '');
  if (write === undefined)
    throw new Fault('format() does not know a place', 'it knows %s %d %f %.2f %e %b %o %x %X and %%');
  if (value === undefined) throw new Fault('format() got fewer values than the text has places');
  const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision);
  if (digits > maxPrecision) throw new Fault(`format() writes at most ${maxPrecision} digits`);
  return write(run, value, digits);
}

function writeText(run: Run, value: Value): string {
  const plain = value instanceof Opaque ? value.toPlain() : value;
  if (typeof plain !== 'object') return String(plain);
  return plain === null ? 'null' : writeJson(run, plain);
}

function wholeText(value: Value, verb: string, radix: number): string {
  const whole = typeof value === 'bigint' ? value : wholeOf(value);
  if (whole === undefined) throw new Fault(`%${verb} takes a whole number, not ${kindOf(value)}`);
  return whole.toString(radix);
}

function numberOf(value: Value, verb: string): number {
  if (!isNumeric(value)) throw new Fault(`%${verb} takes a number, not ${kindOf(value)}`);
  return Number(value);
}
