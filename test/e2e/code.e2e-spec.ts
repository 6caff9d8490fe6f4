import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

describe('code of users', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  const code = (text: string, extra: object = {}): object => ({ type: 'code', config: { code: text }, ...extra });
  const start = async (id: string, input: unknown, prefer = 'wait=20'): Promise<Execution> => {
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: { input }, headers: { prefer } });
    return body as Execution;
  };
  const run = async (text: string, input: unknown = null, extra: object = {}): Promise<Execution> =>
    start(await api.create(manualGraph({ a: code(text, extra) }, ['start>a'])), input);

  it('turns what a webhook brought into what the next node sends on', async () => {
    const { hook } = await api.activate({
      name: 'Sums',
      nodes: [
        { id: 'order', type: 'trigger.webhook', config: { method: 'POST' } },
        {
          id: 'sum',
          ...code('const { lines } = trigger.body;\nreturn lines.reduce((sum, line) => sum + line.price, 0);'),
        },
        { id: 'tell', type: 'set', config: { values: { text: 'Sum: {{ nodes.sum.output.result }}' } } },
      ],
      connections: [
        { from: 'order', to: 'sum' },
        { from: 'sum', to: 'tell' },
      ],
    });
    const { executionId } = (await api.hook(hook, { lines: [{ price: 2 }, { price: 40 }] })).body as {
      executionId: string;
    };
    expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded', output: { text: 'Sum: 42' } });
  });

  it('sees earlier nodes, its execution, its workflow and the variables of its workspace', async () => {
    await api.send('POST', '/v1/variables', { json: { name: 'region', value: 'eu' } });
    const graph = manualGraph(
      {
        a: code('return [1, 2]'),
        b: code('return [...nodes.a.output.result, vars.region, execution.id, workflow.name]'),
      },
      ['start>a', 'a>b'],
    );
    const execution = await start(await api.create(graph), null);
    expect(execution.output).toEqual({ result: [1, 2, 'eu', execution.id, 'Test graph'] });
  });

  it('fails with its own error and line, and is not tried again', async () => {
    const retry = { maxAttempts: 5, backoff: 'fixed', initialMs: 5, jitter: false };
    expect(await run('const a = 1;\nreturn trigger.body.items.length;', null, { retry })).toMatchObject({
      status: 'failed',
      error: {
        code: 'CODE_FAILED',
        message: "TypeError: cannot read property 'items' of null (line 2)",
        details: { name: 'TypeError', line: 2 },
        nodeId: 'a',
        attempt: 1,
      },
    });
    expect(await run('return {')).toMatchObject({ error: { code: 'CODE_FAILED', details: { name: 'SyntaxError' } } });
  });

  it('reaches nothing of the process', async () => {
    const escape = 'return [].constructor.constructor("return typeof process")() + typeof require + typeof fetch';
    expect((await run(escape)).output).toEqual({ result: 'undefinedundefinedundefined' });
  });

  it.each([
    ['while (true);', 'time'],
    ['const a = []; for (;;) a.push(new Uint8Array(1e5))', 'memory'],
    ['const f = () => f() + 1; return f()', 'stack'],
    ['await new Promise(() => {})', 'promise'],
  ])('ends at a limit: %s', async (bomb, limit) => {
    const execution = await run(bomb);
    expect(execution).toMatchObject({
      status: 'failed',
      error: { code: 'CODE_LIMIT', details: { limit }, attempt: 1 },
    });
  });

  it('that never ends takes nothing from the executions beside it', async () => {
    const bomb = await api.create(
      manualGraph({ a: code('for (;;) "".padEnd(1e6, "abc").split("").sort()') }, ['start>a']),
    );
    const small = await api.create(manualGraph({ a: code('return trigger.body * 2') }, ['start>a']));
    const bombs = Promise.all([1, 2, 3, 4].map((n) => start(bomb, n)));
    const others = await Promise.all(Array.from({ length: 20 }, (_, n) => start(small, n)));
    expect(others.map(({ output }) => output)).toEqual(others.map((_, n) => ({ result: n * 2 })));
    for (const { error } of await bombs) expect(error?.code).toBe('CODE_LIMIT');
  });

  it('gives way when its node has less time than the sandbox would allow', async () => {
    const execution = await run('while (true);', null, { timeoutMs: 100 });
    expect(execution).toMatchObject({ status: 'failed', error: { code: 'NODE_TIMEOUT' } });
  });

  it('logs no error for any of this', () => {
    expect(millrace.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
