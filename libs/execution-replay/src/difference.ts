import { isJsonObject, type JsonValue } from '#libs/kernel';
import { canonicalJson, formatPath } from '#libs/workflow-definition';
import { isEqual } from './equal.ts';

export const DIFFERENCE_KINDS = ['path', 'input', 'output', 'error', 'missingRecording', 'outcome'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One thing that is not as it was recorded. */
export interface Difference {
  readonly nodeId: string;
  readonly kind: DifferenceKind;
  /** Where in `before` and `after` they first differ, when both are objects or lists. */
  readonly at?: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

export interface DifferenceLimits {
  /** Differences told at most. */
  readonly differences: number;
  /** UTF-16 units of JSON of a value that is shown whole. */
  readonly valueLength: number;
}

export const DEFAULT_LIMITS: DifferenceLimits = { differences: 1_000, valueLength: 4_096 };

/** The difference with values that are small enough to be shown: of large ones the part that differs, or its beginning. */
export function shown(
  nodeId: string,
  kind: DifferenceKind,
  {
    before,
    after,
    limits,
  }: { readonly before: JsonValue; readonly after: JsonValue; readonly limits: DifferenceLimits },
): Difference {
  const { steps, parts } = firstDifference(before, after);
  const at = steps.length > 0 ? { at: formatPath(steps) } : {};
  const fit = (value: JsonValue): boolean => canonicalJson(value).length <= limits.valueLength;
  if (fit(before) && fit(after)) return { nodeId, kind, ...at, before, after };
  const [partBefore, partAfter] = parts.map((part) => cut(part ?? null, limits.valueLength));
  return { nodeId, kind, ...at, before: partBefore ?? null, after: partAfter ?? null };
}

/** The way down to the first place at which the values differ, in canonical order, and what is there. */
function firstDifference(
  before: JsonValue,
  after: JsonValue,
): { readonly steps: readonly (string | number)[]; readonly parts: readonly [JsonValue?, JsonValue?] } {
  const steps: (string | number)[] = [];
  let parts: [JsonValue?, JsonValue?] = [before, after];
  for (;;) {
    const step = stepToDifference(...parts);
    if (step === undefined) return { steps, parts };
    steps.push(step);
    parts = [childAt(parts[0], step), childAt(parts[1], step)];
  }
}

function stepToDifference(before: JsonValue | undefined, after: JsonValue | undefined): string | number | undefined {
  if (isList(before) && isList(after)) {
    const longest = before.length > after.length ? before : after;
    const index = longest.findIndex((_, place) => !isSame(before[place], after[place]));
    return index < 0 ? undefined : index;
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return undefined;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.find((key) => !isSame(childAt(before, key), childAt(after, key)));
}

function isSame(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  return before === undefined || after === undefined ? before === after : isEqual(before, after);
}

function childAt(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (isList(value)) return value[Number(step)];
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A value too large to be shown, as `{cut, length}`: the beginning of its JSON, and how long that is. */
function cut(value: JsonValue, length: number): JsonValue {
  const json = canonicalJson(value);
  return json.length <= length ? value : { cut: json.slice(0, length), length: json.length };
}
