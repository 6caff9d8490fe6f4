import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { createCommitCodec, JetStreamEventStore, workflowLog } from '#libs/event-store-jetstream';
import {
  JetStreamConnection,
  JetStreamPublisher,
  reconcileConsumer,
  reconcileStream,
  WorkConsumer,
} from '#libs/jetstream';
import { deleteStream } from '#libs/jetstream/testing';
import { workflowEventSchema } from '#libs/workflow-definition';
import { startTestNats, type TestNats } from '../../test/support/servers.ts';
import { createLogger, type Logger } from '../platform/logging/logger.ts';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { ARMING_CONSUMER } from './arming-consumer.ts';
import { ArmingProgress } from './arming-progress.ts';

describe('whoever begins to lead', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let progress: ArmingProgress;
  let lines: string[];

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'arming spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
  });
  beforeEach(async () => {
    await deleteStream(manager, 'WORKFLOWS');
    const layout = workflowLog(1);
    for (const stream of layout.streams) await reconcileStream(manager, stream);
    await reconcileConsumer(manager, 'WORKFLOWS', ARMING_CONSUMER);
    const parts = { layout, codec: createCommitCodec(workflowEventSchema) };
    const log: WorkflowLog = { ...parts, store: new JetStreamEventStore({ ...parts, connection, publisher }) };
    lines = [];
    const destination = { write: (line: string): void => void lines.push(line) };
    const logger: Logger = createLogger({ level: 'warn', pretty: false, destination });
    progress = new ArmingProgress(manager, log, logger);
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const changed = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await publisher.publish('workflows.wf_1', `change ${n}`);
  };
  const heeding = (work: () => Promise<void>): WorkConsumer =>
    new WorkConsumer(connection, {
      ...{ stream: 'WORKFLOWS', consumer: ARMING_CONSUMER.durable_name, slots: 1, ackWaitMs: 3_000, work },
      onError: () => undefined,
      onGone: () => Promise.resolve(),
    });

  it('waits for nothing when there is nothing', async () => {
    await progress.caughtUp(() => true);
    expect(lines).toEqual([]);
  });

  it('waits until all changes are heeded that were there', async () => {
    await changed(3);
    let heeded = 0;
    const caughtUp = progress.caughtUp(() => true).then(() => heeded);
    await using _ = heeding(async () => void heeded++);
    expect(await caughtUp).toBe(3);
    expect(lines).toEqual([]);
  });

  it('waits no longer when it may not lead any more', async () => {
    await changed(1);
    let looks = 0;
    await progress.caughtUp(() => ++looks < 3);
    expect(lines).toEqual([]);
  });

  it('goes ahead when nothing moves, and says so', async () => {
    await changed(2);
    await using _ = heeding(() => Promise.reject(new Error('in vain')));
    await progress.caughtUp(() => true, 300);
    expect(lines).toEqual([expect.stringContaining('not all schedules could be armed')]);
  });
});
