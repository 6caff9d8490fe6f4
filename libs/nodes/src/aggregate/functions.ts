import { canonicalJson } from '#libs/workflow-definition';
import type { JsonValue } from '#libs/kernel';

/** What one column makes of the values that its items gave, in their order. */
interface AggregateFunction {
  /** What a value must be, for people; undefined when it may be anything. */
  readonly takes: { readonly what: string; readonly isFit: (value: JsonValue) => boolean } | undefined;
  /** Undefined when nothing comes out of them, for the reason that `refusal` gives. */
  readonly of: (values: readonly JsonValue[]) => JsonValue | undefined;
  readonly refusal?: string;
}

const NUMBERS = { what: 'a number or null', isFit: (value: JsonValue) => value === null || typeof value === 'number' };
const COMPARABLES = {
  what: 'a number, a text or null',
  isFit: (value: JsonValue) => NUMBERS.isFit(value) || typeof value === 'string',
};
const TOO_LARGE = 'adds up to more than a number can hold';
const MIXED = 'gave numbers beside texts';
const BOOLEANS = { what: 'a boolean', isFit: (value: JsonValue) => typeof value === 'boolean' };

/** Numbers and texts leave null out, as a field that is not known; of nothing at all a sum is 0, the others null. */
export const AGGREGATE_FUNCTIONS = {
  sum: { takes: NUMBERS, of: (values) => finite(sumOf(numbersIn(values))), refusal: TOO_LARGE },
  avg: { takes: NUMBERS, of: (values) => averageOf(numbersIn(values)), refusal: TOO_LARGE },
  min: { takes: COMPARABLES, of: (values) => extremeOf(values, (one, other) => one < other), refusal: MIXED },
  max: { takes: COMPARABLES, of: (values) => extremeOf(values, (one, other) => one > other), refusal: MIXED },
  count: { takes: BOOLEANS, of: (values) => values.filter((value) => value === true).length },
  first: { takes: undefined, of: (values) => values[0] ?? null },
  last: { takes: undefined, of: (values) => values.at(-1) ?? null },
  list: { takes: undefined, of: (values) => values },
  distinct: { takes: undefined, of: (values) => [...firstOfEach(values).values()] },
} as const satisfies Readonly<Record<string, AggregateFunction>>;

export type AggregateFunctionName = keyof typeof AGGREGATE_FUNCTIONS;

export function aggregateFunction(name: AggregateFunctionName): AggregateFunction {
  return AGGREGATE_FUNCTIONS[name];
}

function numbersIn(values: readonly JsonValue[]): readonly number[] {
  return values.filter((value) => typeof value === 'number');
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function averageOf(numbers: readonly number[]): JsonValue | undefined {
  return numbers.length === 0 ? null : finite(sumOf(numbers) / numbers.length);
}

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

function extremeOf(
  values: readonly JsonValue[],
  isBetter: (one: string | number, other: string | number) => boolean,
): JsonValue | undefined {
  const known = values.filter((value) => typeof value === 'number' || typeof value === 'string');
  const [first = null] = known;
  if (known.some((value) => typeof value !== typeof first)) return undefined;
  return known.reduce<string | number | null>(
    (best, value) => (best === null || isBetter(value, best) ? value : best),
    null,
  );
}

/** By what is equal whatever the order of its keys. */
function firstOfEach(values: readonly JsonValue[]): ReadonlyMap<string, JsonValue> {
  const known = new Map<string, JsonValue>();
  for (const value of values) {
    const key = canonicalJson(value);
    if (!known.has(key)) known.set(key, value);
  }
  return known;
}
