import fc, { type Arbitrary } from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { MEMBER_ROLES, type MemberRole } from '../../../src/platform/access/permissions.ts';
import type { DocumentedOperation, DocumentedParameter } from './document.ts';
import { valuesOf } from './values-of.ts';

/** A request as a careless, a mistaken or a hostile caller may send it; what is there is filled in when it is sent. */
export interface FuzzRequest {
  readonly operation: DocumentedOperation;
  readonly path: readonly PathChoice[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: FuzzBody;
  readonly caller: MemberRole | 'nobody' | 'somebody false';
}

/** Of one parameter of a path: the n-th of what is there, -1 for the newest, or a text. */
export type PathChoice =
  { readonly kind: 'known'; readonly place: number } | { readonly kind: 'text'; readonly text: string };

export type FuzzBody =
  | { readonly kind: 'none' }
  /** One that does what the operation is for. */
  | { readonly kind: 'right' }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string; readonly contentType: string };

/** Texts that have broken servers before. */
const HOSTILE = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '..',
  '%2e%2e%2f',
  "' or 1=1 --",
  '{{ trigger.body }}',
  '__proto__',
  'constructor',
  '-1',
  '1e309',
  '99999999999999999999',
  'null',
  '💥'.repeat(60),
  'x'.repeat(5_000),
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

/** Requests to one operation: most of them as documented, the others wrong in one way or several. */
export function requestsOf(operation: DocumentedOperation): Arbitrary<FuzzRequest> {
  const of = (place: DocumentedParameter['in']) => operation.parameters.filter((one) => one.in === place);
  return fc.record({
    operation: fc.constant(operation),
    path: fc.tuple(...of('path').map(() => pathChoice)),
    query: queryOf(of('query')),
    headers: headersOf(of('header')),
    body: bodyOf(operation),
    caller: fc.oneof(
      { weight: 12, arbitrary: fc.constant('owner' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...MEMBER_ROLES) },
      { weight: 1, arbitrary: fc.constantFrom('nobody' as const, 'somebody false' as const) },
    ),
  });
}

const pathChoice: Arbitrary<PathChoice> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('known' as const), place: fc.nat(100) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('text' as const),
      text: hostile
        .filter((text) => text !== '' && text !== '.' && text !== '..')
        .map((text) => text.toWellFormed().slice(0, 200)),
    }),
  },
);

function queryOf(parameters: readonly DocumentedParameter[]): Arbitrary<FuzzRequest['query']> {
  const known = parameters.map(({ name, schema }) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: valuesOf(schema).map((value) => [[name, textOf(value)] as const]) },
      { weight: 1, arbitrary: hostile.map((value) => [[name, value] as const]) },
    ),
  );
  const unknown = fc.oneof(
    { weight: 15, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(hostile, hostile).map((pair) => [pair]) },
  );
  return fc.tuple(...known, unknown).map((lists) => lists.flat());
}

function headersOf(parameters: readonly DocumentedParameter[]): Arbitrary<FuzzRequest['headers']> {
  const values: Readonly<Record<string, readonly string[]>> = {
    'if-match': ['"1"', '"1"', '"1"', '"2"', '*', 'W/"1"', 'nonsense'],
    'if-none-match': ['"1"', '*', 'nonsense'],
    prefer: ['wait=0', 'wait=1', 'respond-async', 'wait=x'],
    'idempotency-key': ['a', 'b', '"c"', 'é', '"', 'k'.repeat(300)],
    accept: ['application/json', 'application/x-ndjson', 'text/html', '*/*'],
  };
  const names = [...parameters.map(({ name }) => name), 'accept'];
  return fc
    .record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...(values[name] ?? ['x']))])), {
      requiredKeys: [],
    })
    .map((headers) => headers as Record<string, string>);
}

function bodyOf({ method, body }: DocumentedOperation): Arbitrary<FuzzBody> {
  const none = fc.constant<FuzzBody>({ kind: 'none' });
  if (method === 'GET') return none;
  const json = (value: Arbitrary<JsonValue>) => value.map((one): FuzzBody => ({ kind: 'json', value: one }));
  const example = body?.example;
  const good = body
    ? [valuesOf(body.schema), ...(example === undefined ? [] : [fc.constant(example)])]
    : [fc.constant({})];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<FuzzBody>({ kind: 'right' }) },
    { weight: 6, arbitrary: json(fc.oneof(...good)) },
    { weight: 5, arbitrary: json(fc.oneof(...good).chain(spoiled)) },
    { weight: 1, arbitrary: json(fc.jsonValue() as Arbitrary<JsonValue>) },
    { weight: body ? 1 : 10, arbitrary: none },
    { weight: 1, arbitrary: texts },
  );
}

const texts: Arbitrary<FuzzBody> = fc.record({
  kind: fc.constant('text' as const),
  text: fc.oneof(
    hostile,
    fc.constantFrom('{', '[[', '{"a":1', `${'['.repeat(300)}${']'.repeat(300)}`, '{"__proto__":{"a":1}}'),
  ),
  contentType: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'nonsense',
  ),
});

/** The value, wrong in one place: a field gone, one too many, or one of another kind. */
function spoiled(value: JsonValue): Arbitrary<JsonValue> {
  if (!isJsonObject(value)) return hostile;
  const names = Object.keys(value);
  const without = (name: string): JsonObject =>
    Object.fromEntries(Object.entries(value).filter(([one]) => one !== name));
  const wrong = fc.oneof(hostile, fc.constantFrom<JsonValue>(null, -1, 1e308, [], {}, true, [[[[]]]]));
  const added = fc.tuple(hostile, wrong).map(([name, one]): JsonValue => ({ ...value, [name]: one }));
  if (names.length === 0) return added;
  return fc.constantFrom(...names).chain((name) =>
    fc.oneof(
      fc.constant<JsonValue>(without(name)),
      wrong.map((one): JsonValue => ({ ...value, [name]: one })),
      isJsonObject(value[name]) ? spoiled(value[name]).map((one): JsonValue => ({ ...value, [name]: one })) : added,
    ),
  );
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
