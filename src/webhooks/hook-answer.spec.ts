import type { JsonValue } from '#libs/kernel';
import type { ExecutionView } from '../executions/execution-view.ts';
import { acceptedAnswer, answerOf } from './hook-answer.ts';

type Node = Pick<ExecutionView['nodes'][number], 'nodeId' | 'status' | 'output'>;

function execution(changes: { status?: string; output?: JsonValue; nodes?: readonly Node[] }): ExecutionView {
  const { status = 'succeeded', output = null, nodes = [] } = changes;
  const finishedAt = status === 'running' ? null : '2026-11-28T10:00:00.000Z';
  return { id: 'ex_1', status, output, nodes, finishedAt } as unknown as ExecutionView;
}
const said = (output: JsonValue, nodeId = 'say'): Node => ({ nodeId, status: 'succeeded', output });
const RESULT = { mode: 'result', timeoutMs: 1_000, nodes: [] } as const;
const BY_NODE = { mode: 'node', timeoutMs: 1_000, nodes: ['say', 'other'] } as const;

describe('what a caller is answered', () => {
  it('at once is where to look', () => {
    expect(acceptedAnswer('ex_1')).toEqual({
      status: 202,
      headers: { 'content-type': 'application/json; charset=utf-8', location: '/v1/executions/ex_1' },
      body: '{"executionId":"ex_1"}',
    });
  });

  it.each<[JsonValue, string]>([
    [null, 'null'],
    ['text', '"text"'],
    [{ a: [1] }, '{"a":[1]}'],
  ])('with the result %j', (output, body) => {
    expect(answerOf(execution({ output }), RESULT)).toMatchObject({ status: 200, body });
  });

  it('when it takes too long is how far it came', () => {
    expect(answerOf(execution({ status: 'running' }), RESULT)).toMatchObject({
      status: 202,
      body: '{"executionId":"ex_1","status":"running"}',
    });
  });

  it.each(['failed', 'cancelled', 'timedOut'])('when it %s is that, and not why', (status) => {
    expect(() => answerOf(execution({ status }), RESULT)).toThrow(`the execution ex_1 ${status}`);
  });

  it('by a node is what the first one says, though the execution failed after it', () => {
    const nodes = [
      said({ status: 201, headers: { 'x-a': 'b' }, body: 'hi' }),
      said({ status: 500, headers: {}, body: null }),
    ];
    expect(answerOf(execution({ status: 'failed', nodes }), BY_NODE)).toEqual({
      status: 201,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'x-a': 'b' },
      body: 'hi',
    });
  });

  it('by a node that is none of the webhook’s is the result', () => {
    const nodes = [said({ status: 201, headers: {}, body: 'hi' }, 'else')];
    expect(answerOf(execution({ output: 7, nodes }), BY_NODE)).toMatchObject({ status: 200, body: '7' });
  });

  it('as a page of its own never acts as the origin of the API', () => {
    const headers = { 'content-type': 'text/html', 'content-security-policy': 'default-src *' };
    const answer = answerOf(execution({ nodes: [said({ status: 200, headers, body: '<p>' })] }), BY_NODE);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src \*, sandbox (?!.*allow-same-origin)/);
  });
});
