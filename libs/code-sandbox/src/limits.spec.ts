import type { JsonValue } from '#libs/kernel';
import { createCodeSandbox } from './code-sandbox.ts';
import { CodeLimitError } from './errors.ts';
import { CODE_LIMITS } from './limits.ts';
import type { CodeSandbox } from './types.ts';

const nothing = { nodes: {}, execution: null, workflow: null, vars: {} };

function runIn(sandbox: CodeSandbox, code: string, trigger: JsonValue = null): Promise<JsonValue> {
  return sandbox.run({ code, input: { ...nothing, trigger }, seed: '', nowMs: 0 });
}

async function limitOf(running: Promise<unknown>): Promise<unknown> {
  const error = await running.catch((reason: unknown) => reason);
  return error instanceof CodeLimitError ? error.limit : error;
}

describe('the limits of code', () => {
  const sandbox = createCodeSandbox({ threads: 1 });
  afterAll(() => sandbox[Symbol.asyncDispose]());
  const run = (code: string, trigger?: JsonValue): Promise<JsonValue> => runIn(sandbox, code, trigger);

  it('let through code, input and results up to them, and not one more', async () => {
    const code = (length: number): string => 'return 1'.padEnd(length);
    await expect(run(code(CODE_LIMITS.codeLength))).resolves.toBe(1);
    await expect(limitOf(run(code(CODE_LIMITS.codeLength + 1)))).resolves.toBe('code');

    const around = Buffer.byteLength(JSON.stringify({ ...nothing, trigger: '' }));
    const exact = (bytes: number): string => 'x'.repeat(bytes - around);
    await expect(run('return trigger.length', exact(CODE_LIMITS.inputBytes))).resolves.toBe(
      CODE_LIMITS.inputBytes - around,
    );
    await expect(limitOf(run('return 1', exact(CODE_LIMITS.inputBytes + 1)))).resolves.toBe('input');

    // Two quotes around, two bytes each in UTF-8.
    const output = `return 'é'.repeat(trigger)`;
    const most = (CODE_LIMITS.outputBytes - 2) / 2;
    await expect(run(output, most)).resolves.toHaveLength(most);
    await expect(limitOf(run(`${output} + 'x'`, most))).resolves.toBe('output');
  }, 20_000);

  it('let through what nests 64 levels', async () => {
    const nest = 'let a = 1; for (let i = 0; i < trigger; i++) a = [a]; return a';
    await expect(run(nest, 64)).resolves.toBeDefined();
    await expect(run(nest, 65)).rejects.toMatchObject({ failure: { name: 'ResultError' } });
  });

  it('let through a list of 8,000 objects, there and back', async () => {
    const items = Array.from({ length: 8_000 }, (_, id) => ({
      id,
      name: `item ${id}`,
      tags: ['a', 'b'],
      price: id / 4,
    }));
    await expect(
      run('return trigger.map((item) => ({ ...item, twice: item.price * 2 }))', items),
    ).resolves.toHaveLength(8_000);
  });

  it('are told by what they allow', async () => {
    await using small = createCodeSandbox({ threads: 1, limits: { codeLength: 9, cpuMs: 50 } });
    await expect(runIn(small, 'return 123')).rejects.toThrow('the code is longer than 9 characters');
    await expect(runIn(small, 'for(;;){}')).rejects.toThrow('the code runs longer than 50 ms');
  });
});

