import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer, reconcileStream } from '#libs/jetstream';
import { deleteStream, until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { z } from 'zod';
import { jobFields, NO_PROGRESS, type Job } from './job.ts';
import { JobRunner, type JobRunnerParts } from './job-runner.ts';
import { JobStore } from './job-store.ts';
import { jobConsumer, jobStream, type JobLayout } from './layout.ts';

const JOBS: JobLayout = { stream: 'JOBS', prefix: 'jobs', description: 'Jobs', keptMs: 60_000, worker: 'worker' };
const NOW = Date.UTC(2026, 10, 23, 10);

describe('JobRunner', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let jobs: JobStore<Job>;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'job runner spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    jobs = new JobStore<Job>({ connection, publisher, layout: JOBS, schema: z.object(jobFields) });
  });
  beforeEach(async () => {
    await deleteStream(manager, JOBS.stream);
    await reconcileStream(manager, jobStream(JOBS, 1));
    await ensureConsumer();
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const ensureConsumer = async (): Promise<void> =>
    void (await reconcileConsumer(manager, JOBS.stream, jobConsumer(JOBS)));
  const jobOf = (count: number, change: Partial<Job> = {}): Job => ({
    id: 'job_1',
    workspaceId: 'ws_1',
    actor: { type: 'user', id: 'usr_1' },
    at: '2026-11-23T10:00:00.000Z',
    perSecond: 1000,
    targets: Array.from({ length: count }, (_, n) => `t_${n}`),
    isCut: false,
    ...change,
  });
  const runnerOf = (work: JobRunnerParts<Job>['work'], errors: unknown[] = []): JobRunner<Job> =>
    new JobRunner({
      connection,
      jobs,
      work,
      clock: { nowMs: () => NOW },
      onError: (error) => void errors.push(error),
      ensureConsumer,
    });
  const isFinished = (id: string) => async (): Promise<boolean> => (await jobs.progressOf(id)).finishedAt !== null;

  it('works on each target once, in order, and says so', async () => {
    const seen: string[] = [];
    await using _runner = runnerOf(async (job, id) => {
      seen.push(`${job.workspaceId} ${id}`);
      return id === 't_3' ? { refused: 'SETTLED' } : 'done';
    });
    await jobs.begin(jobOf(50));
    await until('it is finished', isFinished('job_1'));
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => `ws_1 t_${n}`));
    expect(await jobs.progressOf('job_1')).toEqual({
      ...{ next: 50, done: 49, refused: 1, refusals: [{ target: 't_3', code: 'SETTLED' }], isCancelled: false },
      finishedAt: '2026-11-23T10:00:00.000Z',
    });
    expect(await jobs.find('job_1')).toEqual(jobOf(50));
  });

  it('is never faster than was asked for, not even after a slow one', async () => {
    const at: number[] = [];
    await using _runner = runnerOf(async (_job, id) => {
      at.push(performance.now());
      if (id === 't_2') await new Promise((resolve) => setTimeout(resolve, 200));
      return 'done';
    });
    await jobs.begin(jobOf(8, { perSecond: 25 }));
    await until('it is finished', isFinished('job_1'));
    const gaps = at.slice(1).map((time, n) => time - (at[n] ?? 0));
    // A timer may be a fraction of a millisecond early.
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(38);
  });

  it('leaves its job to another process, which goes on where it was', async () => {
    const first: string[] = [];
    const second: string[] = [];
    const one = runnerOf(async (_job, id) => (first.push(id), 'done'));
    await jobs.begin(jobOf(60, { perSecond: 100 }));
    await until('some are done', () => first.length >= 10);
    await one.drain();
    await one[Symbol.asyncDispose]();
    await using _other = runnerOf(async (_job, id) => (second.push(id), 'done'));
    await until('it is finished', isFinished('job_1'));
    expect([...first, ...second]).toEqual(jobOf(60).targets);
    expect(await jobs.progressOf('job_1')).toMatchObject({ done: 60 });
  });

  it('goes on after the log was away, with what that met', async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    await using _runner = runnerOf(async (_job, id) => {
      seen.push(id);
      if (id === 't_1' && seen.length === 2) throw new LogUnavailableError('away');
      return 'done';
    }, errors);
    await jobs.begin(jobOf(3));
    await until('it is finished', isFinished('job_1'));
    // What was done since the progress was saved last is asked for again.
    expect(seen).toEqual(['t_0', 't_1', 't_0', 't_1', 't_2']);
    expect(errors).toHaveLength(1);
    expect(await jobs.progressOf('job_1')).toMatchObject({ next: 3, done: 3 });
  });

  it('a job asked for twice stays what it was at first', async () => {
    await jobs.begin(jobOf(0));
    await jobs.begin(jobOf(7));
    expect(await jobs.find('job_1')).toEqual(jobOf(0));
    expect(await jobs.find('job_2')).toBeUndefined();
    expect(await jobs.progressOf('job_2')).toEqual(NO_PROGRESS);
  });

  it('an empty job is finished at once, and 10,000 targets fit into one', async () => {
    await using _runner = runnerOf(async () => 'done');
    const targets = Array.from({ length: 10_000 }, (_, n) => `t_${String(n).padStart(36, '0')}`);
    await jobs.begin(jobOf(0));
    await jobs.begin(jobOf(0, { id: 'job_2', targets, perSecond: 1 }));
    await until('it is finished', isFinished('job_1'));
    expect((await jobs.find('job_2'))?.targets).toHaveLength(10_000);
  });

  it('ends when somebody wishes it, and is not begun where that came first', async () => {
    const seen: string[] = [];
    await using _runner = runnerOf(async (_job, target) => (seen.push(target), 'done'));
    await jobs.begin(jobOf(1_000, { perSecond: 100 }));
    await until('it is under way', () => seen.length > 0);
    await jobs.cancel('job_1');
    await until('it is finished', isFinished('job_1'));
    expect(await jobs.progressOf('job_1')).toMatchObject({ done: seen.length, isCancelled: true });
    expect(seen.length).toBeLessThan(1_000);
    await jobs.cancel('job_2');
    await jobs.begin(jobOf(5, { id: 'job_2' }));
    await until('it is finished', isFinished('job_2'));
    expect(await jobs.progressOf('job_2')).toMatchObject({ done: 0, isCancelled: true });
  });

  it('tells the first refusals, and counts the others', async () => {
    await using _runner = runnerOf(async () => ({ refused: 'SETTLED' }));
    await jobs.begin(jobOf(30));
    await until('it is finished', isFinished('job_1'));
    const { refused, refusals } = await jobs.progressOf('job_1');
    expect([refused, refusals.length]).toEqual([30, 20]);
  });
});
