import type { ASTNode } from '@marcbachmann/cel-js';
import { compileAt, NODES_NEED_AN_ID, refuse, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { Fault } from './fault.ts';
import { nearestFirst } from './nearest.ts';
import { wholeOf } from './numbers.ts';
import type { Run } from './run.ts';
import { fieldOf, isList, isMap, kindOf, Opaque, Optional, type MapValue, type Value } from './value.ts';

type FieldNode = NodeOf<'.' | '.?'>;
type IndexNode = NodeOf<'[]' | '[?]'>;
type AccessNode = FieldNode | IndexNode;

const MAX_HINTED_NAMES = 8;
const MAX_HINTED_LENGTH = 40;
const VARIABLES_ARE_OF_THE_START =
  'an execution sees those variables of its workspace that its workflow reads and that existed when it started';

export function compileField(node: FieldNode, place: Place): Evaluate {
  const [targetNode, key] = node.args;
  const target = compileTarget(node, place, key);
  const optional = node.op === '.?';
  const how = { ...accessTo(targetNode, place), optional, offset: node.pos, literalKey: true };
  return (run) => {
    const value = target(run);
    // The way of nearly every access, kept free of everything else.
    if (
      !optional &&
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.hasOwn(value, key)
    ) {
      const field = isMap(value) ? value[key] : undefined;
      if (field !== undefined) return field;
    }
    return reach(value, key, how);
  };
}

export function compileIndex(node: IndexNode, place: Place): Evaluate {
  const [targetNode, keyNode] = node.args;
  const target = compileTarget(node, place, keyNode.op === 'value' ? keyNode.args : undefined);
  const index = compileAt(keyNode, place);
  const how = {
    ...accessTo(targetNode, place),
    optional: node.op === '[?]',
    offset: keyNode.pos,
    literalKey: keyNode.op === 'value',
  };
  return (run) => reach(target(run), index(run), how);
}

/**
 * What stands before the dot or bracket. Of `nodes`, it must be known now which node is meant: `key` is its id. Of `vars`,
 * it is good to know: then the others need not be looked up.
 */
function compileTarget(node: AccessNode, place: Place, key: unknown): Evaluate {
  const [target] = node.args;
  if (isRoot('vars', target, place) && typeof key === 'string') {
    place.compilation.variables.add(key);
    return (run) => run.scope.vars;
  }
  if (!isRoot('nodes', target, place)) return compileAt(target, place);
  if (typeof key !== 'string') return refuse(place, target, NODES_NEED_AN_ID);
  place.compilation.nodeReferences.add(key);
  return (run) => run.scope.nodes;
}

function isRoot(name: 'nodes' | 'vars', node: ASTNode, place: Place): boolean {
  return node.op === 'id' && node.args === name && !place.locals.includes(name);
}

interface Access {
  readonly optional: boolean;
  /** How the expression spells what is looked into. */
  readonly source: string;
  readonly isVariables: boolean;
  /** Whether the key stands in the expression; a computed one is a value, and values are never told. */
  readonly literalKey: boolean;
  readonly offset: number;
}

/** Optionals are looked through: once optional, always optional. */
function reach(value: Value, key: Value, access: Access): Value {
  if (value instanceof Optional) return Optional.of(value.value === undefined ? undefined : find(value.value, key));
  if (access.optional) return Optional.of(find(value, key));
  const found = find(value, key);
  if (found !== undefined) return found;
  throw missing(value, key, access).at(access.offset);
}

function find(value: Value, key: Value): Value | undefined {
  if (isList(value)) {
    const index = wholeOf(key);
    return index === undefined || index < 0 ? undefined : value[index];
  }
  if (typeof key !== 'string' || value instanceof Opaque) return undefined;
  return isMap(value) ? fieldOf(value, key) : undefined;
}

function missing(value: Value, key: Value, access: Access): Fault {
  const { source } = access;
  if (isList(value)) return missingItem(value.length, key, source);
  if (!isMap(value)) {
    return new Fault(`${source} is ${kindOf(value)}, it has no fields`, 'x.?field.orValue("…") gives a default');
  }
  if (typeof key !== 'string') return new Fault(`the key of a map is text, not ${kindOf(key)}`);
  const message = `${source} has no ${access.literalKey ? `field ${JSON.stringify(shorten(key))}` : 'such field'}`;
  const why = access.isVariables ? `; ${VARIABLES_ARE_OF_THE_START}` : '';
  return new Fault(message, () => `${message}; ${namesOf(value, key)}${why}`);
}

function namesOf(map: MapValue, wanted: string): string {
  const names = Object.keys(map);
  if (names.length === 0) return 'it has none';
  const shown = nearestFirst(names, wanted).slice(0, MAX_HINTED_NAMES).map(shorten).join(', ');
  const more = names.length - MAX_HINTED_NAMES;
  return `it has: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

function missingItem(length: number, key: Value, source: string): Fault {
  if (wholeOf(key) === undefined) {
    const hint = `${source}[0] is the first, size(${source}) counts them`;
    return new Fault(`${source} is a list: its items have numbers, from 0`, hint);
  }
  return new Fault('no such item in the list', `${source} has ${length} items, the first is number 0`);
}

function shorten(text: string): string {
  return text.length > MAX_HINTED_LENGTH ? `${text.slice(0, MAX_HINTED_LENGTH)}…` : text;
}

function accessTo(node: ASTNode, place: Place): Pick<Access, 'source' | 'isVariables'> {
  const { start, end } = node;
  return { source: shorten(place.compilation.text.slice(start, end)), isVariables: isRoot('vars', node, place) };
}

/** `has(x.field)` and `has(x["field"])`: whether the last step exists. What comes before must. */
export function compileHas(node: ASTNode, place: Place): Evaluate {
  if (node.op === '.' || node.op === '.?') {
    const target = compileTarget(node, place, node.args[1]);
    const key = node.args[1];
    return (run) => holds(target(run), key);
  }
  if (node.op === '[]' || node.op === '[?]') {
    const key = node.args[1];
    const target = compileTarget(node, place, key.op === 'value' ? key.args : undefined);
    const index = compileAt(key, place);
    return (run: Run) => holds(target(run), index(run));
  }
  return refuse(place, node, 'has() takes a field, as in has(trigger.body.zip)');
}

function holds(value: Value, key: Value): boolean {
  const inside = value instanceof Optional ? value.value : value;
  return inside !== undefined && find(inside, key) !== undefined;
}
