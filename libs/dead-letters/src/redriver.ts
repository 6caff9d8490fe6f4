import { WorkConsumer, type JetStreamConnection } from '#libs/jetstream';
import { toInstant, type Clock } from '#libs/kernel';
import { JOB_ACK_WAIT_MS, REDRIVE_STREAM, REDRIVER } from './layout.ts';
import { parseJob, type RedriveJob, type RedriveProgress } from './redrive-job.ts';
import type { RedriveJobs } from './redrive-jobs.ts';

export interface RedriverParts {
  readonly connection: JetStreamConnection;
  readonly jobs: Pick<RedriveJobs, 'progressOf' | 'saveProgress'>;
  /**
   * Redrives one letter, the same way however often it is asked to. `refused`: it is not to be redriven any more.
   * Rejects when that can't be told now; the job then goes on from there.
   */
  readonly redrive: (job: RedriveJob, deadLetterId: string) => Promise<'redriven' | 'refused'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** Jobs that one process works on at once. */
const JOB_SLOTS = 16;
/** After a kill, at most what was redriven within this time is looked at again, and found redriven. */
const SAVE_EVERY_MS = 1_000;

/**
 * Works through jobs that redrive many dead letters, each at its own pace. A job is a message that stays unacknowledged
 * until its last letter: when the process dies, another one goes on where the progress was saved last.
 */
export class Redriver implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #consumer: WorkConsumer;

  constructor(private readonly parts: RedriverParts) {
    this.#consumer = new WorkConsumer(parts.connection, {
      stream: REDRIVE_STREAM,
      consumer: REDRIVER.durable_name,
      slots: JOB_SLOTS,
      ackWaitMs: JOB_ACK_WAIT_MS,
      work: (message) => this.#run(parseJob(message.data)),
      onError: (error) => {
        if (!this.#stop.signal.aborted) parts.onError(error);
      },
      onGone: parts.ensureConsumer,
    });
  }

  /** Leaves its jobs to others, with their progress saved. */
  async drain(): Promise<void> {
    this.#stop.abort(new Error('the process is ending'));
    await this.#consumer.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the process is ending'));
    await this.#consumer[Symbol.asyncDispose]();
  }

  async #run(job: RedriveJob): Promise<void> {
    const { jobs, clock } = this.parts;
    const { signal } = this.#stop;
    let progress = await jobs.progressOf(job.id);
    if (progress.finishedAt !== null) return;
    let savedAt = performance.now();
    let due = savedAt;
    for (const deadLetterId of job.deadLetterIds.slice(progress.next)) {
      await elapsedUntil(due, signal);
      if (performance.now() - savedAt >= SAVE_EVERY_MS || signal.aborted) {
        await jobs.saveProgress(job.id, progress);
        savedAt = performance.now();
      }
      signal.throwIfAborted();
      // From when it begins, so that a slow one is not made good by a burst.
      due = performance.now() + 1000 / job.perSecond;
      progress = counted(progress, await this.parts.redrive(job, deadLetterId));
    }
    await jobs.saveProgress(job.id, { ...progress, finishedAt: toInstant(clock.nowMs()) });
  }
}

function counted(before: RedriveProgress, outcome: 'redriven' | 'refused'): RedriveProgress {
  return { ...before, next: before.next + 1, [outcome]: before[outcome] + 1 };
}

/** Resolves at the instant of `performance.now()`, or when it is aborted. */
function elapsedUntil(dueMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const end = (): void => resolve();
  const timer = setTimeout(end, Math.max(0, dueMs - performance.now()));
  signal.addEventListener('abort', end, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  });
}
