import type { JsonObject, JsonValue } from '#libs/kernel';

export type Draft = '2020-12' | '7';

const DRAFTS: ReadonlyMap<JsonValue | undefined, Draft> = new Map<JsonValue | undefined, Draft>([
  [undefined, '2020-12'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['http://json-schema.org/draft-07/schema', '7'],
]);

/** The draft a schema is written in; undefined for one that is not known here. */
export function draftOf({ $schema }: JsonObject): Draft | undefined {
  return DRAFTS.get(typeof $schema === 'string' ? $schema.replace(/#$/, '') : $schema);
}
