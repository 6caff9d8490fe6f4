import fc from 'fast-check';
import type { JsonValue } from '#libs/kernel';
import { changeVariables, isVariableName, valuesOf, type VariableChange, type Variables } from './variable.ts';

const [T1, T2] = ['2026-11-23T10:00:00.000Z', '2026-11-23T10:00:01.000Z'];
const create = (name: string, value: JsonValue = 1): VariableChange => ({ kind: 'create', name, value });
const with1 = (...names: string[]): Variables =>
  names.reduce<Variables>((before, name) => changeVariables(before, create(name), T1), []);
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('the variables of a workspace', () => {
  it('are created, changed and deleted by name', () => {
    const one = changeVariables([], create('region', 'eu'), T1);
    expect(one).toEqual([{ name: 'region', value: 'eu', createdAt: T1, updatedAt: T1 }]);
    const changed = changeVariables(one, { kind: 'update', name: 'region', value: { a: [null] } }, T2);
    expect(changed).toEqual([{ name: 'region', value: { a: [null] }, createdAt: T1, updatedAt: T2 }]);
    expect(changeVariables(changed, { kind: 'delete', name: 'region' }, T2)).toEqual([]);
  });

  it('keep their order and leave each other alone', () => {
    const after = changeVariables(with1('a', 'b', 'c'), { kind: 'update', name: 'b', value: 2 }, T2);
    expect(valuesOf(after, 'all')).toEqual({ a: 1, b: 2, c: 1 });
    expect(after.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it.each<[VariableChange, string]>([
    [create('a'), 'VARIABLE_EXISTS'],
    [{ kind: 'update', name: 'b', value: 1 }, 'VARIABLE_NOT_FOUND'],
    [{ kind: 'delete', name: 'b' }, 'VARIABLE_NOT_FOUND'],
    [{ kind: 'delete', name: 'constructor' }, 'VARIABLE_NOT_FOUND'],
  ])('refuse %j with %s', (change, code) => {
    expect(() => changeVariables(with1('a'), change, T2)).toThrow(refusal(code));
  });

  it('are 200 at most', () => {
    const full = with1(...Array.from({ length: 200 }, (_, index) => `v${index}`));
    expect(full).toHaveLength(200);
    expect(() => changeVariables(full, create('more'), T1)).toThrow(refusal('VARIABLE_LIMIT_REACHED'));
    const room = changeVariables(full, { kind: 'delete', name: 'v7' }, T1);
    expect(changeVariables(room, create('more'), T1)).toHaveLength(200);
  });

  it('have 64 KiB of JSON in all at most, counted in bytes', () => {
    const textOf = (bytes: number): string => 'ü'.repeat((bytes - '{"a":1,"b":""}'.length) / 2);
    const fits = changeVariables(with1('a'), create('b', textOf(65_536)), T1);
    expect(fits).toHaveLength(2);
    const over = textOf(65_538);
    expect(() => changeVariables(with1('a'), create('b', over), T1)).toThrow(refusal('VARIABLES_TOO_LARGE'));
    const update: VariableChange = { kind: 'update', name: 'b', value: over };
    expect(() => changeVariables(fits, update, T1)).toThrow(refusal('VARIABLES_TOO_LARGE'));
    expect(changeVariables(fits, { kind: 'update', name: 'b', value: '' }, T1)).toHaveLength(2);
  });

  it('give the values that are asked for and exist, with the names of prototypes too', () => {
    const variables = with1('a', 'constructor', 'prototype');
    expect(valuesOf(variables, ['a', 'nobody', 'constructor'])).toEqual({ a: 1, constructor: 1 });
    expect(valuesOf(variables, [])).toEqual({});
  });

  it('whatever is done: names stay unique and the rest stays as it was', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const changes = fc.array(
      fc.oneof(
        fc.record({ kind: fc.constantFrom('create' as const, 'update' as const), name: names, value: fc.integer() }),
        fc.record({ kind: fc.constant('delete' as const), name: names }),
      ),
    );
    fc.assert(
      fc.property(changes, (all) => {
        const model = new Map<string, JsonValue>();
        let variables: Variables = [];
        for (const change of all) {
          const isThere = model.has(change.name);
          if (isThere === (change.kind === 'create')) continue;
          variables = changeVariables(variables, change, T1);
          if (change.kind === 'delete') model.delete(change.name);
          else model.set(change.name, change.value);
        }
        expect(valuesOf(variables, 'all')).toEqual(Object.fromEntries(model));
      }),
    );
  });
});

describe('a name', () => {
  it.each(['a', '_', 'A1', '__proto', 'constructor', 'x'.repeat(64)])('may be %s', (name) => {
    expect(isVariableName(name)).toBe(true);
  });
  it.each(['', '1a', 'a-b', 'a.b', 'ü', '__proto__', 'a\n', 'x'.repeat(65)])('is not %j', (name) => {
    expect(isVariableName(name)).toBe(false);
  });
});
