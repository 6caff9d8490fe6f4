import { isNumeric, wholeOf, type Numeric } from '../numbers.ts';
import type { Run } from '../run.ts';
import {
  Bytes,
  Duration,
  isList,
  isMap,
  kindOf,
  Optional,
  Timestamp,
  type ListValue,
  type MapValue,
  type Value,
} from '../value.ts';

/** What a parameter takes, and what the function then gets. `whole` takes 2 as well as 2.0, since JSON has no ints. */
interface ParameterTypes {
  any: Value;
  bool: boolean;
  bytes: Bytes;
  double: number;
  duration: Duration;
  int: bigint;
  list: ListValue;
  map: MapValue;
  number: Numeric;
  optional: Optional;
  string: string;
  timestamp: Timestamp;
  whole: number;
}
export type ParameterKind = keyof ParameterTypes;

const TAKE: { readonly [Parameter in ParameterKind]: (value: Value) => ParameterTypes[Parameter] | undefined } = {
  any: (value) => value,
  bool: (value) => (typeof value === 'boolean' ? value : undefined),
  bytes: (value) => (value instanceof Bytes ? value : undefined),
  double: (value) => (typeof value === 'number' ? value : undefined),
  duration: (value) => (value instanceof Duration ? value : undefined),
  int: (value) => (typeof value === 'bigint' ? value : undefined),
  list: (value) => (isList(value) ? value : undefined),
  map: (value) => (isMap(value) ? value : undefined),
  number: (value) => (isNumeric(value) ? value : undefined),
  optional: (value) => (value instanceof Optional ? value : undefined),
  string: (value) => (typeof value === 'string' ? value : undefined),
  timestamp: (value) => (value instanceof Timestamp ? value : undefined),
  whole: wholeOf,
};

type ArgumentsOf<Kinds extends readonly ParameterKind[]> = { [Index in keyof Kinds]: ParameterTypes[Kinds[Index]] };
type Invoke<Kinds extends readonly ParameterKind[]> = (run: Run, ...args: ArgumentsOf<Kinds>) => Value;

/** Arguments that stand in the expression as literals; undefined for computed ones. */
export type Literals = readonly (Value | undefined)[];

/** What preparing may use up. Throws a Fault when there is none left. */
export interface PrepareBudget {
  takePattern(): void;
}

/** Does once, while the expression is compiled, what literal arguments allow. A Fault refuses the expression. */
type Prepare<Kinds extends readonly ParameterKind[]> = (
  literals: Literals,
  budget: PrepareBudget,
) => Invoke<Kinds> | undefined;

/** Gives undefined when the arguments are not what this overload takes. */
export type Attempt = (run: Run, args: readonly Value[]) => Value | undefined;

export interface Overload {
  /** As users write it, without the name: of a method the first stands before the dot. */
  readonly parameters: readonly ParameterKind[];
  takesCount(count: number): boolean;
  prepare(literals: Literals, budget: PrepareBudget): Attempt;
}

export function overload<const Kinds extends readonly ParameterKind[]>(
  parameters: Kinds,
  invoke: Invoke<Kinds>,
  prepare?: Prepare<Kinds>,
): Overload {
  return {
    parameters,
    takesCount: (count) => count === parameters.length,
    prepare: (literals, budget) => attempt(parameters, prepare?.(literals, budget) ?? invoke),
  };
}

/** Takes one argument or more, all of one kind. */
export function variadic<Kind extends ParameterKind>(
  kind: Kind,
  invoke: (run: Run, args: readonly ParameterTypes[Kind][]) => Value,
): Overload {
  return {
    parameters: [kind],
    takesCount: (count) => count > 0,
    prepare: () => (run, args) => {
      const taken = args.map((argument) => TAKE[kind](argument));
      return taken.every((argument) => argument !== undefined) ? invoke(run, taken) : undefined;
    },
  };
}

function attempt<const Kinds extends readonly ParameterKind[]>(parameters: Kinds, invoke: Invoke<Kinds>): Attempt {
  return (run, args) => {
    const taken: unknown[] = [];
    for (let index = 0; index < parameters.length; index++) {
      const argument = takeAt(parameters, args, index);
      if (argument === undefined) return undefined;
      taken.push(argument);
    }
    // One by one, TAKE has made each argument what its parameter says.
    return invoke(run, ...(taken as unknown as ArgumentsOf<Kinds>));
  };
}

function takeAt(parameters: readonly ParameterKind[], args: readonly Value[], index: number): Value | undefined {
  const kind = parameters[index];
  const argument = args[index];
  return kind === undefined || argument === undefined ? undefined : TAKE[kind](argument);
}

/** Overloads by name; in a namespace the name is `math.round`. */
export type FunctionTable = Readonly<Record<string, readonly Overload[]>>;

export function describeArguments(args: readonly Value[]): string {
  return args.map(kindOf).join(', ');
}
