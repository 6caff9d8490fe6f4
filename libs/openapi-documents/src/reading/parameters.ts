import type { JsonObject, JsonValue } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import { PARAMETER_PLACES, STYLES, type Parameter, type ParameterPlace, type Style, type Writing } from '../types.ts';
import { entriesOf, fieldOf, listOf, present, textOf } from './json.ts';
import type { Schemas } from './schemas.ts';
import { within, type Placed, type Source } from './source.ts';

/** What there is to read from, and what its schemas become. */
export interface Reading {
  readonly source: Source;
  readonly schemas: Schemas;
}

/** A parameter, and the names in `$defs` that its schema refers to. */
export interface ReadParameter {
  readonly parameter: Parameter;
  readonly refs: ReadonlySet<string>;
}

/** These have places of their own in a request; OpenAPI says to pass over them. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);
const LONGEST_NAME = 200;
const STYLES_IN: Readonly<Record<ParameterPlace, readonly Style[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** Those of the path and of the operation, which take the place of the former; and those that only the path names. */
export function readParameters(reading: Reading, path: string, lists: readonly Placed[]): ReadParameter[] {
  const found = declaredIn(reading, lists);
  const named = namesIn(path);
  for (const name of named) found.set(`path ${name}`, found.get(`path ${name}`) ?? undeclared(name));
  return withKeys([...found.values()].filter(({ parameter }) => parameter.in !== 'path' || named.has(parameter.name)));
}

function declaredIn(reading: Reading, lists: readonly Placed[]): Map<string, ReadParameter> {
  const found = new Map<string, ReadParameter>();
  for (const { path, value } of lists) {
    for (const [index, one] of listOf(value.parameters).entries()) {
      const read = readParameter(reading, one, within(within(path, 'parameters'), index));
      if (read) found.set(`${read.parameter.in} ${read.parameter.name}`, read);
    }
  }
  const { parametersPerOperation } = OPENAPI_LIMITS;
  const tooMany = `has more than ${parametersPerOperation} parameters`;
  if (found.size > parametersPerOperation) reading.source.refuse(lists.at(-1)?.path ?? '', tooMany);
  return found;
}

/** The parameters that a path has places for. */
export function namesIn(path: string): ReadonlySet<string> {
  return new Set(Array.from(path.matchAll(/\{([^{}]+)\}/g), ([, name = '']) => name));
}

function undeclared(name: string): ReadParameter {
  const parameter: Parameter = {
    ...{ key: name, name, in: 'path', required: true, schema: { type: ['string', 'number', 'boolean'] } },
    ...{ style: 'simple', explode: false, allowReserved: false },
  };
  return { parameter, refs: new Set() };
}

function withKeys(found: readonly ReadParameter[]): ReadParameter[] {
  const places = Map.groupBy(found, ({ parameter }) => parameter.name);
  return found.map(({ parameter, refs }) => {
    const isAlone = places.get(parameter.name)?.length === 1;
    return { parameter: isAlone ? parameter : { ...parameter, key: `${parameter.in}.${parameter.name}` }, refs };
  });
}

function readParameter({ source, schemas }: Reading, given: JsonValue, at: string): ReadParameter | undefined {
  const placed = source.object(given, at);
  const named = placed && namedIn(source, placed);
  if (!named) return undefined;
  const { value, path } = placed;
  const { schema, at: schemaAt, isJson } = contentOf(value, path);
  const converted = schemas.convert(schema, schemaAt);
  const parameter: Parameter = {
    ...{ key: named.name, ...named, required: named.in === 'path' || value.required === true },
    ...{ ...describedBy(value), ...writingOf(value, named.in), schema: converted.schema },
    ...(isJson ? { isJson } : {}),
  };
  return { parameter, refs: converted.refs };
}

/** Undefined for what is no parameter. */
function namedIn(source: Source, { value, path }: Placed): Pick<Parameter, 'name' | 'in'> | undefined {
  const name = textOf(value.name) ?? '';
  const place = PARAMETER_PLACES.find((one) => one === value.in);
  if (name === '' || name.length > LONGEST_NAME) source.refuse(within(path, 'name'), 'must be a name');
  if (!place) source.refuse(within(path, 'in'), `must be one of ${PARAMETER_PLACES.join(', ')}`);
  if (!place || (place === 'header' && NOT_PARAMETERS.has(name.toLowerCase()))) return undefined;
  return { name, in: place };
}

function describedBy(value: JsonObject): Pick<Parameter, 'description' | 'deprecated'> {
  return {
    ...present('description', textOf(value.description)),
    ...(value.deprecated === true ? { deprecated: true } : {}),
  };
}

/** A parameter has a schema, or a content of one media type that it is written in. */
function contentOf(value: JsonObject, path: string): { schema: JsonValue; at: string; isJson: boolean } {
  const [content] = entriesOf(value.content);
  if (!content) return { schema: value.schema ?? true, at: within(path, 'schema'), isJson: false };
  const [mediaType, media] = content;
  const schema = fieldOf(media, 'schema') ?? true;
  const at = within(within(within(path, 'content'), mediaType), 'schema');
  return { schema, at, isJson: isJsonType(mediaType.toLowerCase()) };
}

export function isJsonType(mediaType: string): boolean {
  return /^[a-z0-9.!#$&^_*-]+\/([a-z0-9.!#$&^_-]+\+)?json$/.test(mediaType);
}

/** A style that the place does not know is its usual one. */
export function writingOf(value: JsonObject, place: ParameterPlace): Writing {
  const [usual = 'form'] = STYLES_IN[place];
  const style = STYLES.find((one) => one === value.style && STYLES_IN[place].includes(one)) ?? usual;
  return {
    style,
    explode: typeof value.explode === 'boolean' ? value.explode : style === 'form' || style === 'deepObject',
    allowReserved: value.allowReserved === true,
  };
}
