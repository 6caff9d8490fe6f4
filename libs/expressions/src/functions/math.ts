import { int64, type Numeric } from '../numbers.ts';
import type { Value } from '../value.ts';
import { extreme } from './lists.ts';
import { overload, variadic, type FunctionTable, type Overload } from './registry.ts';

export const MATH_FUNCTIONS: FunctionTable = {
  'math.round': rounding((value) => Math.sign(value) * Math.round(Math.abs(value))),
  'math.floor': rounding(Math.floor),
  'math.ceil': rounding(Math.ceil),
  'math.abs': [overload(['number'], (_run, value) => abs(value))],
  'math.least': extremes(-1),
  'math.greatest': extremes(1),
};

/** Whole numbers stay what they are; halves round away from zero, as CEL has it. */
function rounding(round: (value: number) => number): readonly Overload[] {
  return [overload(['number'], (_run, value): Value => (typeof value === 'bigint' ? value : round(value)))];
}

function abs(value: Numeric): Numeric {
  if (typeof value === 'number') return Math.abs(value);
  return int64(value < 0n ? -value : value);
}

/** Of its arguments, or of the numbers in one list. */
function extremes(sign: -1 | 1): readonly Overload[] {
  return [
    overload(['list'], (run, list) => extreme(run, list, sign)),
    variadic('number', (run, numbers) => extreme(run, numbers, sign)),
  ];
}
