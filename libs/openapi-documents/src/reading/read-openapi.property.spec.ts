import fc from 'fast-check';
import { PET_STORE } from '../testing/pet-store.ts';
import { readOpenApi } from './read-openapi.ts';
import { Refused } from './refused.ts';

const WORDS = [
  ...['$ref', 'type', 'properties', 'items', 'allOf', 'parameters', 'schema', 'in', 'name', 'query', 'path', 'content'],
  ...['requestBody', 'security', 'servers', 'url', '__proto__', 'constructor', 'nullable', 'required', 'encoding'],
  ...['#', '#/', '#/paths', '#/components/schemas/Pet', '#/components/schemas/~2', '%', 'null', '/pets', 'get', 'post'],
];
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1e300, '', ...WORDS),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 5 })), tie('value'), { maxKeys: 5 }),
  ),
})).value;

/** Where something stands in the document, as the steps to it. */
function stepsIn(value: unknown, steps: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...steps]];
  return [[...steps], ...Object.entries(value).flatMap(([key, child]) => stepsIn(child, [...steps, key]))];
}

function replaced(value: unknown, [step, ...others]: readonly string[], by: unknown): unknown {
  if (step === undefined) return by;
  const entries = Object.entries(value as object).map(([key, child]): [string, unknown] => [
    key,
    key === step ? replaced(child, others, by) : child,
  ]);
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

function ends(text: string): void {
  try {
    for (const { json } of readOpenApi(text).operations) JSON.parse(json);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
  }
}

describe('whatever a document is, reading it ends', () => {
  it('with anything in place of a part of a good one', () => {
    const places = fc.constantFrom(...stepsIn(PET_STORE));
    fc.assert(
      fc.property(fc.array(fc.tuple(places, anyValue), { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = changes.reduce<unknown>(
          (document, [steps, value]) => (hasPlace(document, steps) ? replaced(document, steps, value) : document),
          PET_STORE,
        );
        ends(JSON.stringify(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('with any paths and components', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (paths, components) =>
        ends(JSON.stringify({ openapi: '3.0.0', paths, components })),
      ),
    );
  });

  it('with any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `openapi: 3.1.0\n${text}`),
        ),
        ends,
      ),
    );
  });
});

function hasPlace(document: unknown, steps: readonly string[]): boolean {
  let at = document;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return true;
}
