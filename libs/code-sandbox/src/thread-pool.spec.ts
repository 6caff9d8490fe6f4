import type { JsonValue } from '#libs/kernel';
import { createCodeSandbox } from './code-sandbox.ts';
import type { CodeSandbox } from './types.ts';

const FOREVER = 'while (true);';

function runIn(sandbox: CodeSandbox, code: string, signal?: AbortSignal): Promise<JsonValue> {
  const input = { trigger: null, nodes: {}, execution: null, workflow: null, vars: {} };
  return sandbox.run({ code, input, seed: '', nowMs: 0, ...(signal ? { signal } : {}) });
}

describe('the threads of the sandbox', () => {
  const limits = { cpuMs: 60_000, wallMs: 60_000 };

  it('end a run whose signal aborts, with its reason, and take the next', async () => {
    await using sandbox = createCodeSandbox({ threads: 1, limits });
    await expect(runIn(sandbox, 'return 1')).resolves.toBe(1);
    const controller = new AbortController();
    const running = runIn(sandbox, FOREVER, controller.signal);
    const behind = runIn(sandbox, 'return 2');
    controller.abort(new Error('the attempt is over'));
    await expect(running).rejects.toThrow('the attempt is over');
    await expect(behind).resolves.toBe(2);
  });

  it('leave out a run whose signal aborts while it waits, or before', async () => {
    await using sandbox = createCodeSandbox({ threads: 1, limits });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = runIn(sandbox, FOREVER, first.signal);
    const waiting = runIn(sandbox, 'return 1', second.signal);
    second.abort(new Error('waited too long'));
    await expect(waiting).rejects.toThrow('waited too long');
    await expect(runIn(sandbox, 'return 1', second.signal)).rejects.toThrow('waited too long');
    first.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(runIn(sandbox, 'return 3')).resolves.toBe(3);
  });

  it('run as many at once as there are', async () => {
    await using sandbox = createCodeSandbox({ threads: 2, limits });
    const controller = new AbortController();
    const blocked = runIn(sandbox, FOREVER, controller.signal);
    const others = await Promise.all([1, 2, 3].map((n) => runIn(sandbox, `return ${n}`)));
    expect(others).toEqual([1, 2, 3]);
    controller.abort(new Error('enough'));
    await expect(blocked).rejects.toThrow('enough');
  });

  it('are gone when the sandbox is, with all that runs and waits', async () => {
    const sandbox = createCodeSandbox({ threads: 1, limits });
    const over = [runIn(sandbox, FOREVER), runIn(sandbox, 'return 1')].map((one) =>
      expect(one).rejects.toThrow('closed'),
    );
    await sandbox[Symbol.asyncDispose]();
    await Promise.all(over);
    await expect(runIn(sandbox, 'return 1')).rejects.toThrow('closed');
  });

  it('need no closing when none was started', async () => {
    await expect(createCodeSandbox({ threads: 1 })[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
