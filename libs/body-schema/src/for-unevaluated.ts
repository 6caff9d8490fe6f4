import type { JsonObject, JsonValue } from '#libs/kernel';

type Keywords = Readonly<Record<string, JsonValue>>;

/**
 * Says what ajv would miscount in other words that mean the same, for schemas with `unevaluatedProperties` or
 * `unevaluatedItems`.
 */
export function wordForUnevaluated(written: Keywords, toPiece: (condition: JsonValue) => JsonObject): Keywords {
  return withPatternsApart(withoutIf(written, toPiece));
}

/** Ajv counts what an `if` names even when it does not hold, and nothing without `then`. So: if and then, or not if and else. */
function withoutIf(written: Keywords, toPiece: (condition: JsonValue) => JsonObject): Keywords {
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
  const branch: Record<string, JsonValue> = { patternProperties };
  if (properties !== undefined) branch.properties = properties;
  if (additionalProperties !== undefined) branch.additionalProperties = additionalProperties;
  return withBranch(others, branch);
}

function withBranch(written: Keywords, branch: JsonObject): Keywords {
  return { ...written, allOf: [...((written.allOf ?? []) as readonly JsonValue[]), branch] };
}
