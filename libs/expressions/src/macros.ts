import type { ASTNode } from '@marcbachmann/cel-js';
import { compileAt, refuse, type Evaluate, type NodeOf, type Place } from './compilation.ts';
import { Fault } from './fault.ts';
import { sortByKeys } from './functions/lists.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { isTaken } from './names.ts';
import { conditionOf, forgive, placed } from './operators.ts';
import type { Run } from './run.ts';
import { isList, isMap, kindOf, type ListValue, type Value } from './value.ts';

/** A loop over the items of a list, or the keys of a map, as its body sees it. */
interface Loop {
  readonly node: NodeOf<'rcall'>;
  /** What is inside: the body's own place, with the variable in scope. */
  readonly place: Place;
  readonly body: readonly ASTNode[];
  /** Calls `visit` for each item, with the variable set; ends when that gives false. */
  each(run: Run, visit: (item: Value) => boolean): void;
}

const MACROS: ReadonlyMap<string, (loop: Loop) => Evaluate> = new Map([
  ['all/2', (loop: Loop) => compileQuantifier(loop, false)],
  ['exists/2', (loop: Loop) => compileQuantifier(loop, true)],
  ['exists_one/2', compileExistsOne],
  ['existsOne/2', compileExistsOne],
  ['map/2', compileMap],
  ['map/3', compileMap],
  ['filter/2', compileFilter],
  ['sortBy/2', compileSortBy],
]);

export function isMacro(name: string, argumentCount: number): boolean {
  return MACROS.has(`${name}/${argumentCount}`);
}

export function compileMacro(node: NodeOf<'rcall'>, place: Place): Evaluate {
  const [name, receiver, [variable, ...body]] = node.args;
  const range = compileAt(receiver, place);
  if (place.loops >= EXPRESSION_LIMITS.maxLoopNesting) {
    return refuse(place, node, `loops nest deeper than ${EXPRESSION_LIMITS.maxLoopNesting}`);
  }
  const inside = withVariable(variable, place);
  if (inside === undefined)
    return refuse(place, node, `${name}() takes a new variable name first, as in ${name}(x, …)`);
  const macro = MACROS.get(`${name}/${body.length + 1}`);
  if (macro === undefined) return refuse(place, node, `unknown function ${name}()`);
  return compileLoop(macro, { node, range, body, place: { ...inside, loops: place.loops + 1 } });
}

function withVariable(variable: ASTNode | undefined, place: Place): Place | undefined {
  if (variable?.op !== 'id' || isTaken(variable.args)) return undefined;
  return { ...place, locals: [...place.locals, variable.args] };
}

interface LoopParts extends Pick<Loop, 'node' | 'place' | 'body'> {
  readonly range: Evaluate;
}

function compileLoop(macro: (loop: Loop) => Evaluate, { node, range, body, place }: LoopParts): Evaluate {
  const { compilation } = place;
  const slot = place.locals.length - 1;
  const before = compilation.weight;
  let stepsPerRound = 1;
  const items = (run: Run) => itemsOf(run, range(run), node);
  const each = (run: Run, visit: (item: Value) => boolean) => {
    for (const item of items(run)) {
      run.spend(stepsPerRound);
      run.locals[slot] = item;
      if (!visit(item)) return;
    }
  };
  const evaluate = macro({ node, place, body, each });
  stepsPerRound += compilation.weight - before;
  return evaluate;
}

function itemsOf(run: Run, value: Value, node: NodeOf<'rcall'>): ListValue {
  try {
    const items = isMap(value) ? Object.keys(value) : value;
    if (!isList(items))
      throw new Fault(`${node.args[0]}() works on a list or the keys of a map, not on ${kindOf(value)}`);
    run.spendList(items.length);
    return items;
  } catch (error) {
    throw placed(error, node);
  }
}

function bodyCondition({ body, place }: Loop): (run: Run) => boolean {
  const [condition] = body.map((part) => conditionOf(part, place));
  return condition ?? (() => false);
}

function bodyValue({ body, place }: Loop): Evaluate {
  return body.slice(-1).map((part) => compileAt(part, place))[0] ?? (() => null);
}

/** As with `||` and `&&`, one deciding item settles it even when others fail. */
function compileQuantifier(loop: Loop, decisive: boolean): Evaluate {
  const condition = bodyCondition(loop);
  return (run) => {
    let settled = false;
    let failure: Fault | undefined;
    loop.each(run, () => {
      try {
        settled = condition(run) === decisive;
      } catch (error) {
        forgive(run, error);
        failure ??= error;
      }
      return !settled;
    });
    if (settled) return decisive;
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function compileExistsOne(loop: Loop): Evaluate {
  const condition = bodyCondition(loop);
  return (run) => {
    let count = 0;
    loop.each(run, () => {
      if (condition(run)) count++;
      return true;
    });
    return count === 1;
  };
}

/** `map(x, value)` or `map(x, condition, value)`. */
function compileMap(loop: Loop): Evaluate {
  const condition = loop.body.length === 2 ? bodyCondition({ ...loop, body: loop.body.slice(0, 1) }) : undefined;
  const transform = bodyValue(loop);
  return (run) => {
    const results: Value[] = [];
    loop.each(run, () => {
      if (condition === undefined || condition(run)) results.push(transform(run));
      return true;
    });
    return results;
  };
}

function compileFilter(loop: Loop): Evaluate {
  const condition = bodyCondition(loop);
  return (run) => {
    const kept: Value[] = [];
    loop.each(run, (item) => {
      if (condition(run)) kept.push(item);
      return true;
    });
    return kept;
  };
}

function compileSortBy(loop: Loop): Evaluate {
  const key = bodyValue(loop);
  return (run) => {
    const items: Value[] = [];
    const keys: Value[] = [];
    loop.each(run, (item) => {
      items.push(item);
      keys.push(key(run));
      return true;
    });
    try {
      return sortByKeys(run, items, keys);
    } catch (error) {
      throw placed(error, loop.node);
    }
  };
}

/** `cel.bind(name, value, expression)`: the expression with a name for the value. */
export function compileBind(node: NodeOf<'rcall'>, place: Place): Evaluate {
  const [name, , [variable, value, expression, ...more]] = node.args;
  if (name !== 'bind' || value === undefined || expression === undefined || more.length > 0) {
    return refuse(place, node, `unknown function cel.${name}(); there is cel.bind(name, value, expression)`);
  }
  const inside = withVariable(variable, place);
  if (inside === undefined) return refuse(place, node, 'cel.bind() takes a new name first');
  const slot = place.locals.length;
  const bound = compileAt(value, place);
  const evaluate = compileAt(expression, inside);
  return (run) => {
    run.locals[slot] = bound(run);
    return evaluate(run);
  };
}
