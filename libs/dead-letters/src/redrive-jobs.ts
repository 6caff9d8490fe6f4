import {
  wasWrittenMeanwhile,
  readLastFromLeader,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { jobSubject, progressSubject, REDRIVE_STREAM } from './layout.ts';
import { NO_PROGRESS, parseJob, parseProgress, type RedriveJob, type RedriveProgress } from './redrive-job.ts';

/** Jobs as `REDRIVES` holds them: one message each, and one that says how far it is. */
export class RedriveJobs {
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
  ) {}

  /** The job is accepted when this resolves; one that was before stays as it is. */
  async begin(job: RedriveJob): Promise<void> {
    try {
      await this.publisher.publish(jobSubject(job.id), JSON.stringify(job), { expectedLastSubjectSequence: 0 });
    } catch (error) {
      if (!wasWrittenMeanwhile(error)) throw error;
    }
  }

  async find(jobId: string): Promise<RedriveJob | undefined> {
    const data = await this.#last(jobSubject(jobId));
    return data && parseJob(data);
  }

  async progressOf(jobId: string): Promise<RedriveProgress> {
    const data = await this.#last(progressSubject(jobId));
    return data ? parseProgress(data) : NO_PROGRESS;
  }

  async saveProgress(jobId: string, progress: RedriveProgress): Promise<void> {
    await this.publisher.publish(progressSubject(jobId), JSON.stringify(progress));
  }

  /** From the leader: whoever resumes a job must not see an older progress than was saved. */
  async #last(subject: string): Promise<Uint8Array | undefined> {
    return (await readLastFromLeader(this.connection, REDRIVE_STREAM, subject))?.data;
  }
}
