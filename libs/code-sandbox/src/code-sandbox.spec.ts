import fc from 'fast-check';
import type { JsonValue } from '#libs/kernel';
import { createCodeSandbox } from './code-sandbox.ts';
import { CodeFailedError, type CodeFailure } from './errors.ts';
import type { CodeInput, CodeRun } from './types.ts';

const NOW = '2026-11-23T10:00:00.123Z';
const seen: CodeInput = {
  trigger: { body: { amount: 250 } },
  nodes: { load: { output: { items: [1, 2, 3] } } },
  execution: { id: 'ex_1', startedAt: NOW },
  workflow: { id: 'wf_1', version: 1, name: 'Orders' },
  vars: { region: 'eu' },
};

describe('the sandbox for code', () => {
  const sandbox = createCodeSandbox({ threads: 1 });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const run = (code: string, more: Partial<CodeRun> = {}): Promise<JsonValue> =>
    sandbox.run({ code, input: seen, seed: 'ex_1/a', nowMs: Date.parse(NOW), ...more });
  const failureOf = async (code: string): Promise<CodeFailure> => {
    const error: unknown = await run(code).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof CodeFailedError) return error.failure;
    throw new Error('it did not fail', { cause: error });
  };

  describe('gives code', () => {
    it('what came before it', async () => {
      const code = `return [trigger.body.amount, nodes.load.output.items.length, execution.id, workflow.version, vars.region];`;
      await expect(run(code)).resolves.toEqual([250, 3, 'ex_1', 1, 'eu']);
    });

    it('the item it works on, if there is one', async () => {
      await expect(run('return [item, index]', { input: { ...seen, item: { n: 1 }, index: 7 } })).resolves.toEqual([
        { n: 1 },
        7,
      ]);
      await expect(run('return typeof item + typeof index')).resolves.toBe('undefinedundefined');
    });

    it('a clock that stands at the instant given, in UTC', async () => {
      const code = `const first = Date.now();
        for (let i = 0; i < 1e5; i++);
        return [Date.now() - first, new Date().toISOString(), new Date(2020, 6, 1).toISOString(), new Date().getTimezoneOffset()];`;
      await expect(run(code)).resolves.toEqual([0, NOW, '2020-07-01T00:00:00.000Z', 0]);
    });

    it('chance that follows from the seed', async () => {
      const code = 'return Array.from({ length: 4 }, () => Math.random())';
      const [first, again, other] = [await run(code), await run(code), await run(code, { seed: 'ex_1/b' })];
      expect(first).toEqual(again);
      expect(other).not.toEqual(first);
      // The same for ever: an engine that draws others would give other results when an old execution is made again.
      expect(first).toEqual([0.12240082485053727, 0.02743239736112324, 0.8165455831295412, 0.7654682617957438]);
    });

    it('a console that says nothing', async () => {
      await expect(run('console.log(trigger); console.error("x"); return 1')).resolves.toBe(1);
    });
  });

  describe('takes from code', () => {
    it.each<[string, JsonValue]>([
      ['', null],
      ['return undefined', null],
      ['return null', null],
      ['return Promise.resolve(Promise.resolve(7))', 7],
      ['return await (async () => { await null; return "late" })()', 'late'],
      ['return { a: undefined, b: [undefined, , 1], "": 0 }', { b: [null, null, 1], '': 0 }],
      ['return [new Date(0), new Date(NaN)]', ['1970-01-01T00:00:00.000Z', null]],
      ['return { toJSON: () => ({ n: 1 }) }', { n: 1 }],
      ['class Point { x = 1; get y() { return 2 } } return new Point()', { x: 1 }],
      ['return Object.create(null, { a: { value: 1, enumerable: true }, b: { value: 2 } })', { a: 1 }],
      ['const shared = { n: 1 }; return [shared, shared]', [{ n: 1 }, { n: 1 }]],
      ['return "\\u0000\\ud800"', '\u0000\ud800'],
      ['leak = 1; return globalThis.leak', 1],
    ])('%j: %j', async (code, result) => {
      await expect(run(code)).resolves.toEqual(result);
    });

    it('any JSON that went in, as it was', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (value) => {
          const json = JSON.parse(JSON.stringify(value)) as JsonValue;
          expect(await run('return trigger', { input: { ...seen, trigger: json } })).toEqual(json);
        }),
        { numRuns: 50 },
      );
    });

    it('fields that would change prototypes elsewhere, as fields', async () => {
      const trigger = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as JsonValue;
      const result = await run('return trigger', { input: { ...seen, trigger } });
      expect(JSON.stringify(result)).toBe('{"__proto__":{"polluted":1},"constructor":2}');
      expect({}).not.toHaveProperty('polluted');
    });
  });

  describe('says of code', () => {
    it.each<[string, CodeFailure]>([
      ['const a = 1;\nnull.x', { name: 'TypeError', message: "cannot read property 'x' of null", line: 2 }],
      ['\n\nawait 1;\nthrow new RangeError("late")', { name: 'RangeError', message: 'late', line: 4 }],
      ['const f = () => { throw new Error("in") };\n[1].map(f)', { name: 'Error', message: 'in', line: 1 }],
      ['missing + 1', { name: 'ReferenceError', message: 'missing is not defined', line: 1 }],
      ['const a = {};\nreturn a.b.c', { name: 'TypeError', message: "cannot read property 'c' of undefined", line: 2 }],
      ['throw "no"', { name: 'Error', message: 'no' }],
      ['throw 7', { name: 'Error', message: '7' }],
      ['throw { message: "own", name: "Mine" }', { name: 'Mine', message: 'own' }],
      ['throw {}', { name: 'Error', message: 'threw what is no error' }],
      ['return Promise.reject(new Error("no"))', { name: 'Error', message: 'no', line: 1 }],
    ])('%j threw %j', async (code, failure) => {
      expect(await failureOf(code)).toEqual(failure);
    });

    it.each<[string, number]>([
      ['const a = ;', 1],
      ['let a = 1;\nlet b = (', 3],
      ['if (true) {\n', 3],
      ['return `a', 1],
      ['import x from "y"', 1],
      ['let trigger = 1', 1],
    ])('%j does not parse, near line %i', async (code, line) => {
      expect(await failureOf(code)).toMatchObject({ name: 'SyntaxError', line });
    });

    it.each(['return 1 }', 'return 1 }); (async function () { return 2', '}), (() => {'])(
      'closes the function it is the body of: %j',
      async (code) => {
        expect(await failureOf(code)).toMatchObject({ name: 'SyntaxError' });
      },
    );

    it.each<[string, string, string]>([
      ['return () => 1', 'a function', ''],
      ['return { items: [1, { price: 1n }] }', 'a BigInt', 'items[1].price'],
      ['const a = { b: {} }; a.b.c = a; return a', 'a cycle', 'b.c'],
      ['return { "a b": [Symbol("x")] }', 'a symbol', '["a b"][0]'],
      ['return [0, NaN]', 'NaN', '[1]'],
      ['return { n: -1 / 0 }', '-Infinity', 'n'],
      ['return { m: new Map([[1, 2]]) }', 'an object of type Map', 'm'],
      ['return [new Uint8Array(2)]', 'an object of type Uint8Array', '[0]'],
      ['return [1].map(async (n) => n)', 'a promise that is not awaited', '[0]'],
      ['return { e: new Error("x") }', 'an object of type Error', 'e'],
    ])('%j has %s at %j, which is not JSON', async (code, what, path) => {
      expect(await failureOf(code)).toEqual({
        name: 'ResultError',
        message: `the result has ${what}, which is not JSON`,
        path,
      });
    });

    it('no more than people read', async () => {
      const { name, message } = await failureOf('throw { name: "n".repeat(1e5), message: "m".repeat(1e5) }');
      expect([name.length, message.length]).toEqual([100, 1_000]);
    });

    it('nothing of ours', async () => {
      const error: unknown = await run('null.x').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ message: "TypeError: cannot read property 'x' of null (line 1)" });
      expect(JSON.stringify((error as CodeFailedError).failure)).not.toMatch(/inside|engine|\.ts|\.js/);
    });
  });
});
