import type { JsonObject, Problem } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import type { BodyContent, Operation, Parameter, RequestBody, Schema, SecurityScheme } from '../types.ts';
import { readBody, type ReadBody } from './bodies.ts';
import { entriesOf, listOf, present, textOf } from './json.ts';
import { readParameters, type Reading, type ReadParameter } from './parameters.ts';
import { tooLarge } from './refused.ts';
import { readSecurity } from './security.ts';
import { readServers } from './servers.ts';
import { within, type Placed } from './source.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

/** An operation where it stands. */
interface Found extends Placed {
  readonly method: string;
  readonly template: string;
  readonly item: Placed;
}

/** The operations of the document, in its order. */
export function readOperations(reading: Reading, schemes: ReadonlyMap<string, SecurityScheme>): Operation[] {
  const found = findOperations(reading);
  const { operations: most } = OPENAPI_LIMITS;
  if (found.length > most) throw tooLarge('document.paths', `has more than ${most} operations`);
  const ids = new Set<string>();
  return found.map((one) => {
    const operation = readOperation(reading, schemes, one);
    const operationId = uniqueId(operation, ids);
    ids.add(operationId);
    return { ...operation, operationId };
  });
}

function findOperations({ source }: Reading): Found[] {
  return entriesOf(source.root.paths).flatMap(([template, given]) => {
    const path = within('document.paths', template);
    if (template.startsWith('x-')) return [];
    if (!template.startsWith('/') || template.length > OPENAPI_LIMITS.pathLength) {
      source.refuse(path, 'must be a path that begins with /');
      return [];
    }
    const item = source.object(given, path);
    if (!item) return [];
    return METHODS.flatMap((method) => {
      const value = item.value[method];
      if (value === undefined) return [];
      const placed = source.object(value, within(item.path, method));
      return placed ? [{ ...placed, method: method.toUpperCase(), template, item }] : [];
    });
  });
}

/** Where the document names none, or one that stands already, it is `get_pets_petId` of `GET /pets/{petId}`. */
function uniqueId({ operationId, method, path }: Operation, taken: ReadonlySet<string>): string {
  if (operationId !== '' && !taken.has(operationId)) return operationId;
  const words = `${method.toLowerCase()}${path}`.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '');
  const made = words.slice(0, OPENAPI_LIMITS.operationIdLength - 10);
  let id = made;
  for (let number = 2; taken.has(id); number++) id = `${made}_${number}`;
  return id;
}

function readOperation(reading: Reading, schemes: ReadonlyMap<string, SecurityScheme>, found: Found): Operation {
  const { method, template, item, value, path } = found;
  const parameters = readParameters(reading, template, [item, found]);
  const body = readBody(reading, value.requestBody, within(path, 'requestBody'));
  return {
    operationId: idOf(value),
    method,
    path: template,
    ...describedBy(value, item.value),
    tags: listOf(value.tags).filter((tag): tag is string => typeof tag === 'string' && tag.length <= 200),
    ...withDefinitions(reading, parameters, body),
    security: readSecurity(reading.source, schemes, found),
    servers: readServers([reading.source.root, item.value, value]),
  };
}

function idOf({ operationId }: JsonObject): string {
  const id = textOf(operationId) ?? '';
  return id.length <= OPENAPI_LIMITS.operationIdLength && !/\p{Cc}/u.test(id) ? id : '';
}

function describedBy(value: JsonObject, item: JsonObject): Pick<Operation, 'summary' | 'description' | 'deprecated'> {
  const told = (name: string): string | undefined => textOf(value[name]) ?? textOf(item[name]);
  return {
    ...present('summary', told('summary')),
    ...present('description', told('description')),
    deprecated: value.deprecated === true,
  };
}

/**
 * The inputs with the definitions that they reach. Each is checked by itself, so what several reach counts several times;
 * where all are too much, the last are taken as they come.
 */
function withDefinitions(
  { schemas }: Reading,
  parameters: readonly ReadParameter[],
  body: ReadBody | undefined,
): Pick<Operation, 'parameters' | 'body' | '$defs' | 'unchecked'> {
  const $defs = new Map<string, Schema>();
  const unchecked: Problem[] = [];
  let left: number = OPENAPI_LIMITS.schemaBytesPerOperation;
  const bounded = <Input extends Parameter | BodyContent>(
    input: Input,
    refs: ReadonlySet<string>,
    path: string,
  ): Input => {
    const own = Buffer.byteLength(JSON.stringify(input.schema));
    const reached = schemas.reach(refs, left - own);
    if (!reached) {
      unchecked.push({ path, message: 'the schemas of this operation are too large together' });
      return { ...input, schema: true };
    }
    left -= own + reached.bytes;
    for (const [name, schema] of reached.definitions) $defs.set(name, schema);
    return input;
  };
  const content = body?.body.content.map((one, index) =>
    bounded(one, body.refs[index] ?? new Set(), `body, as ${one.mediaType}`),
  );
  return {
    parameters: parameters.map(({ parameter, refs }) => bounded(parameter, refs, `parameters.${parameter.key}`)),
    ...(body && content ? { body: { ...body.body, content } satisfies RequestBody } : {}),
    $defs: Object.fromEntries($defs),
    unchecked,
  };
}
