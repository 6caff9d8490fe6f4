import type { z } from 'zod';
import {
  readLastFromLeader,
  wasWrittenMeanwhile,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { NO_PROGRESS, parseProgress, parser, type Job, type JobProgress } from './job.ts';
import { subjectOf, type JobLayout } from './layout.ts';

export interface JobStoreParts<AnyJob extends Job> {
  readonly connection: JetStreamConnection;
  readonly publisher: JetStreamPublisher;
  readonly layout: JobLayout;
  readonly schema: z.ZodType<AnyJob>;
}

/** Jobs as their stream holds them: one message each, one that says how far it is, and one when it is to end. */
export class JobStore<AnyJob extends Job> {
  readonly #parse: (data: Uint8Array) => AnyJob;

  constructor(private readonly parts: JobStoreParts<AnyJob>) {
    this.#parse = parser(parts.schema);
  }

  get layout(): JobLayout {
    return this.parts.layout;
  }

  /** The job is accepted when this resolves; one that was before stays as it is. */
  async begin(job: AnyJob): Promise<void> {
    const subject = subjectOf(this.layout, job.id, 'job');
    try {
      await this.parts.publisher.publish(subject, JSON.stringify(job), { expectedLastSubjectSequence: 0 });
    } catch (error) {
      if (!wasWrittenMeanwhile(error)) throw error;
    }
  }

  /** Throws InvariantError when the message is no job of this kind. */
  parse(data: Uint8Array): AnyJob {
    return this.#parse(data);
  }

  async find(jobId: string): Promise<AnyJob | undefined> {
    const data = await this.#last(jobId, 'job');
    return data && this.#parse(data);
  }

  async progressOf(jobId: string): Promise<JobProgress> {
    const data = await this.#last(jobId, 'progress');
    return data ? parseProgress(data) : NO_PROGRESS;
  }

  async saveProgress(jobId: string, progress: JobProgress): Promise<void> {
    await this.parts.publisher.publish(subjectOf(this.layout, jobId, 'progress'), JSON.stringify(progress));
  }

  /** Whoever works on it sees it when the progress is saved next. */
  async cancel(jobId: string): Promise<void> {
    await this.parts.publisher.publish(subjectOf(this.layout, jobId, 'cancel'), '{}');
  }

  async isCancelled(jobId: string): Promise<boolean> {
    return (await this.#last(jobId, 'cancel')) !== undefined;
  }

  /** From the leader: whoever resumes a job must not see an older progress than was saved. */
  async #last(jobId: string, what: 'job' | 'progress' | 'cancel'): Promise<Uint8Array | undefined> {
    const { connection, layout } = this.parts;
    return (await readLastFromLeader(connection, layout.stream, subjectOf(layout, jobId, what)))?.data;
  }
}
