import type { JsonObject } from '#libs/kernel';
import type { Draft } from './draft.ts';

/** How one schema is a part of another. `key` is the name in a map or the index in a list. */
export interface Part {
  readonly keyword: AppliedKeyword;
  readonly key?: string | number;
  readonly place: number;
}

/** The keywords by which a schema applies others, in the words of 2020-12 whatever the draft. */
export type AppliedKeyword =
  | 'allOf'
  | 'anyOf'
  | 'oneOf'
  | 'not'
  | 'if'
  | 'then'
  | 'else'
  | 'dependentSchemas'
  | 'properties'
  | 'patternProperties'
  | 'additionalProperties'
  | 'propertyNames'
  | 'unevaluatedProperties'
  | 'prefixItems'
  | 'items'
  | 'contains'
  | 'unevaluatedItems';

/** One schema inside the schema. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: JsonObject | boolean;
  /** What it applies, in the order written. */
  readonly parts: Part[];
  /** The place that its `$ref` means. */
  target?: number;
}

/** A schema taken apart: the first place is the whole. Parts refer to places by index. */
export interface SchemaPlaces {
  readonly draft: Draft;
  readonly places: readonly Place[];
}

export function applies({ parts }: Place, keyword: AppliedKeyword): boolean {
  return parts.some((part) => part.keyword === keyword);
}
