import type { ASTNode } from '@marcbachmann/cel-js';
import { compileAt, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { Fault } from './fault.ts';
import type { Run } from './run.ts';
import { kindOf, Optional } from './value.ts';

/** `x.?field.orValue(other)`: the other is computed only when it is needed. Null is a value, not an absence. */
export function compileOrValue(node: NodeOf<'rcall'>, place: Place): Evaluate {
  const optional = optionalAt(node.args[1], place);
  const [other] = node.args[2].map((argument) => compileAt(argument, place));
  return (run) => {
    const { value } = optional(run);
    return value === undefined ? (other?.(run) ?? null) : value;
  };
}

/** `x.?one.or(x.?two)`: the first that is there. */
export function compileOrOptional(node: NodeOf<'rcall'>, place: Place): Evaluate {
  const optional = optionalAt(node.args[1], place);
  const [other] = node.args[2].map((argument) => optionalAt(argument, place));
  return (run) => {
    const first = optional(run);
    return first.value === undefined ? (other?.(run) ?? first) : first;
  };
}

function optionalAt(node: ASTNode, place: Place): (run: Run) => Optional {
  const evaluate = compileAt(node, place);
  return (run) => {
    const value = evaluate(run);
    if (value instanceof Optional) return value;
    throw new Fault(`${kindOf(value)} is not optional`, 'write x.?field.orValue("…"), with the ?').at(node.pos);
  };
}
