import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { JsonValue } from '#libs/kernel';
import { workSubject } from '#libs/work-queue-jetstream';
import type { DeadLetterView } from '../../src/dead-letters/dead-letter-view.ts';
import { Api, call } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

describe('work that no worker can do', () => {
  let millrace: LocalMillrace;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    connection = await JetStreamConnection.open({ servers: [millrace.nats.url], name: 'poison spec' });
    publisher = new JetStreamPublisher(connection);
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await millrace[Symbol.asyncDispose]();
  });

  const queue = (executionId: string, name: string, payload: JsonValue): Promise<number> =>
    publisher.publish(workSubject(executionId, name), JSON.stringify(payload));
  const letters = async (): Promise<DeadLetterView[]> =>
    ((await api.send('GET', '/v1/dead-letters')).body as { items: DeadLetterView[] }).items;
  const untilThereIs = (what: string, found: (one: DeadLetterView) => boolean): Promise<DeadLetterView> =>
    until(what, async () => (await letters()).find(found), 60_000);

  it('is set aside with its payload, its execution is left alone, and it can be handed out again', async () => {
    const workflowId = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
    const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: {} });
    const { executionId } = body as { executionId: string };
    const before = await api.ended(executionId);
    const strange = { executionId, nothing: 'that a timer says' };
    await queue(executionId, 'due', strange);
    await queue('ex_unknown', 'due', { executionId: 'ex_unknown', timerId: 'a' });
    const { id } = await untilThereIs('it is set aside', (one) => one.kind === 'poison');
    const letter = (await api.send('GET', `/v1/dead-letters/${id}`)).body as DeadLetterView;
    expect(letter).toMatchObject({
      kind: 'poison',
      executionId,
      workflowId,
      workflowVersion: 1,
      nodeId: null,
      nodeType: null,
      reason: { code: 'INTERNAL' },
      attempts: 6,
      payload: strange,
      status: 'open',
    });
    expect(await api.ended(executionId)).toEqual(before);
    expect(millrace.log.some((line) => line.includes('poison work was set aside'))).toBe(true);
    const redriven = await api.send('POST', `/v1/dead-letters/${id}/redrive`);
    expect(redriven).toMatchObject({ status: 202, body: { executionId } });
    const again = await untilThereIs('it is set aside again', (one) => one.kind === 'poison' && one.id !== id);
    expect(again.executionId).toBe(executionId);
    const metrics = await call(millrace.url, 'GET', '/metrics');
    expect(metrics.text).toMatch(/millrace_dead_letters_total\{kind="poison",executor="due"\} 3/);
  }, 90_000);
});
