import type { JsonObject, JsonValue } from '#libs/kernel';

type Keywords = Readonly<Record<string, JsonValue>>;

export interface Rewording {
  /** Whether `unevaluatedProperties` or `unevaluatedItems` stand anywhere in the schema. */
  readonly tracksUnevaluated: boolean;
  /** For what is said twice. */
  readonly toPiece: (condition: JsonValue) => JsonObject;
}

/** Says what ajv would judge wrongly in other words that mean the same. */
export function reword(written: Keywords, { tracksUnevaluated, toPiece }: Rewording): Keywords {
  const apart = withContainsApart(written);
  return tracksUnevaluated ? withPatternsApart(withoutIf(apart, toPiece)) : apart;
}

/** Ajv, where it stops at the first error, leaves out `contains` for lists shorter than `prefixItems`. */
function withContainsApart(written: Keywords): Keywords {
  const { contains, minContains, maxContains, ...others } = written;
  if (contains === undefined || written.prefixItems === undefined) return written;
  return withBranch(others, withoutGaps({ contains, minContains, maxContains }));
}

/** Ajv counts what an `if` names even when it does not hold, and nothing without `then`. So: if and then, or not if and else. */
function withoutIf(written: Keywords, toPiece: Rewording['toPiece']): Keywords {
  const { if: condition, then, else: otherwise, ...others } = written;
  if (condition === undefined) return others;
  const holds = toPiece(condition);
  return withBranch(others, {
    anyOf: [{ allOf: [holds, then ?? true] }, { allOf: [{ not: holds }, otherwise ?? true] }],
  });
}

/** After a choice that looked at nothing, ajv's patterns fail. They stand apart, with the keywords that read them. */
function withPatternsApart(written: Keywords): Keywords {
  const { patternProperties, properties, additionalProperties, ...others } = written;
  if (patternProperties === undefined) return written;
  return withBranch(others, withoutGaps({ patternProperties, properties, additionalProperties }));
}

function withoutGaps(keywords: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(keywords).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function withBranch(written: Keywords, branch: JsonObject): Keywords {
  return { ...written, allOf: [...((written.allOf ?? []) as readonly JsonValue[]), branch] };
}
