import { elapsed, WorkConsumer, type JetStreamConnection } from '#libs/jetstream';
import { toInstant, type Clock } from '#libs/kernel';
import { MAX_REFUSALS_TOLD, type Job, type JobProgress } from './job.ts';
import type { JobStore } from './job-store.ts';
import { JOB_ACK_WAIT_MS, type JobLayout } from './layout.ts';

/** What came of one target; a refusal with its stable code. */
export type TargetOutcome = 'done' | { readonly refused: string };

export interface JobRunnerParts<AnyJob extends Job> {
  readonly connection: JetStreamConnection;
  readonly jobs: Pick<JobStore<AnyJob>, 'progressOf' | 'saveProgress' | 'isCancelled' | 'parse'> & {
    readonly layout: JobLayout;
  };
  /**
   * Does the work for one target, the same way however often it is asked to. Rejects when that can't be done now; the job
   * then goes on from there.
   */
  readonly work: (job: AnyJob, target: string) => Promise<TargetOutcome>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** Jobs that one process works on at once. */
const JOB_SLOTS = 16;
/** After a kill, at most what was done within this time is looked at again, and found done. */
const SAVE_EVERY_MS = 1_000;

/**
 * Works through jobs with many targets each, at their own pace. A job is a message that stays unacknowledged until its
 * last target: when the process dies, another one goes on where the progress was saved last.
 */
export class JobRunner<AnyJob extends Job> implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #consumer: WorkConsumer;

  constructor(private readonly parts: JobRunnerParts<AnyJob>) {
    const { connection, jobs, onError, ensureConsumer } = parts;
    this.#consumer = new WorkConsumer(connection, {
      stream: jobs.layout.stream,
      consumer: jobs.layout.worker,
      slots: JOB_SLOTS,
      ackWaitMs: JOB_ACK_WAIT_MS,
      work: (message) => this.#run(jobs.parse(message.data)),
      onError: (error) => {
        if (!this.#stop.signal.aborted) onError(error);
      },
      onGone: ensureConsumer,
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

  async #run(job: AnyJob): Promise<void> {
    const { jobs, clock, work } = this.parts;
    const { signal } = this.#stop;
    let progress = await jobs.progressOf(job.id);
    if (progress.finishedAt !== null) return;
    let isCancelled = await jobs.isCancelled(job.id);
    let savedAt = performance.now();
    let due = savedAt;
    for (const target of job.targets.slice(progress.next)) {
      if (isCancelled) break;
      await elapsed(Math.max(0, due - performance.now()), signal);
      if (performance.now() - savedAt >= SAVE_EVERY_MS || signal.aborted) {
        await jobs.saveProgress(job.id, progress);
        isCancelled = await jobs.isCancelled(job.id);
        savedAt = performance.now();
        if (isCancelled) break;
      }
      signal.throwIfAborted();
      // From when it begins, so that a slow one is not made good by a burst.
      due = performance.now() + 1000 / job.perSecond;
      progress = counted(progress, target, await work(job, target));
    }
    await jobs.saveProgress(job.id, { ...progress, isCancelled, finishedAt: toInstant(clock.nowMs()) });
  }
}

function counted(before: JobProgress, target: string, outcome: TargetOutcome): JobProgress {
  const next = before.next + 1;
  if (outcome === 'done') return { ...before, next, done: before.done + 1 };
  const { refusals } = before;
  const told = refusals.length < MAX_REFUSALS_TOLD ? [...refusals, { target, code: outcome.refused }] : refusals;
  return { ...before, next, refused: before.refused + 1, refusals: told };
}
