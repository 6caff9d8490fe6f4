import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, startPostgres, type EmbeddedServer } from '#libs/embedded-servers';
import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api, call } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { startTestNats, type TestNats } from '../support/servers.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const CALLS = { total: 500, together: 16 };

describe('kill -9 in the middle of 500 webhook calls', () => {
  let dataDir: string;
  let nats: TestNats;
  let postgres: EmbeddedServer;
  let postgresPort: number;
  let sink: Sink;
  let apiProcess: MillraceProcess;
  let worker: MillraceProcess;
  let projector: MillraceProcess;
  let api: Api;
  let hook: string;
  const secretKey = randomBytes(32).toString('base64');

  const startRole = (roles: string, port?: string): Promise<MillraceProcess> =>
    MillraceProcess.start({
      MILLRACE_ROLES: roles,
      MILLRACE_DATA_DIR: join(dataDir, roles),
      NATS_URL: nats.url,
      DATABASE_URL: postgres.url,
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
      ...(port === undefined ? {} : { PORT: port }),
    });
  const startDatabase = (): Promise<EmbeddedServer> =>
    startPostgres({ dataDir: join(dataDir, 'postgres'), port: postgresPort });
  const ready = async (status: number): Promise<void> => {
    await until(`/health/ready says ${status}`, async () =>
      (await call(apiProcess.url, 'GET', '/health/ready')).status === status ? true : undefined,
    );
  };
  const send = (orderId: string) => api.hook(hook, { orderId, amount: 250 });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-faults-'));
    await chmod(dataDir, 0o755); // Postgres runs as somebody else when we are root
    postgresPort = await findFreePort();
    [nats, postgres, sink] = await Promise.all([startTestNats(), startDatabase(), Sink.start()]);
    apiProcess = await startRole('api');
    [worker, projector] = await Promise.all([startRole('worker'), startRole('projector')]);
    api = await Api.register(apiProcess.url);
  }, 90_000);

  beforeEach(async () => {
    api = await Api.register(apiProcess.url);
    ({ hook } = await api.activate(bigOrders(sink.url)));
    sink.calls.length = 0;
  });

  afterAll(async () => {
    for (const one of [apiProcess, worker, projector]) await one.stop();
    await sink[Symbol.asyncDispose]();
    await Promise.all([nats.stop(), postgres.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('of the worker: another one finishes what it had in hand', async () => {
    const accepted = await callThrough(send, {
      ...CALLS,
      meanwhile: async () => {
        await worker.kill();
        worker = await startRole('worker');
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 120_000);

  it('of the api: what it accepted is finished', async () => {
    const accepted = await callThrough(send, {
      ...CALLS,
      meanwhile: async () => {
        await apiProcess.kill();
        apiProcess = await startRole('api', new URL(apiProcess.url).port);
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 120_000);

  it('of NATS: 503 with Retry-After meanwhile, and on without a restart', async () => {
    const accepted = await callThrough(send, {
      ...CALLS,
      meanwhile: async () => {
        await nats.kill();
        const refused = await until('a call is refused', async () => {
          const reply = await send('while-away').catch(() => undefined);
          return reply && reply.status !== 202 ? reply : undefined;
        });
        expect(refused).toMatchObject({ status: 503, body: { code: 'LOG_UNAVAILABLE' } });
        expect(refused.headers.get('retry-after')).toBe('1');
        await ready(503);
        await nats.start();
        await ready(200);
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 120_000);

  it('of Postgres: calls are accepted and run all the same, reads say 503, the lists catch up', async () => {
    const accepted = await callThrough(send, {
      ...CALLS,
      meanwhile: async () => {
        process.kill(postgres.pid, 'SIGKILL');
        await postgres.exited;
        await ready(503);
        expect((await send('order-meanwhile')).status).toBe(202);
        const reply = await api.send('GET', '/v1/executions');
        expect(reply).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
        expect(reply.headers.get('retry-after')).not.toBeNull();
        postgres = await startDatabase();
        await ready(200);
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 120_000);
});
