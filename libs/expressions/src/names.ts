import type { Run } from './run.ts';
import { TypeName, type Value } from './value.ts';

/** The names an expression starts from. `item` and `index` are absent outside loops of nodes. */
export const ROOTS: ReadonlyMap<string, (run: Run) => Value | undefined> = new Map([
  ['trigger', ({ scope }: Run): Value | undefined => scope.trigger],
  ['nodes', ({ scope }: Run): Value | undefined => scope.nodes],
  ['execution', ({ scope }: Run): Value | undefined => scope.execution],
  ['workflow', ({ scope }: Run): Value | undefined => scope.workflow],
  ['vars', ({ scope }: Run): Value | undefined => scope.vars],
  ['item', ({ scope }: Run): Value | undefined => scope.item],
  ['index', ({ scope }: Run): Value | undefined => scope.index],
]);

/** First parts of function names, as in `math.round(x)`. */
export const NAMESPACES: ReadonlySet<string> = new Set([
  'math',
  'json',
  'base64',
  'hash',
  'date',
  're',
  'optional',
  'cel',
]);

/** What `type(x)` is compared with, as in `type(x) == string`. */
export const TYPE_NAMES: ReadonlyMap<string, TypeName> = new Map(
  [
    'bool',
    'int',
    'double',
    'string',
    'list',
    'map',
    'bytes',
    'null_type',
    'timestamp',
    'duration',
    'optional',
    'type',
  ].map((name) => [name, new TypeName(name)]),
);

/** Whether the name means something already, so that no loop may hide it behind its variable. */
export function isTaken(name: string): boolean {
  return ROOTS.has(name) || NAMESPACES.has(name) || TYPE_NAMES.has(name);
}
