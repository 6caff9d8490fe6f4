import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** One operation of a served OpenAPI document, its references followed. */
export interface DocumentedOperation {
  readonly id: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** Undefined for what anybody may call. */
  readonly permission: string | undefined;
  readonly parameters: readonly DocumentedParameter[];
  readonly body: DocumentedBody | undefined;
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

export interface DocumentedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonObject;
}

export interface DocumentedBody {
  readonly required: boolean;
  readonly schema: JsonObject;
  readonly example: JsonValue | undefined;
}

export interface DocumentedResponse {
  /** By media type; empty for an answer without a body. */
  readonly content: Readonly<Record<string, { readonly schema: JsonObject; readonly example: JsonValue | undefined }>>;
  /** Those that every such answer has. */
  readonly headers: readonly string[];
}

/** Every operation of the document. */
export function operationsOf(document: JsonObject): DocumentedOperation[] {
  return entriesOf(document['paths']).flatMap(([path, item]) =>
    entriesOf(item).map(([method, operation]) =>
      operationOf(document, { path, method, operation: objectOf(operation) }),
    ),
  );
}

function operationOf(
  document: JsonObject,
  { path, method, operation }: { path: string; method: string; operation: JsonObject },
): DocumentedOperation {
  const permission = operation['x-permission'];
  return {
    id: textOf(operation['operationId']),
    method: method.toUpperCase(),
    path,
    permission: typeof permission === 'string' ? permission : undefined,
    parameters: listOf(operation['parameters']).map((one) => parameterOf(document, objectOf(one))),
    body: bodyOf(document, operation['requestBody']),
    responses: Object.fromEntries(
      entriesOf(operation['responses']).map(([status, one]) => [status, responseOf(document, objectOf(one))]),
    ),
  };
}

/** What an operation can't do without, each at its least: they are numbers. */
export function requiredQueryOf({
  parameters,
}: Pick<DocumentedOperation, 'parameters'>): [name: string, value: string][] {
  const required = parameters.filter((one) => one.in === 'query' && one.required);
  return required.map(({ name, schema }) => [name, String(Number(schema['minimum']))]);
}

function parameterOf(document: JsonObject, parameter: JsonObject): DocumentedParameter {
  return {
    name: textOf(parameter['name']),
    in: parameter['in'] as DocumentedParameter['in'],
    required: parameter['required'] === true,
    schema: schemaOf(document, parameter['schema']),
  };
}

function bodyOf(document: JsonObject, body: JsonValue | undefined): DocumentedBody | undefined {
  if (!isJsonObject(body)) return undefined;
  const json = objectOf(objectOf(body['content'])['application/json']);
  return { required: body['required'] === true, schema: schemaOf(document, json['schema']), example: json['example'] };
}

function responseOf(document: JsonObject, response: JsonObject): DocumentedResponse {
  const content = entriesOf(response['content']).map(([mediaType, media]) => [
    mediaType,
    { schema: schemaOf(document, objectOf(media)['schema']), example: objectOf(media)['example'] },
  ]);
  return {
    content: Object.fromEntries(content) as DocumentedResponse['content'],
    headers: entriesOf(response['headers'])
      .filter(([, header]) => objectOf(header)['required'] === true)
      .map(([name]) => name),
  };
}

/** With each `$ref` replaced by what it stands for; deeper than the cut nobody looks, which ends recursive ones. */
function schemaOf(document: JsonObject, schema: JsonValue | undefined, depth = 0): JsonObject {
  return objectOf(inlined(document, schema ?? {}, depth));
}

const CUT = 24;

function inlined(document: JsonObject, value: JsonValue, depth: number): JsonValue {
  if (depth > CUT) return {};
  if (Array.isArray(value)) return value.map((one: JsonValue) => inlined(document, one, depth + 1));
  if (!isJsonObject(value)) return value;
  const reference = value['$ref'];
  if (typeof reference === 'string' && reference.startsWith('#/components/'))
    return inlined(document, at(document, reference), depth + 1);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inlined(document, one, depth + 1)]));
}

function at(document: JsonObject, reference: string): JsonValue {
  return reference
    .slice(2)
    .split('/')
    .reduce<JsonValue>((value, key) => objectOf(value)[key] ?? {}, document);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function entriesOf(value: JsonValue | undefined): [string, JsonValue][] {
  return Object.entries(objectOf(value));
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
