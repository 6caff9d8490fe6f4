import { Fault } from './fault.ts';
import type { Value } from './value.ts';

export type Numeric = number | bigint;
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

export function isNumeric(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** CEL's int has 64 bits. */
export function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new Fault('a whole number is beyond 64 bits');
}

/** JSON knows neither infinity nor NaN, so no number here is one. */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new Fault('a number is too large');
}

interface Operation {
  readonly ints: (left: bigint, right: bigint) => bigint;
  readonly doubles: (left: number, right: number) => number;
}

function nonZero<Divisor extends Numeric>(divisor: Divisor): Divisor {
  if (divisor === 0n || divisor === 0) throw new Fault('division by zero');
  return divisor;
}

export const OPERATIONS: Readonly<Record<ArithmeticOperator, Operation>> = {
  '+': { ints: (left, right) => left + right, doubles: (left, right) => left + right },
  '-': { ints: (left, right) => left - right, doubles: (left, right) => left - right },
  '*': { ints: (left, right) => left * right, doubles: (left, right) => left * right },
  '/': { ints: (left, right) => left / nonZero(right), doubles: (left, right) => left / nonZero(right) },
  '%': { ints: (left, right) => left % nonZero(right), doubles: (left, right) => left % nonZero(right) },
};

/** Undefined when one of the two is no number. Two ints give an int, anything else a double. */
export function calculate({ ints, doubles }: Operation, left: Value, right: Value): Numeric | undefined {
  if (typeof left === 'number') {
    if (typeof right === 'number') return finite(doubles(left, right));
    return typeof right === 'bigint' ? finite(doubles(left, Number(right))) : undefined;
  }
  if (typeof left !== 'bigint') return undefined;
  if (typeof right === 'bigint') return int64(ints(left, right));
  return typeof right === 'number' ? finite(doubles(Number(left), right)) : undefined;
}

export function sameNumber(left: Numeric, right: Numeric): boolean {
  if (typeof left === typeof right) return left === right;
  return Number.isInteger(Number(left)) && Number.isInteger(Number(right)) && BigInt(left) === BigInt(right);
}

/** The JavaScript number of a whole number that fits one, else undefined. */
export function wholeOf(value: Value): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
