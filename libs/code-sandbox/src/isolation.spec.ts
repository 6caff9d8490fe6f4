import type { JsonValue } from '#libs/kernel';
import { createCodeSandbox } from './code-sandbox.ts';

describe('code in the sandbox', () => {
  const sandbox = createCodeSandbox({ threads: 1 });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const run = (code: string): Promise<JsonValue> => {
    const input = { trigger: null, nodes: {}, execution: null, workflow: null, vars: {} };
    return sandbox.run({ code, input, seed: '', nowMs: 0 });
  };

  it.each(['process', 'require', 'module', 'global', 'Buffer', 'fetch', 'XMLHttpRequest', 'WebSocket', 'Worker'])(
    'has no %s',
    async (name) => {
      await expect(run(`return typeof ${name}`)).resolves.toBe('undefined');
    },
  );

  it.each([
    'setTimeout',
    'setInterval',
    'setImmediate',
    'performance',
    'crypto',
    'WebAssembly',
    'Atomics',
    'std',
    'os',
  ])('has no %s', async (name) => {
    await expect(run(`return typeof ${name}`)).resolves.toBe('undefined');
  });

  it.each([
    '[].constructor.constructor("return typeof process")()',
    '(async () => {}).constructor("return typeof process")()',
    'new Function("return typeof require")()',
    '(0, eval)("typeof process")',
    'Reflect.construct(Function, ["return typeof process"])()',
    'typeof console.log.constructor("return globalThis")().process',
    'typeof this?.constructor.constructor("return globalThis")().process',
    'typeof Error.prepareStackTrace',
  ])('gets no further by %s', async (escape) => {
    await expect(run(`return ${escape}`)).resolves.toBe('undefined');
  });

  it.each([
    'await import("node:fs")',
    'await import("data:text/javascript,export default 1")',
    'await import("./thread.ts")',
  ])('imports nothing: %s', async (escape) => {
    await expect(run(`return ${escape}`)).rejects.toMatchObject({ failure: { name: 'ReferenceError' } });
  });

  it('sees no stack but its own', async () => {
    const stack = await run('return new Error("x").stack');
    expect(stack).not.toMatch(/file:|node:|\.ts|\.js|\/|node_modules/);
  });

  it('leaves nothing behind for the next, whoever that is', async () => {
    await run(
      'globalThis.kept = 1; Object.prototype.kept = 2; Array.prototype.map = null; JSON.parse = () => 3; Date.now = null',
    );
    const code = 'return [typeof kept, typeof {}.kept, [1].map((n) => n + 1), JSON.parse("4"), Date.now()]';
    await expect(run(code)).resolves.toEqual(['undefined', 'undefined', [2], 4, 0]);
  });

  it('may break all that is its own, and harms none of us', async () => {
    const code = `
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        const proto = globalThis[name]?.prototype;
        if (proto) for (const key of Reflect.ownKeys(proto)) { try { proto[key] = () => { throw 1; }; } catch {} }
        try { globalThis[name] = undefined; } catch {}
      }
      return { a: [1] };`;
    await run(code).catch(() => undefined);
    await expect(run('return { a: [1] }')).resolves.toEqual({ a: [1] });
    expect({}).not.toHaveProperty('kept');
  });
});