/** Each ends at a limit, whatever the code around it tries. */
const BOMBS: readonly (readonly [name: string, code: string, limit: string])[] = [
  ['a loop', 'while (true);', 'time'],
  ['a loop that catches', 'while (true) { try { while (true); } catch {} }', 'time'],
  ['a loop in finally', 'try { while (true); } finally { while (true); }', 'time'],
  ['a regular expression', 'return /^(a+)+$/.test("a".repeat(40) + "!")', 'time'],
  ['a getter of what is thrown', 'throw { get message() { while (true); } }', 'time'],
  ['a proxy that is returned', 'return new Proxy({}, { ownKeys() { while (true); } })', 'time'],
  ['promises without end', 'const f = async () => { await null; return f(); }; for (;;) await null;', 'time'],
  ['arrays of bytes', 'const a = []; for (;;) a.push(new Uint8Array(1e5))', 'memory'],
  ['a map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })', 'memory'],
  ['a text that doubles', 'let s = "x"; for (;;) s += s', 'memory'],
  ['a text at once', 'return "x".repeat(2 ** 28)', 'memory'],
  ['an array at once', 'return new Array(2 ** 32 - 1).fill(0)', 'memory'],
  ['a large number', 'let b = 2n; for (;;) b *= b', 'memory'],
  [
    'memory until there is none for an error',
    'const a = []; for (;;) { try { for (;;) a.push({}); } catch (e) { a.push(e); } }',
    'memory|time',
  ],
  ['a large sort', 'const a = Array.from({ length: 1e6 }, (_, i) => -i); return a.sort().length', 'memory'],
  ['a result that shares', 'let a = [1]; for (let i = 0; i < 60; i++) a = [a, a]; return a', 'memory|output'],
  ['a list of holes', 'return new Array(2 ** 32 - 1)', 'output'],
  ['recursion', 'const f = (n) => f(n + 1) + 1; return f(0)', 'stack'],
  ['recursion of a getter', 'const o = { get x() { return this.x + 1; } }; return o.x', 'stack'],
  ['recursion of toJSON', 'return { toJSON() { return { toJSON: this.toJSON }; } }', 'stack'],
  ['deep JSON', 'return JSON.parse("[".repeat(1e5) + "]".repeat(1e5))', 'stack'],
  ['deep code', 'return eval("(".repeat(3e4) + ")".repeat(3e4))', 'stack'],
  ['a promise that never resolves', 'await new Promise(() => {})', 'promise'],
  ['a native call that takes long', 'for (;;) "".padEnd(1e6, "abc").split("").sort().join("")', 'time|memory'],
  [
    'a native call that never asks',
    'const a = []; a.length = 4294967295; a.indexOf(1); return [].concat.apply([], a)',
    'time|memory|stack',
  ],
];

describe('a bomb', () => {
  // Time enough that a busy machine comes to the other limits.
  const sandbox = createCodeSandbox({ threads: 2, limits: { cpuMs: 20_000, wallMs: 60_000 } });
  /** For those that only time ends. */
  const impatient = createCodeSandbox({ threads: 2, limits: { cpuMs: 200, wallMs: 1_500 } });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    await impatient[Symbol.asyncDispose]();
  });

  it.each(BOMBS)('ends at a limit, and another run ends meanwhile as ever: %s', async (_name, code, limit) => {
    const target = limit.startsWith('time') ? impatient : sandbox;
    const bomb = limitOf(runIn(target, code));
    const other = runIn(target, 'return trigger + 1', 1);
    await expect(other).resolves.toBe(2);
    expect(limit.split('|')).toContain(await bomb);
    await expect(runIn(target, 'return trigger + 1', 2)).resolves.toBe(3);
  });

  it('costs runs that wait behind it nothing but time', async () => {
    await using narrow = createCodeSandbox({ threads: 1, limits: { cpuMs: 100, wallMs: 1_000 } });
    const bombs = BOMBS.slice(0, 6).map(([, code]) => limitOf(runIn(narrow, code)));
    const others = [1, 2, 3, 4].map((n) => runIn(narrow, 'return trigger * 2', n));
    await expect(Promise.all(others)).resolves.toEqual([2, 4, 6, 8]);
    expect(await Promise.all(bombs)).toEqual(Array<string>(6).fill('time'));
  });

  it('ends with its thread when it does not hear of the time, and another thread takes its place', async () => {
    await using deaf = createCodeSandbox({ threads: 1, limits: { cpuMs: 60_000, wallMs: 300 } });
    const bomb = limitOf(runIn(deaf, 'while (true);'));
    const behind = runIn(deaf, 'return trigger', 1);
    await expect(bomb).resolves.toBe('time');
    await expect(behind).resolves.toBe(1);
  });

  it('leaves no memory behind', async () => {
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 2; round++) {
      for (const [, code, limit] of BOMBS) if (!limit.startsWith('time')) await limitOf(runIn(sandbox, code));
    }
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(100);
  }, 60_000);
});
