import { Api, call, type Reply } from '../support/api.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

/** More than wait for the log at once, and then as many again. */
const CALLS = 2_500;

describe('more calls than the log takes', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  it('are refused with when to come again, or answered when they are stored, and none is lost', async () => {
    const { hook } = await api.activate(hookGraph({}, { end: { type: 'noop' } }, ['hook>end']));
    const refused: Reply[] = [];
    const accepted = new Set<string>();
    process.kill(millrace.nats.pid, 'SIGSTOP');
    let calls: Promise<void>[];
    try {
      calls = Array.from({ length: CALLS }, async (_, n) => {
        const reply = await call(millrace.url, 'POST', hook, { json: { n } });
        if (reply.status === 202) accepted.add((reply.body as { executionId: string }).executionId);
        else refused.push(reply);
      });
      await until('some are turned away', async () => (refused.length > 0 ? true : undefined));
      expect(accepted.size).toBe(0);
    } finally {
      process.kill(millrace.nats.pid, 'SIGCONT');
    }
    await Promise.all(calls);
    expect(accepted.size + refused.length).toBe(CALLS);
    expect(accepted.size).toBeGreaterThan(0);
    for (const { status, body, headers } of refused) {
      // Who waited too long for the log is told that nothing is known.
      expect([status, (body as { code: string }).code]).toEqual([
        503,
        expect.stringMatching(/^LOG_(BUSY|UNAVAILABLE)$/),
      ]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const all = await until('all are over', async () => {
      const executions = await api.executions();
      const over = executions.filter(({ status }) => status === 'succeeded');
      return over.length === executions.length && over.length >= accepted.size ? over : undefined;
    });
    const ids = new Set<string>(all.map(({ id }) => id));
    expect([...accepted].filter((id) => !ids.has(id))).toEqual([]);
  }, 60_000);
});
