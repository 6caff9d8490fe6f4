import type { JsonObject } from '#libs/kernel';
import type { Operation, Parameter, RequestBody, Schema } from '../types.ts';
import { formOf } from './inputs.ts';
import { standalone } from './schema-check.ts';

/** What `parameters`, `body` and `contentType` of a call may be, as one JSON Schema that stands alone. */
export function inputSchemaOf({ parameters, body, $defs }: Operation): JsonObject {
  const fields = [...(parameters.length > 0 ? [parametersField(parameters)] : []), ...(body ? bodyFields(body) : [])];
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema: one }) => [name, one])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
  return standalone(schema, $defs);
}

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

function parametersField(parameters: readonly Parameter[]): Field {
  return {
    name: 'parameters',
    required: parameters.some((parameter) => parameter.required),
    schema: parametersSchema(parameters),
  };
}

function bodyFields({ required, content }: RequestBody): Field[] {
  const types = content.map(({ mediaType }) => mediaType);
  const schema = oneOf(content.map(({ mediaType, schema: one }) => shownSchema(mediaType, one)));
  const body = { name: 'body', required, schema };
  return types.length > 1 ? [body, { name: 'contentType', required: false, schema: { enum: types } }] : [body];
}

function parametersSchema(parameters: readonly Parameter[]): JsonObject {
  const required = parameters.filter((parameter) => parameter.required).map(({ key }) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.key, described(parameter)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function described({ schema, description, deprecated }: Parameter): Schema {
  if (schema === false) return schema;
  return {
    ...(schema === true ? {} : schema),
    ...(description === undefined ? {} : { description }),
    ...(deprecated ? { deprecated } : {}),
  };
}

function shownSchema(mediaType: string, schema: Schema): Schema {
  if (formOf(mediaType) === 'text') return { type: 'string' };
  if (formOf(mediaType) !== 'file') return schema;
  return { type: 'object', properties: { contentBase64: { type: 'string' } }, required: ['contentBase64'] };
}

function oneOf(schemas: readonly Schema[]): Schema {
  const [first = true, ...others] = schemas;
  return others.length === 0 ? first : { anyOf: [...schemas] };
}
