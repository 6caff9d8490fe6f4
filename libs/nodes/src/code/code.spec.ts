import { CODE_LIMITS, createCodeSandbox } from '#libs/code-sandbox';
import type { JsonValue } from '#libs/kernel';
import type { AttemptContext, AwaitedExecution } from '#libs/node-kit';
import { attemptWith, refusedBy } from '../testing/run-nodes.ts';
import { codeNode } from './code.ts';

describe('code', () => {
  const sandbox = createCodeSandbox({ threads: 1, limits: { cpuMs: 200 } });
  const node = codeNode({ sandbox });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  const run = async (code: string, attempt: Partial<AttemptContext> = {}): Promise<JsonValue | AwaitedExecution> => {
    if (node.runs !== 'executor') throw new Error('code is run by an executor');
    return node.run({ code }, { ...attemptWith({}), ...attempt });
  };
  const { scope } = attemptWith({});

  it('takes its code as it is written, by way of an executor of its own', () => {
    expect(node).toMatchObject({ kind: 'action', runs: 'executor', executor: 'code', verbatim: ['code'] });
    expect(node.outputsOf({})).toEqual(['main']);
    expect(refusedBy(node, { code: 'return {{ 1 }}' })).toEqual([]);
  });

  it('takes code of up to 65,536 characters, and nothing else', () => {
    expect(refusedBy(node, { code: 'x'.repeat(CODE_LIMITS.codeLength) })).toEqual([]);
    expect(refusedBy(node, { code: 'x'.repeat(CODE_LIMITS.codeLength + 1) })).toEqual(['code']);
    expect(refusedBy(node, { code: '' })).toEqual(['code']);
    expect(refusedBy(node, {})).toEqual(['code']);
    expect(refusedBy(node, { code: 'return 1', language: 'js' })).toEqual(['']);
  });

  it('gives what the code returns', async () => {
    await expect(run('return { id: execution.id, item, index }')).resolves.toEqual({ result: { id: 'ex_1' } });
    await expect(run('')).resolves.toEqual({ result: null });
  });

  it('lets code see what expressions see', async () => {
    const seen = { ...scope, trigger: { n: 1 }, nodes: { a: { output: 2 } }, vars: { v: 3 }, item: 4, index: 5 };
    const code = 'return [trigger.n, nodes.a.output, vars.v, item, index, workflow.name]';
    await expect(run(code, { scope: seen })).resolves.toEqual({ result: [1, 2, 3, 4, 5, 'Spec'] });
  });

  it('gives the same at another attempt, and something else at another node, item or execution', async () => {
    const code = 'return [Math.random(), Date.now(), new Date().toISOString()]';
    const first = await run(code);
    expect(first).toMatchObject({ result: [expect.any(Number), 1795428000000, '2026-11-23T10:00:00.000Z'] });
    expect(await run(code, { attempt: 2 })).toEqual(first);
    const others = [{ nodeId: 'other' }, { executionId: 'ex_2' }, { scope: { ...scope, item: 1, index: 0 } }];
    for (const other of others) expect(await run(code, other)).not.toEqual(first);
  });

  it.each<[string, object]>([
    ['\nnull.x', { name: 'TypeError', line: 2 }],
    ['return (', { name: 'SyntaxError', line: 2 }],
    ['return { a: [1n] }', { name: 'ResultError', path: 'a[0]' }],
  ])('fails for good with what %j says', async (code, details) => {
    await expect(run(code)).rejects.toMatchObject({ code: 'CODE_FAILED', options: { retryable: false, details } });
  });

  it('fails for good at a limit', async () => {
    const options = { retryable: false, details: { limit: 'time' } };
    await expect(run('for (;;);')).rejects.toMatchObject({ code: 'CODE_LIMIT', options });
  });

  it('ends with its attempt', async () => {
    const signal = AbortSignal.abort(new Error('the process ends'));
    await expect(run('return 1', { signal })).rejects.toThrow('the process ends');
  });

  it('lets a fault of ours be one', async () => {
    const closed = createCodeSandbox({ threads: 1 });
    await closed[Symbol.asyncDispose]();
    const broken = codeNode({ sandbox: closed });
    if (broken.runs !== 'executor') throw new Error('code is run by an executor');
    await expect(broken.run({ code: 'return 1' }, attemptWith({}))).rejects.not.toHaveProperty('code');
  });
});
