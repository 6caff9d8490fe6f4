import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import { JetStreamConnection, JetStreamPublisher, reconcileConsumer, reconcileStream } from '#libs/jetstream';
import { until } from '#libs/jetstream/testing';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { REDRIVE_STREAM, REDRIVER, redriveStream } from './layout.ts';
import type { RedriveJob } from './redrive-job.ts';
import { RedriveJobs } from './redrive-jobs.ts';
import { Redriver, type RedriverParts } from './redriver.ts';

const NOW = Date.UTC(2026, 10, 23, 10);

describe('Redriver', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  let manager: JetStreamManager;
  let jobs: RedriveJobs;

  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'redriver spec' });
    publisher = new JetStreamPublisher(connection);
    manager = await jetstreamManager(connection.client);
    jobs = new RedriveJobs(connection, publisher);
  });
  beforeEach(async () => {
    await manager.streams.delete(REDRIVE_STREAM).catch(() => false);
    await reconcileStream(manager, redriveStream(1));
    await ensureConsumer();
  });
  afterAll(async () => {
    await publisher[Symbol.asyncDispose]();
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const ensureConsumer = async (): Promise<void> => void (await reconcileConsumer(manager, REDRIVE_STREAM, REDRIVER));
  const jobOf = (count: number, change: Partial<RedriveJob> = {}): RedriveJob => ({
    id: 'rdr_1',
    workspaceId: 'ws_1',
    actor: { type: 'user', id: 'usr_1' },
    at: '2026-11-23T10:00:00.000Z',
    perSecond: 1000,
    deadLetterIds: Array.from({ length: count }, (_, n) => `dl_${n}`),
    isCut: false,
    ...change,
  });
  const redriverOf = (redrive: RedriverParts['redrive'], errors: unknown[] = []): Redriver =>
    new Redriver({
      connection,
      jobs,
      redrive,
      clock: { nowMs: () => NOW },
      onError: (error) => void errors.push(error),
      ensureConsumer,
    });
  const isFinished = (id: string) => async (): Promise<boolean> => (await jobs.progressOf(id)).finishedAt !== null;

  it('redrives each letter once, in order, and says so', async () => {
    const seen: string[] = [];
    await using _redriver = redriverOf(async (job, id) => {
      seen.push(`${job.workspaceId} ${id}`);
      return id === 'dl_3' ? 'refused' : 'redriven';
    });
    await jobs.begin(jobOf(50));
    await until('it is finished', isFinished('rdr_1'));
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => `ws_1 dl_${n}`));
    expect(await jobs.progressOf('rdr_1')).toEqual({
      next: 50,
      redriven: 49,
      refused: 1,
      finishedAt: '2026-11-23T10:00:00.000Z',
    });
    expect(await jobs.find('rdr_1')).toEqual(jobOf(50));
  });

  it('is never faster than was asked for, not even after a slow one', async () => {
    const at: number[] = [];
    await using _redriver = redriverOf(async (_job, id) => {
      at.push(performance.now());
      if (id === 'dl_2') await new Promise((resolve) => setTimeout(resolve, 200));
      return 'redriven';
    });
    await jobs.begin(jobOf(8, { perSecond: 25 }));
    await until('it is finished', isFinished('rdr_1'));
    const gaps = at.slice(1).map((time, n) => time - (at[n] ?? 0));
    // A timer may be a fraction of a millisecond early.
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(38);
  });

  it('leaves its job to another process, which goes on where it was', async () => {
    const first: string[] = [];
    const second: string[] = [];
    const one = redriverOf(async (_job, id) => (first.push(id), 'redriven'));
    await jobs.begin(jobOf(60, { perSecond: 100 }));
    await until('some are redriven', () => first.length >= 10);
    await one.drain();
    await one[Symbol.asyncDispose]();
    await using _other = redriverOf(async (_job, id) => (second.push(id), 'redriven'));
    await until('it is finished', isFinished('rdr_1'));
    expect([...first, ...second]).toEqual(jobOf(60).deadLetterIds);
    expect(await jobs.progressOf('rdr_1')).toMatchObject({ redriven: 60 });
  });

  it('goes on after the log was away, with what that met', async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    await using _redriver = redriverOf(async (_job, id) => {
      seen.push(id);
      if (id === 'dl_1' && seen.length === 2) throw new LogUnavailableError('away');
      return 'redriven';
    }, errors);
    await jobs.begin(jobOf(3));
    await until('it is finished', isFinished('rdr_1'));
    // What was redriven since the progress was saved last is asked for again.
    expect(seen).toEqual(['dl_0', 'dl_1', 'dl_0', 'dl_1', 'dl_2']);
    expect(errors).toHaveLength(1);
    expect(await jobs.progressOf('rdr_1')).toMatchObject({ next: 3, redriven: 3 });
  });

  it('a job asked for twice stays what it was at first', async () => {
    await jobs.begin(jobOf(0));
    await jobs.begin(jobOf(7));
    expect(await jobs.find('rdr_1')).toEqual(jobOf(0));
    expect(await jobs.find('rdr_2')).toBeUndefined();
    expect(await jobs.progressOf('rdr_2')).toEqual({ next: 0, redriven: 0, refused: 0, finishedAt: null });
  });

  it('an empty job is finished at once, and 10,000 letters fit into one', async () => {
    await using _redriver = redriverOf(async () => 'redriven');
    const letters = Array.from({ length: 10_000 }, (_, n) => `dl_${String(n).padStart(36, '0')}`);
    await jobs.begin(jobOf(0));
    await jobs.begin(jobOf(0, { id: 'rdr_2', deadLetterIds: letters, perSecond: 1 }));
    await until('it is finished', isFinished('rdr_1'));
    expect((await jobs.find('rdr_2'))?.deadLetterIds).toHaveLength(10_000);
  });
});
