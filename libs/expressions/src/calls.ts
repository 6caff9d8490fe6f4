import type { ASTNode } from '@marcbachmann/cel-js';
import { compileHas } from './access.ts';
import { compileAt, refuse, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { Fault } from './fault.ts';
import {
  describeArguments,
  type Attempt,
  type Literals,
  type Overload,
  type ParameterKind,
} from './functions/registry.ts';
import { FUNCTIONS, METHODS } from './functions/tables.ts';
import { compileBind, compileMacro, isMacro } from './macros.ts';
import { NAMESPACES } from './names.ts';
import { compileOrOptional, compileOrValue } from './optionals.ts';
import { placed } from './operators.ts';
import type { Value } from './value.ts';

/** What is called, as users know it. */
interface Callee {
  readonly name: string;
  readonly isMethod: boolean;
}

export function compileCall(node: NodeOf<'call'>, place: Place): Evaluate {
  const [name, args] = node.args;
  const [argument] = args;
  if (name === 'has' && argument !== undefined && args.length === 1) return compileHas(argument, place);
  return compileInvocation(node, { name, isMethod: false }, { args, place });
}

export function compileMethodCall(node: NodeOf<'rcall'>, place: Place): Evaluate {
  const [name, receiver, args] = node.args;
  if (receiver.op === 'id' && NAMESPACES.has(receiver.args)) {
    if (receiver.args === 'cel') return compileBind(node, place);
    return compileInvocation(node, { name: `${receiver.args}.${name}`, isMethod: false }, { args, place });
  }
  if (isMacro(name, args.length)) return compileMacro(node, place);
  const compileSpecial = args.length === 1 ? TAKING_ONE_LATER.get(name) : undefined;
  if (compileSpecial !== undefined) return compileSpecial(node, place);
  return compileInvocation(node, { name, isMethod: true }, { args: [receiver, ...args], place });
}

/** Methods that compute their argument only when they need it. */
const TAKING_ONE_LATER: ReadonlyMap<string, (node: NodeOf<'rcall'>, place: Place) => Evaluate> = new Map([
  ['orValue', compileOrValue],
  ['or', compileOrOptional],
]);

function compileInvocation(
  node: ASTNode,
  callee: Callee,
  { args, place }: { readonly args: readonly ASTNode[]; readonly place: Place },
): Evaluate {
  const parts = args.map((argument) => compileAt(argument, place));
  const overloads = (callee.isMethod ? METHODS : FUNCTIONS).get(callee.name);
  if (overloads === undefined) return refuse(place, node, unknownFunction(callee));
  const fitting = overloads.filter((overload) => overload.takesCount(args.length));
  if (fitting.length === 0) return refuse(place, node, `${callee.name}() is written ${spellings(callee, overloads)}`);
  const attempts = prepare(node, fitting, { literals: args.map(literalOf), place });
  return (run) => {
    const values = parts.map((part) => part(run));
    try {
      for (const attempt of attempts) {
        const result = attempt(run, values);
        if (result !== undefined) return result;
      }
    } catch (error) {
      throw placed(error, node);
    }
    throw new Fault(
      `${callee.name}() does not take (${describeArguments(values)})`,
      `it is written ${spellings(callee, overloads)}`,
    ).at(node.pos);
  };
}

function prepare(
  node: ASTNode,
  overloads: readonly Overload[],
  { literals, place }: { readonly literals: Literals; readonly place: Place },
): readonly Attempt[] {
  const budget = {
    takePattern: () => {
      if (!place.compilation.takePattern()) throw new Fault('the template holds too many regular expressions');
    },
  };
  try {
    return overloads.map((overload) => overload.prepare(literals, budget));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    refuse(place, node, error.hint === undefined ? error.message : `${error.message}; ${error.hint}`);
    return [];
  }
}

function literalOf(node: ASTNode): Value | undefined {
  if (node.op !== 'value') return undefined;
  return typeof node.args === 'object' ? undefined : node.args;
}

function unknownFunction({ name, isMethod }: Callee): string {
  const other = (isMethod ? FUNCTIONS : METHODS).get(name);
  if (other !== undefined) return `${name}() is written ${spellings({ name, isMethod: !isMethod }, other)}`;
  const [namespace] = name.split('.');
  const siblings = name.includes('.') ? [...FUNCTIONS.keys()].filter((known) => known.startsWith(`${namespace}.`)) : [];
  return `unknown function ${name}()${siblings.length > 0 ? `; there are ${siblings.join(', ')}` : ''}`;
}

function spellings(callee: Callee, overloads: readonly Overload[]): string {
  return overloads.map(({ parameters }) => spell(callee, parameters)).join(' or ');
}

function spell({ name, isMethod }: Callee, parameters: readonly ParameterKind[]): string {
  if (!isMethod) return `${name}(${parameters.join(', ')})`;
  const [receiver, ...others] = parameters;
  return `${receiver}.${name}(${others.join(', ')})`;
}
