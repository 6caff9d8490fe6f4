/**
 * Brings the data of an event from one released shape to the next. Pure, and as strict as it needs to be: the schema of
 * the current shape looks at what comes out.
 */
export type Upcaster = (data: unknown) => unknown;

/** By type of event: the first brings shape 1 to 2, the second 2 to 3, and so on. Types with one shape are not named. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** The shape that events of this type are written in now, from 1. */
export function currentShapeOf(upcasters: Upcasters, type: string): number {
  return stepsOf(upcasters, type).length + 1;
}

/**
 * A stored event in the current shape of its type. It says of which shape it is; one that does not is of the first. What
 * is no event at all, or of a shape that only a newer version knows, stays as it is: its schema refuses it.
 */
export function upcast(upcasters: Upcasters, stored: unknown): unknown {
  if (!isEventLike(stored)) return stored;
  const { shape = 1, data, ...event } = stored;
  const steps = stepsOf(upcasters, stored.type);
  if (steps.length === 0 || shape < 1 || shape > steps.length) return stored;
  return { ...event, data: steps.slice(shape - 1).reduce((older, step) => step(older), data) };
}

interface EventLike {
  readonly type: string;
  readonly shape?: number;
  readonly data: unknown;
}

function isEventLike(value: unknown): value is EventLike {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('data' in value)) return false;
  return typeof value.type === 'string' && (!('shape' in value) || Number.isInteger(value.shape));
}

function stepsOf(upcasters: Upcasters, type: string): readonly Upcaster[] {
  return Object.hasOwn(upcasters, type) ? (upcasters[type] ?? []) : [];
}
