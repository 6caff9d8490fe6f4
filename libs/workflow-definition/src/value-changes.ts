import { isJsonObject } from '#libs/kernel';

/** One place at which two values differ. A side that has nothing there is absent. */
export interface StepChange {
  readonly steps: readonly PropertyKey[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Every place at which two JSON values differ, as deep as both go on alike; undefined when there are more than `most`. */
export function changesBetween(before: unknown, after: unknown, most: number): StepChange[] | undefined {
  const changes: StepChange[] = [];
  const compare = (steps: readonly PropertyKey[], one: unknown, other: unknown): boolean => {
    if (Array.isArray(one) && Array.isArray(other)) return compareLists(steps, one, other);
    if (isJsonObject(one) && isJsonObject(other)) return compareObjects(steps, one, other);
    return one === other || found({ steps, before: one, after: other });
  };
  const found = (change: StepChange): boolean => changes.push(change) <= most;
  const compareLists = (steps: readonly PropertyKey[], one: readonly unknown[], other: readonly unknown[]): boolean =>
    Array.from({ length: Math.max(one.length, other.length) }).every((_, index) => {
      if (index >= other.length) return found({ steps: [...steps, index], before: one[index] });
      if (index >= one.length) return found({ steps: [...steps, index], after: other[index] });
      return compare([...steps, index], one[index], other[index]);
    });
  const compareObjects = (steps: readonly PropertyKey[], one: Fields, other: Fields): boolean =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => {
      if (!Object.hasOwn(other, key)) return found({ steps: [...steps, key], before: one[key] });
      if (!Object.hasOwn(one, key)) return found({ steps: [...steps, key], after: other[key] });
      return compare([...steps, key], one[key], other[key]);
    });
  return compare([], before, after) ? changes : undefined;
}

type Fields = Readonly<Record<string, unknown>>;
