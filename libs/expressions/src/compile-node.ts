import type { ASTNode, ASTOperator } from '@marcbachmann/cel-js';
import { compileField, compileIndex } from './access.ts';
import { compileCall, compileMethodCall } from './calls.ts';
import { compileAt, NODES_NEED_AN_ID, refuse, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { Fault } from './fault.ts';
import { toBase64 } from './functions/octets.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { ROOTS, TYPE_NAMES, NAMESPACES } from './names.ts';
import { compileAnd, compileBinary, compileNegation, compileNot, compileOr, conditionOf } from './operators.ts';
import { Bytes, setField, type Value } from './value.ts';

type NodeCompilers = { readonly [Operator in ASTOperator]: (node: NodeOf<Operator>, place: Place) => Evaluate };

const COMPILERS: NodeCompilers = {
  value: compileLiteral,
  id: compileName,
  '.': compileField,
  '.?': compileField,
  '[]': compileIndex,
  '[?]': compileIndex,
  call: compileCall,
  rcall: compileMethodCall,
  list: compileList,
  map: compileMap,
  '?:': compileChoice,
  '||': compileOr,
  '&&': compileAnd,
  '!_': compileNot,
  '-_': compileNegation,
  '==': compileBinary,
  '!=': compileBinary,
  in: compileBinary,
  '+': compileBinary,
  '-': compileBinary,
  '*': compileBinary,
  '/': compileBinary,
  '%': compileBinary,
  '<': compileBinary,
  '<=': compileBinary,
  '>': compileBinary,
  '>=': compileBinary,
};

const MAX_INT = 2n ** 63n - 1n;

/** Turns a node into a closure. Problems are recorded, so that one pass finds them all. */
export function compileNode(node: ASTNode, outer: Place): Evaluate {
  if (outer.depth >= EXPRESSION_LIMITS.maxDepth) {
    return refuse(outer, node, `nests deeper than ${EXPRESSION_LIMITS.maxDepth} levels`);
  }
  outer.compilation.weight++;
  // TypeScript cannot see that the compiler found under a node's operator takes that node.
  const compiler = COMPILERS[node.op] as (node: ASTNode, place: Place) => Evaluate;
  return compiler(node, { ...outer, depth: outer.depth + 1 });
}

function compileLiteral(node: NodeOf<'value'>, place: Place): Evaluate {
  const value = literalOf(node);
  if (typeof value === 'bigint' && value > MAX_INT) return refuse(place, node, 'a whole number is beyond 64 bits');
  return value === undefined ? refuse(place, node, 'this literal is not supported: write 1, not 1u') : () => value;
}

/** Undefined for literals of unsigned numbers, which JSON does not need. */
function literalOf({ args }: NodeOf<'value'>): Value | undefined {
  if (args instanceof Uint8Array) return new Bytes(args, toBase64);
  return typeof args === 'object' && args !== null ? undefined : args;
}

function compileName(node: NodeOf<'id'>, place: Place): Evaluate {
  const name = node.args;
  const slot = place.locals.lastIndexOf(name);
  if (slot >= 0) return (run) => run.locals[slot] ?? null;
  const typeName = TYPE_NAMES.get(name);
  if (typeName !== undefined) return () => typeName;
  if (name === 'nodes') return refuse(place, node, NODES_NEED_AN_ID);
  if (name === 'vars') place.compilation.variables.addAll();
  const root = ROOTS.get(name);
  if (root === undefined) return refuse(place, node, unknownName(name, place));
  return (run) => {
    const value = root(run);
    if (value !== undefined) return value;
    throw new Fault(`${name} has no value here`, 'item and index exist where a node works item by item').at(node.pos);
  };
}

function unknownName(name: string, { compilation, locals }: Place): string {
  if (NAMESPACES.has(name)) return `${name} is no value: call one of its functions, as in ${name}.…(…)`;
  const known = [...locals, ...ROOTS.keys()].join(', ');
  const dashed = /\bnodes\.\w+-/.test(compilation.text) ? '; an id with a dash is written nodes["my-node"]' : '';
  return `unknown name ${name}; known here: ${known}${dashed}`;
}

function compileList(node: NodeOf<'list'>, place: Place): Evaluate {
  const items = node.args.map((item) => compileAt(item, place));
  return (run) => items.map((item) => item(run));
}

function compileMap(node: NodeOf<'map'>, place: Place): Evaluate {
  const entries = node.args.map(([key, value]) => ({
    key: compileAt(key, place),
    value: compileAt(value, place),
    offset: key.pos,
  }));
  return (run) => {
    const map: Record<string, Value> = {};
    for (const { key, value, offset } of entries) {
      const name = key(run);
      if (typeof name !== 'string') throw new Fault('the key of a map is text', 'string(x) gives it').at(offset);
      if (Object.hasOwn(map, name)) throw new Fault('a key stands twice in a map').at(offset);
      setField(map, name, value(run));
    }
    return map;
  };
}

function compileChoice(node: NodeOf<'?:'>, place: Place): Evaluate {
  const condition = conditionOf(node.args[0], place);
  const whenTrue = compileAt(node.args[1], place);
  const whenFalse = compileAt(node.args[2], place);
  return (run) => (condition(run) ? whenTrue(run) : whenFalse(run));
}
