import type { ASTNode } from '@marcbachmann/cel-js';
import { compileAt, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { compare, isEqual } from './equality.ts';
import { Fault, LimitFault } from './fault.ts';
import { concatenate } from './functions/octets.ts';
import { calculate, int64, OPERATIONS, type ArithmeticOperator } from './numbers.ts';
import type { Run } from './run.ts';
import { Bytes, Duration, fieldOf, isList, isMap, kindOf, Timestamp, type Value } from './value.ts';

type Binary = (run: Run, left: Value, right: Value) => Value;
type BinaryNode = NodeOf<'==' | '!=' | 'in' | '<' | '<=' | '>' | '>=' | ArithmeticOperator>;

/** An error that `||` and `&&` forgive costs what making it costs. */
const FORGIVEN_STEPS = 50;

const BINARIES: Readonly<Record<BinaryNode['op'], Binary>> = {
  '==': isEqual,
  '!=': (run, left, right) => !isEqual(run, left, right),
  in: isIn,
  '<': (run, left, right) => compare(run, left, right) < 0,
  '<=': (run, left, right) => compare(run, left, right) <= 0,
  '>': (run, left, right) => compare(run, left, right) > 0,
  '>=': (run, left, right) => compare(run, left, right) >= 0,
  '+': (run, left, right) => calculate(OPERATIONS['+'], left, right) ?? join(run, left, right),
  '-': (_run, left, right) => calculate(OPERATIONS['-'], left, right) ?? subtractTimes(left, right),
  '*': (_run, left, right) => calculate(OPERATIONS['*'], left, right) ?? mismatch('*', left, right),
  '/': (_run, left, right) => calculate(OPERATIONS['/'], left, right) ?? mismatch('/', left, right),
  '%': (_run, left, right) => calculate(OPERATIONS['%'], left, right) ?? mismatch('%', left, right),
};

export function compileBinary(node: BinaryNode, place: Place): Evaluate {
  const left = compileAt(node.args[0], place);
  const right = compileAt(node.args[1], place);
  const apply = BINARIES[node.op];
  return (run) => {
    const first = left(run);
    const second = right(run);
    try {
      return apply(run, first, second);
    } catch (error) {
      throw placed(error, node);
    }
  };
}

/** Tells a fault its place, unless a part further inside has done so. */
export function placed(error: unknown, node: { readonly pos: number }): unknown {
  return error instanceof Fault ? error.at(node.pos) : error;
}

function mismatch(operator: string, left: Value, right: Value): never {
  const textWithOther = operator === '+' && (typeof left === 'string' || typeof right === 'string');
  throw new Fault(
    `cannot compute ${kindOf(left)} ${operator} ${kindOf(right)}`,
    textWithOther ? 'string(x) turns a number into text' : undefined,
  );
}

function join(run: Run, left: Value, right: Value): Value {
  if (typeof left === 'string' && typeof right === 'string') {
    run.spendText(left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right)) {
    run.spendList(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof Bytes && right instanceof Bytes) {
    run.spendText(left.octets.length + right.octets.length);
    return concatenate(left, right);
  }
  return addTimes(left, right);
}

function addTimes(left: Value, right: Value): Value {
  if (right instanceof Duration) {
    if (left instanceof Duration) return durationOf(left.ms + right.ms);
    if (left instanceof Timestamp) return timestampAt(left.epochMs + right.ms);
  }
  if (left instanceof Duration && right instanceof Timestamp) return timestampAt(left.ms + right.epochMs);
  return mismatch('+', left, right);
}

function subtractTimes(left: Value, right: Value): Value {
  if (left instanceof Timestamp && right instanceof Timestamp) return durationOf(left.epochMs - right.epochMs);
  if (left instanceof Timestamp && right instanceof Duration) return timestampAt(left.epochMs - right.ms);
  if (left instanceof Duration && right instanceof Duration) return durationOf(left.ms - right.ms);
  return mismatch('-', left, right);
}

/** From year 1 to year 9999, as CEL has it; anything else has no RFC 3339 text. */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

export function timestampAt(epochMs: number): Timestamp {
  if (epochMs >= FIRST_MS && epochMs <= LAST_MS) return new Timestamp(epochMs);
  throw new Fault('a timestamp is outside the years 1 to 9999');
}

/** As far as CEL has it: ten thousand years. */
const LONGEST_MS = 315_576_000_000_000;

export function durationOf(ms: number): Duration {
  if (Math.abs(ms) <= LONGEST_MS) return new Duration(ms);
  throw new Fault('a duration is longer than 10000 years');
}

function isIn(run: Run, left: Value, right: Value): boolean {
  if (isList(right)) {
    run.spendList(right.length);
    return right.some((item) => isEqual(run, left, item));
  }
  if (isMap(right)) return typeof left === 'string' && fieldOf(right, left) !== undefined;
  throw new Fault(
    `in looks into a list or a map, not into ${kindOf(right)}`,
    typeof right === 'string' ? 'text.contains("part") looks into text' : undefined,
  );
}

/** A part that must give a boolean. */
export function conditionOf(node: ASTNode, place: Place): (run: Run) => boolean {
  const evaluate = compileAt(node, place);
  return (run) => {
    const value = evaluate(run);
    if (typeof value === 'boolean') return value;
    throw new Fault(
      `a condition is true or false, not ${kindOf(value)}`,
      'compare it, as in x == "yes" or size(x) > 0',
    ).at(node.pos);
  };
}

export function compileOr(node: NodeOf<'||'>, place: Place): Evaluate {
  return compileLogic(node, place, true);
}

export function compileAnd(node: NodeOf<'&&'>, place: Place): Evaluate {
  return compileLogic(node, place, false);
}

/** CEL's logic looks at both sides when the first fails: `decisive` on either side settles it. */
function compileLogic(node: NodeOf<'||' | '&&'>, place: Place, decisive: boolean): Evaluate {
  const left = conditionOf(node.args[0], place);
  const right = conditionOf(node.args[1], place);
  return (run) => {
    let first: boolean;
    try {
      first = left(run);
    } catch (error) {
      forgive(run, error);
      if (right(run) === decisive) return decisive;
      throw error;
    }
    return first === decisive ? decisive : right(run);
  };
}

/** Rethrows what no operator may forgive. */
export function forgive(run: Run, error: unknown): asserts error is Fault {
  if (!(error instanceof Fault) || error instanceof LimitFault) throw error;
  run.spend(FORGIVEN_STEPS);
}

export function compileNot(node: NodeOf<'!_'>, place: Place): Evaluate {
  const operand = conditionOf(node.args, place);
  return (run) => !operand(run);
}

export function compileNegation(node: NodeOf<'-_'>, place: Place): Evaluate {
  const operand = compileAt(node.args, place);
  return (run) => {
    const value = operand(run);
    if (typeof value === 'number') return -value;
    if (typeof value === 'bigint') {
      try {
        return int64(-value);
      } catch (error) {
        throw placed(error, node);
      }
    }
    if (value instanceof Duration) return durationOf(-value.ms);
    throw new Fault(`cannot negate ${kindOf(value)}`).at(node.pos);
  };
}
