import { z } from 'zod';
import { BucketMirror, openBucket, type Bucket, type JetStreamConnection } from '#libs/jetstream';

/** Empty while no worker runs. */
export const WORKERS_BUCKET = 'workers';
/** How often a worker writes its report. */
export const REPORT_EVERY_MS = 3_000;
/** A worker that has not written for so long is gone. */
const STALE_AFTER_MS = 10_000;

const workFigure = z.object({
  /** Work that came without the queue and is in hand. */
  direct: z.number(),
  /** Within the last minute. */
  completed: z.number(),
  failed: z.number(),
});
export type WorkFigure = z.infer<typeof workFigure>;
const report = z.record(z.string(), workFigure);
/** What a worker knows of the queues, by their names. */
export type WorkerReport = Readonly<Record<string, WorkFigure>>;

interface Heard {
  readonly report: WorkerReport;
  readonly atMs: number;
}

export interface WorkerReportsOptions {
  readonly replicas: number;
  /** Never goes back. */
  readonly nowMs: () => number;
  readonly onFault: (error: unknown) => void;
}

/**
 * What workers know and the streams do not, of all workers of the installation: each writes a few numbers into a bucket
 * every few seconds, and who asks reads them from memory. What a worker wrote that is gone vanishes by itself.
 */
export class WorkerReports implements AsyncDisposable {
  private constructor(
    private readonly parts: {
      readonly connection: JetStreamConnection;
      readonly bucket: Bucket;
      readonly mirror: BucketMirror<Heard>;
    },
    private readonly options: WorkerReportsOptions,
  ) {}

  static async open(connection: JetStreamConnection, options: WorkerReportsOptions): Promise<WorkerReports> {
    const { replicas, nowMs, onFault } = options;
    const description = 'Worker → what it does at the moment';
    const bucket = await openBucket(connection, { name: WORKERS_BUCKET, description, replicas, ttlMs: STALE_AFTER_MS });
    const parse = (json: unknown): Heard => ({ report: report.parse(json), atMs: nowMs() });
    const mirror = await BucketMirror.open(connection, bucket, { parse, onFault });
    return new WorkerReports({ connection, bucket, mirror }, options);
  }

  async write(workerId: string, workerReport: WorkerReport): Promise<void> {
    this.parts.connection.ensureConnected();
    await this.parts.bucket.kv.put(workerId, JSON.stringify(workerReport));
  }

  /** A worker ends: what it did counts no more. */
  async withdraw(workerId: string): Promise<void> {
    this.parts.connection.ensureConnected();
    await this.parts.bucket.kv.delete(workerId);
  }

  /** The sums over all workers. */
  figureOf(queue: string): WorkFigure {
    const oldest = this.options.nowMs() - STALE_AFTER_MS;
    const heard = [...this.parts.mirror.values.values()].filter(({ atMs }) => atMs > oldest);
    return heard.map(({ report: figures }) => figures[queue] ?? NOTHING).reduce(sumOf, NOTHING);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.parts.mirror[Symbol.asyncDispose]();
  }
}

const NOTHING: WorkFigure = { direct: 0, completed: 0, failed: 0 };

function sumOf(one: WorkFigure, other: WorkFigure): WorkFigure {
  return {
    direct: one.direct + other.direct,
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
  };
}
