import { randomBytes } from 'node:crypto';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { Client } from 'pg';
import { DeadLetterLog } from '#libs/dead-letters';
import { findFreePort } from '#libs/embedded-servers';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Report } from '../../src/doctor/report.ts';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { runDoctor } from '../support/doctor-process.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { createTestDatabase, startTestNats } from '../support/servers.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const KEY = '{{ trigger.body.key }}';

describe('npm run doctor', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let connection: JetStreamConnection;
  let manager: JetStreamManager;
  let env: Record<string, string>;
  const never = Promise.withResolvers<{ status: number }>();

  beforeAll(async () => {
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(() => never.promise)]);
    api = await Api.register(millrace.url);
    connection = await JetStreamConnection.open({ servers: [millrace.nats.url], name: 'doctor spec' });
    manager = await jetstreamManager(connection.client);
    env = {
      NATS_URL: millrace.nats.url,
      DATABASE_URL: millrace.databaseUrl,
      MILLRACE_SECRET_KEY: randomBytes(32).toString('base64'),
    };
  }, 60_000);

  afterAll(async () => {
    never.resolve({ status: 200 });
    await connection[Symbol.asyncDispose]();
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const node = (type: string, config: object): object => ({ type, config });
  const start = async (definition: object, of: Api = api): Promise<string> => {
    const id = await of.create(definition);
    const { body } = await of.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    return (body as { executionId: string }).executionId;
  };
  const waitsOn = (id: string, kind: string, of: Api = api): Promise<true> =>
    until(`${id} waits on ${kind}`, async () => {
      const { waitingOn } = (await of.send('GET', `/v1/executions/${id}`)).body as Execution;
      return waitingOn?.kind === kind ? true : undefined;
    });
  const pause = (queue: string) => api.send('POST', `/v1/queues/${queue}/pause`);
  const resume = (queue: string) => api.send('POST', `/v1/queues/${queue}/resume`);
  const pausing = (delayMs = HOUR_MS) => manualGraph({ pause: node('wait.delay', { delayMs }) }, ['start>pause']);
  const approval = () => manualGraph({ approve: node('wait.signal', { name: 'approved' }) }, ['start>approve']);
  const calling = () => manualGraph({ call: node('http.request', { method: 'GET', url: sink.url }) }, ['start>call']);
  const examine = async (...args: string[]): Promise<Report & { code: number | null }> => {
    const { code, out, err } = await runDoctor(env, '--json', ...args);
    if (out === '') throw new Error(err);
    return { ...(JSON.parse(out) as Report), code };
  };
  const queued = (stream: string): Promise<true> =>
    until(`${stream} holds something`, async () => ((await messagesIn(stream)) > 0 ? true : undefined));
  const messagesIn = async (prefix: string): Promise<number> => {
    let count = 0;
    for await (const { config, state } of manager.streams.list())
      if (config.name.startsWith(prefix)) count += state.messages;
    return count;
  };
  /** All that is stored, and who reads it. */
  const whatIsThere = async (): Promise<object> => {
    const streams: Record<string, object> = {};
    for await (const { config, state } of manager.streams.list()) {
      // Workers and the leading scheduler write there all the time.
      if (config.name === 'KV_workers' || config.name === 'KV_leases') continue;
      streams[config.name] = { last: state.last_seq, messages: state.messages, consumers: state.consumer_count };
    }
    return streams;
  };

  /** As a worker does with a task that it can't do. */
  const setAsPoison = async (executionId: string): Promise<string> => {
    const { data } = await api.client.GET('/v1/executions/{id}', { params: { path: { id: executionId } } });
    await using publisher = new JetStreamPublisher(connection);
    await new DeadLetterLog(publisher).record({
      type: 'DeadLettered',
      id: 'dl_doctor',
      workspaceId: (await api.client.GET('/v1/me')).data?.workspaces[0]?.id ?? '',
      executor: 'http',
      at: '2026-01-01T00:00:00.000Z',
      kind: 'poison',
      executionId,
      workflowId: data?.workflowId ?? '',
      workflowVersion: 1,
      nodeId: 'call',
      nodeType: null,
      attempts: 6,
      error: { code: 'INTERNAL', message: 'a bug' },
      task: { queue: 'run.http', payload: { executionId, nodeId: 'call', attempt: 1 } },
    });
    await until('the letter is listed', async () =>
      (await api.send('GET', '/v1/dead-letters')).text.includes('dl_doctor') ? true : undefined,
    );
    return 'dl_doctor';
  };

  it('finds nothing where each has what it waits for, and changes nothing', async () => {
    const timer = await start(pausing());
    const signal = await start(approval());
    const child = await api.create(approval());
    const parent = await start(manualGraph({ call: node('subworkflow', { workflowId: child }) }, ['start>call']));
    const { hook } = await api.activate({
      name: 'One at a time',
      nodes: [
        { id: 'hook', type: 'trigger.webhook', config: {} },
        { id: 'approve', type: 'wait.signal', config: { name: 'approved' } },
      ],
      connections: [{ from: 'hook', to: 'approve' }],
      settings: { concurrency: { limit: 1, key: KEY } },
    });
    const [first, second] = [await api.hook(hook, { key: 'a' }), await api.hook(hook, { key: 'a' })].map(
      ({ body }) => (body as { executionId: string }).executionId,
    );
    await Promise.all([waitsOn(timer, 'timer'), waitsOn(signal, 'signal'), waitsOn(parent, 'execution')]);
    await Promise.all([waitsOn(first!, 'signal'), waitsOn(second!, 'concurrency')]);
    await start(calling());
    await until('it is called', async () => sink.calls[0]);
    await pause('http');
    await start(calling());
    await queued('TASKS');
    await pause('start.normal');
    await start(pausing());
    await queued('STARTS');

    const before = await whatIsThere();
    const report = await examine();
    expect(report).toMatchObject({
      code: 0,
      healthy: true,
      open: 9,
      // In hands, in a queue, and to be begun; the child and who holds the place wait for signals too.
      reasons: { task: 3, timer: 1, signal: 3, child: 1, gate: 1, person: 0 },
      onTheirWay: 1,
      stuckCount: 0,
    });
    expect(report.notes.map(({ kind }) => kind)).toEqual(['queuePaused', 'queuePaused']);
    expect(await whatIsThere()).toEqual(before);
    const { code, out, err } = await runDoctor(env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/9 not over[^]*a timer\s+1\n[^]*None is stuck/);
    expect(out).toContain('the queue http is paused');
  });

  describe('finds whose timer is gone', () => {
    let stranger: Api;
    let id: string;

    beforeAll(async () => {
      stranger = await Api.register(millrace.url);
      await resume('start.normal');
      id = await start(pausing(), stranger);
      await waitsOn(id, 'timer', stranger);
      await manager.streams.purge('TIMERS', { filter: `timers.*.${id}.*` });
    });

    it('also when the read models do not know it', async () => {
      const database = new Client({ connectionString: millrace.databaseUrl });
      await database.connect();
      await database.query('delete from executions where id = $1', [id]);
      await database.end();
      const { code, stuck, stuckCount } = await examine();
      expect({ code, stuckCount }).toEqual({ code: 1, stuckCount: 1 });
      expect(stuck).toMatchObject([
        { executionId: id, execution: { status: 'waiting' }, dead: [{ kind: 'timer', nodeId: 'pause' }] },
      ]);
    });

    it('and tells people', async () => {
      const { code, out } = await runDoctor(env);
      expect(code).toBe(1);
      expect(out).toMatch(new RegExp(`1 is stuck:[^]*${id} \\(waiting[^]*pause: its timer wait-1-pause[^]*cancel it`));
    });

    it('in its own workspace', async () => {
      const workspaceOf = async ({ client }: Api): Promise<string> =>
        (await client.GET('/v1/me')).data?.workspaces[0]?.id ?? '';
      expect(await examine('--workspace', await workspaceOf(stranger))).toMatchObject({
        code: 1,
        open: 1,
        stuckCount: 1,
      });
      expect(await examine('--workspace', await workspaceOf(api))).toMatchObject({ code: 0, stuckCount: 0 });
    });

    it('until it is cancelled', async () => {
      await stranger.send('POST', `/v1/executions/${id}/cancel`);
      expect(await examine()).toMatchObject({ code: 0 });
    });
  });

  it('finds whose task is gone', async () => {
    const before = await messagesIn('TASKS');
    const id = await start(calling());
    await until('its task is queued', async () => ((await messagesIn('TASKS')) > before ? true : undefined));
    for await (const { config } of manager.streams.list('tasks.>'))
      await manager.streams.purge(config.name, { filter: 'tasks.*.run.http' });
    const deadOf = async () => {
      const { code, stuck } = await examine();
      expect(code).toBe(1);
      return stuck.find(({ executionId }) => executionId === id)?.dead;
    };
    expect(await deadOf()).toMatchObject([{ kind: 'task', nodeId: 'call' }]);
    const letter = await setAsPoison(id);
    expect((await deadOf())?.[0]?.remedy).toContain(`POST /v1/dead-letters/${letter}/redrive`);
  });

  it('finds who waits in a line that is gone', async () => {
    await manager.streams.purge('GATE_LINES');
    const { code, stuck } = await examine();
    expect(code).toBe(1);
    expect(stuck.flatMap(({ dead }) => dead.map(({ kind }) => kind))).toContain('gate');
  });

  it('finds who waits for an execution that is gone', async () => {
    const child = (await api.executions()).find(({ parentExecutionId }) => parentExecutionId !== null);
    for await (const { config } of manager.streams.list('executions.>'))
      await manager.streams.purge(config.name, { filter: `executions.*.${child?.id}` });
    const { code, stuck } = await examine();
    expect(code).toBe(1);
    const parent = stuck.find(({ executionId }) => executionId === child?.parentExecutionId);
    expect(parent?.dead).toMatchObject([{ kind: 'child', nodeId: 'call' }]);
  });

  it('says that it could not look, and what to do', async () => {
    const away = await runDoctor({ ...env, NATS_URL: `nats://127.0.0.1:${await findFreePort()}` });
    expect(away).toMatchObject({ code: 2, out: '' });
    expect(away.err).toMatch(/NATS does not answer.*start it, or correct NATS_URL/);
    await using dataDir = await makeDataDir();
    const nothing = await runDoctor({ MILLRACE_DATA_DIR: dataDir.path });
    expect(nothing.code).toBe(2);
    expect(nothing.err).toMatch(/no nats-server runs on the data directory.*npm start/);
    expect(await runDoctor(env, '--wrong')).toMatchObject({ code: 2, out: '' });
    expect((await runDoctor({}, '--help')).out).toContain('--workspace <id>');
  });

  it('looks without Postgres', async () => {
    const { code, out } = await runDoctor({
      ...env,
      DATABASE_URL: `postgres://127.0.0.1:${await findFreePort()}/none`,
    });
    expect(code).toBe(1);
    expect(out).toContain('Postgres does not answer');
  });

  it('finds the servers of an installation that has its own', async () => {
    const { path } = await makeDataDir();
    await using server = await MillraceProcess.start({ MILLRACE_DATA_DIR: path });
    const own = await Api.register(server.url);
    await waitsOn(await start(approval(), own), 'signal', own);
    const { code, out } = await runDoctor({ MILLRACE_DATA_DIR: path });
    expect(code).toBe(0);
    expect(out).toContain('1 execution in the log, 1 not over');
    expect(out).not.toContain('Besides');
  });

  it('looks while no process of Millrace runs', async () => {
    await using nats = await startTestNats();
    await using database = await createTestDatabase();
    const servers = { ...env, NATS_URL: nats.url, DATABASE_URL: database.url, MILLRACE_ALLOW_PRIVATE_NETWORK: 'true' };
    await using server = await MillraceProcess.start(servers);
    const own = await Api.register(server.url);
    const before = sink.calls.length;
    await waitsOn(await start(pausing(), own), 'timer', own);
    await start(calling(), own);
    await until('it is called', async () => sink.calls[before]);
    await until('reads show both', async () => {
      const statuses = (await own.executions()).map(({ status }) => status).sort();
      return statuses.join() === 'running,waiting' ? true : undefined;
    });
    await server.kill();
    await using log = await JetStreamConnection.open({ servers: [nats.url], name: 'doctor spec' });
    const { streams } = await jetstreamManager(log.client);
    await until('its worker is forgotten', async () =>
      (await streams.info('KV_workers')).state.messages === 0 ? true : undefined,
    );
    const { code, out } = await runDoctor(servers, '--json');
    const { reasons, onTheirWay, notes } = JSON.parse(out) as Report;
    expect({ code, onTheirWay, reasons }).toMatchObject({ code: 0, onTheirWay: 1, reasons: { task: 1, timer: 1 } });
    expect(notes.map(({ text }) => text)).toEqual([
      'no worker takes from dispatcher (1 waiting): start a process with the role worker',
    ]);
  }, 60_000);
});
