import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Registry } from 'prom-client';
import {
  DEAD_LETTER_STREAM,
  DeadLetterLog,
  deadLetterStream,
  decodeFact,
  type DeadLetterFact,
} from '#libs/dead-letters';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent, StartedExecution } from '#libs/execution-engine';
import { begin, failure, planOf } from '#libs/execution-engine/testing';
import { PlanCache } from '#libs/execution-runtime';
import { runtimeOn, startOf, type Runtime } from '#libs/execution-runtime/testing';
import { JetStreamConnection, JetStreamPublisher, reconcileStream } from '#libs/jetstream';
import { deleteStream } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { DeadLetterMetrics } from './dead-letter-metrics.ts';
import { RecordDeadLetters } from './record-dead-letters.ts';

describe('what is said of dead letters', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let runtime: Runtime;
  let recording: RecordDeadLetters;
  const registry = new Registry();
  const metrics = new DeadLetterMetrics(registry);
  const plan = planOf({ start: 'trigger.manual', a: 'noop' }, ['start > a']);

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'record dead letters spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(async () => {
    await deleteStream(manager, DEAD_LETTER_STREAM);
    await reconcileStream(manager, deadLetterStream(1));
    registry.resetMetrics();
    runtime = runtimeOn(new InMemoryEventStore<ExecutionEvent>(), plan);
    const plans = new PlanCache(async () => plan);
    recording = new RecordDeadLetters(runtime.journal, plans, new DeadLetterLog(publisher), metrics, runtime.clock);
    await runtime.journal.start('ex_1', startOf());
    await runtime.journal.submit('ex_1', begin);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const stateOf = async (id: string): Promise<StartedExecution> => {
    const state = await runtime.journal.fresh(id);
    if (state.status === 'none') throw new Error(`${id} did not start`);
    return state;
  };
  const fail = (): Promise<void> =>
    runtime.journal.submit('ex_1', failure('a', { code: 'BROKEN', message: 'it is broken', retryable: false }));
  const said = async (): Promise<[subject: string, fact: DeadLetterFact][]> => {
    const { state } = await manager.streams.info(DEAD_LETTER_STREAM);
    const all: [string, DeadLetterFact][] = [];
    for (let seq = 1; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(DEAD_LETTER_STREAM, { seq });
      if (message) all.push([message.subject, decodeFact(message.data, seq)]);
    }
    return all;
  };

  it('is why an execution failed, once, however often it is set aside', async () => {
    await fail();
    const state = await stateOf('ex_1');
    await recording.setAside('ex_1', state);
    runtime.clock.ms += 5_000;
    await recording.setAside('ex_1', state);
    expect(await said()).toEqual([
      [
        'deadletters.ws_1.noop',
        {
          type: 'DeadLettered',
          id: expect.stringMatching(/^dl_[0-9a-hjkmnp-tv-z]{36}$/) as string,
          workspaceId: 'ws_1',
          executor: 'noop',
          at: new Date(runtime.clock.ms - 5_000).toISOString(),
          kind: 'failed',
          executionId: 'ex_1',
          workflowId: 'wf_drawn',
          workflowVersion: 1,
          nodeId: 'a',
          nodeType: 'noop',
          attempts: 1,
          error: { code: 'BROKEN', message: 'it is broken' },
          task: { queue: 'run.noop', payload: { executionId: 'ex_1', nodeId: 'a', attempt: 1 } },
        },
      ],
    ]);
    expect(await registry.metrics()).toMatch(/millrace_dead_letters_total\{kind="failed",executor="noop"\} \d/);
  });

  it('is nothing of an execution that has not failed', async () => {
    await recording.setAside('ex_1', await stateOf('ex_1'));
    expect(await said()).toEqual([]);
  });

  it('is that it goes on, told by the execution in which it does', async () => {
    await fail();
    const origin = { kind: 'redrive', executionId: 'ex_1', version: 4, deadLetterId: 'dl_1' } as const;
    await runtime.journal.start('ex_2', { ...startOf(), origin });
    await recording.tellRedriven('dl_1', 'ex_2', await stateOf('ex_2'));
    const at = new Date(runtime.clock.ms).toISOString();
    const fact = { type: 'Redriven', id: 'dl_1', workspaceId: 'ws_1', executor: 'noop', executionId: 'ex_2', at };
    expect(await said()).toEqual([['deadletters.ws_1.noop', fact]]);
  });
});
