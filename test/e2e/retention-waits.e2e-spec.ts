import { AckPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { JetStreamEventStore } from '#libs/event-store-jetstream';
import { Archiver, Eraser } from '#libs/execution-archive';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Database } from '#libs/read-models';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../../src/platform/nats/tokens.ts';
import { DATABASE } from '../../src/read-models/tokens.ts';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const LATER = '2100-01-01T00:00:00.000Z';

describe('what is over waits in the log', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let database: Database;
  let log: ExecutionLog;
  let manager: JetStreamManager;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
    database = millrace.app.get<Database>(DATABASE);
    log = millrace.app.get<ExecutionLog>(EXECUTION_LOG);
    manager = millrace.app.get<JetStreamManager>(LOG_MANAGER);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  const run = async (): Promise<string> => {
    const id = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
    const options = { json: { input: 1 }, headers: { prefer: 'wait=20' } };
    const { id: executionId } = (await api.send('POST', `/v1/workflows/${id}/executions`, options)).body as Execution;
    await until('its row shows that', async () => {
      const found = (await api.executions()).find((one) => one.id === executionId);
      return found?.status === 'succeeded' ? true : undefined;
    });
    return executionId;
  };
  const isInLog = async (id: string): Promise<boolean> =>
    (await manager.streams.getMessage(log.layout.streamOf(id), { last_by_subj: log.layout.subjectOf(id) })) !== null;

  it('until what follows from it was handed out', async () => {
    const id = await run();
    for (const { name } of log.layout.streams)
      await manager.consumers.add(name, { durable_name: 'laggard', ack_policy: AckPolicy.Explicit });
    const { layout, codec, store } = log;
    const archiver = new Archiver({
      ...{ manager, database, layout, codec, dispatcher: 'laggard' },
      log: new JetStreamEventStore({
        ...{ layout, codec },
        connection: millrace.app.get(JetStreamConnection),
        publisher: millrace.app.get(JetStreamPublisher),
      }),
      onIncomplete: () => undefined,
    });
    const eraser = new Eraser({ archiver, database, codec, store, removeObject: async () => undefined });
    await archiver.archive(LATER, 50);
    expect(await isInLog(id)).toBe(true);
    await expect(eraser.erase(id, LATER)).rejects.toMatchObject({ code: 'EXECUTION_NOT_SETTLED' });
    expect((await api.send('GET', `/v1/executions/${id}`)).body).toMatchObject({ dataErased: false });
  });

  it('while the read model of executions is rebuilt', async () => {
    const id = await run();
    // An order that nobody has taken up.
    await database.query(
      `insert into projection_rebuilds (id, projection, compare_only, requested_by, requested_at, phase)
       values ('rb_1', 'executions', true, 'usr_1', now(), 'requested')`,
    );
    expect(await millrace.app.get(Archiver).archive(LATER, 50)).toBe(0);
    expect(await millrace.app.get(Eraser).expire(LATER, { defaultDays: 1, limit: 50 })).toBe(0);
    const refused = await api.send('DELETE', `/v1/executions/${id}/data`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'REBUILD_RUNNING' } });
    await database.query(`delete from projection_rebuilds where id = 'rb_1'`);
    expect((await api.send('DELETE', `/v1/executions/${id}/data`)).status).toBe(200);
  });

  it('behind none that can not leave', async () => {
    const stuck = await run();
    const [first, second] = [await run(), await run()];
    // Its row lacks an event that the log has, as if the projection could not take it.
    await database.query(`update executions set version = version - 1 where id = $1`, [stuck]);
    await until('the others have left', async () => {
      await millrace.app.get(Archiver).archive(LATER, 1);
      return !(await isInLog(first)) && !(await isInLog(second)) ? true : undefined;
    });
    expect(await isInLog(stuck)).toBe(true);
  });
});
