import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { Reply } from '../api.ts';
import type { DocumentedOperation, DocumentedResponse } from './document.ts';

/** Holds answers against the document: their status, media type, headers and body, in which nothing may be that it does not tell of. */
export class AnswerChecks {
  readonly #ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: false }));
  readonly #validators = new Map<string, ValidateFunction>();

  /** What the document does not tell of in this answer; undefined when it tells of everything. */
  objectionTo(operation: DocumentedOperation, reply: Reply): string | undefined {
    if (reply.status >= 500) return `nothing is away, and yet: ${reply.status} ${reply.text}`;
    const documented = operation.responses[reply.status];
    if (!documented) return `status ${reply.status} is not documented: ${reply.text.slice(0, 500)}`;
    const missing = documented.headers.filter((name) => !reply.headers.has(name));
    if (missing.length > 0) return `${reply.status} lacks the headers ${missing.join(', ')}`;
    const mediaTypes = Object.keys(documented.content);
    if (mediaTypes.length > 0) return this.#objectionToBody(operation, reply, documented.content);
    return reply.text === '' ? undefined : `a body where none is documented: ${reply.text}`;
  }

  #objectionToBody(
    operation: DocumentedOperation,
    { status, headers, body, text }: Reply,
    forms: DocumentedResponse['content'],
  ): string | undefined {
    const mediaType = headers.get('content-type')?.split(';', 1)[0] ?? 'none';
    const content = forms[mediaType];
    if (!content) return `${status} as ${mediaType} is not documented, only ${Object.keys(forms).join(', ')}`;
    if (!mediaType.endsWith('json')) return undefined;
    const validate = this.#validatorOf(`${operation.id} ${status} ${mediaType}`, content.schema);
    if (validate(body)) return undefined;
    return `${status} has another body than documented: ${this.#ajv.errorsText(validate.errors)}: ${text.slice(0, 1_000)}`;
  }

  /** Whether a documented example is what its schema takes. */
  objectionToExample(schema: JsonObject, example: JsonValue): string | undefined {
    const validate = this.#ajv.compile(closed(schema));
    return validate(example) ? undefined : this.#ajv.errorsText(validate.errors);
  }

  #validatorOf(key: string, schema: JsonObject): ValidateFunction {
    const known = this.#validators.get(key);
    if (known) return known;
    const validate = this.#ajv.compile(closed(schema));
    this.#validators.set(key, validate);
    return validate;
  }
}

/** The schema, taking nothing that it does not name: the document leaves room for fields to come, an answer of today has none. */
function closed(schema: JsonObject, isPart = false): JsonObject {
  const parts = Array.isArray(schema['allOf']);
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closedAt(key, value)]));
  if (isPart) return inside;
  if (parts) return { ...inside, unevaluatedProperties: false };
  if (!isJsonObject(schema['properties']) || schema['additionalProperties'] !== undefined) return inside;
  return { ...inside, additionalProperties: false };
}

function closedAt(key: string, value: JsonValue): JsonValue {
  if (key === 'properties' && isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, isJsonObject(one) ? closed(one) : one]),
    );
  if (['anyOf', 'oneOf', 'allOf'].includes(key) && Array.isArray(value))
    return value.map((one: JsonValue) => (isJsonObject(one) ? closed(one, key === 'allOf') : one));
  if (['items', 'additionalProperties'].includes(key) && isJsonObject(value)) return closed(value);
  return value;
}
