import type { JsonObject, Problem } from '#libs/kernel';

/** JSON Schema 2020-12, whatever the dialect of the document. */
export type Schema = JsonObject | boolean;

export const PARAMETER_PLACES = ['path', 'query', 'header', 'cookie'] as const;
export type ParameterPlace = (typeof PARAMETER_PLACES)[number];

export const STYLES = ['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;
export type Style = (typeof STYLES)[number];

/** How a value is written as text. */
export interface Writing {
  readonly style: Style;
  readonly explode: boolean;
  /** Whether characters that mean something in URLs stay as they are. */
  readonly allowReserved: boolean;
}

export interface Parameter extends Writing {
  /** What callers name it by: its name, or `query.id` where it has parameters of that name in other places. */
  readonly key: string;
  readonly name: string;
  readonly in: ParameterPlace;
  readonly required: boolean;
  readonly description?: string;
  readonly deprecated?: boolean;
  /** Of the value; with `$ref` into the `$defs` of the operation. */
  readonly schema: Schema;
  /** The value is written as JSON, in place of a style. */
  readonly isJson?: boolean;
}

export interface BodyContent {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly schema: Schema;
  /** Of the fields of a form, where the document says so. */
  readonly encoding?: Readonly<Record<string, FieldEncoding>>;
}

export interface FieldEncoding extends Writing {
  readonly contentType?: string;
}

export interface RequestBody {
  readonly required: boolean;
  readonly description?: string;
  /** At least one, in the order of the document. */
  readonly content: readonly BodyContent[];
}

export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  | { readonly type: 'oauth2' | 'openIdConnect' | 'mutualTLS' };

/** One scheme that has to be met, under its name in the document. */
export interface Requirement {
  readonly name: string;
  readonly scheme: SecurityScheme;
}

/** Who may call: one of the alternatives is enough, all of it. One that is empty needs nothing. */
export type Security = readonly (readonly Requirement[])[];

export interface ServerInfo {
  /** Variables have their defaults. May be relative, when the document is to say where it came from. */
  readonly url: string;
  readonly description?: string;
}

/** All that is needed to call it, and nothing of the rest of its document. JSON, to be stored. */
export interface Operation {
  /** Unique in the document; made from method and path where the document has none, or the same one twice. */
  readonly operationId: string;
  /** Upper case. */
  readonly method: string;
  /** With `{name}` where parameters stand. */
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  /** Null where the document does not speak of security. */
  readonly security: Security | null;
  readonly servers: readonly ServerInfo[];
  readonly $defs: Readonly<Record<string, Schema>>;
  /** Inputs that are taken as they come, and why. */
  readonly unchecked: readonly Problem[];
}

/** An operation as it is listed and stored. */
export interface OperationEntry extends Pick<
  Operation,
  'operationId' | 'method' | 'path' | 'deprecated' | 'tags' | 'summary'
> {
  /** The operation as JSON. */
  readonly json: string;
}

export interface OpenApiDocument {
  readonly format: 'json' | 'yaml';
  /** The version of OpenAPI, such as `3.1.0`. */
  readonly openapi: string;
  readonly title: string;
  /** Of the API, as the document says. */
  readonly apiVersion: string;
  readonly servers: readonly ServerInfo[];
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** In the order of the document. */
  readonly operations: readonly OperationEntry[];
}
