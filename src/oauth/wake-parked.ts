import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ExecutionJournal } from '#libs/execution-runtime';
import { ParkedExecutionsBucket } from '#libs/parked-executions';
import { Logger } from '../platform/logging/logger.ts';

const AT_ONCE = 16;

/** Lets executions go on that waited for a credential. What it misses looks by itself later. */
@Injectable()
export class WakeParked implements BeforeApplicationShutdown {
  readonly #waking = new Set<Promise<void>>();
  #stopping = false;

  constructor(
    private readonly parked: ParkedExecutionsBucket,
    private readonly journal: ExecutionJournal,
    private readonly logger: Logger,
  ) {}

  /** Nobody waits for it. */
  wake(credentialId: string): void {
    const waking = this.#wake(credentialId).finally(() => this.#waking.delete(waking));
    this.#waking.add(waking);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#waking);
  }

  async #wake(credentialId: string): Promise<void> {
    try {
      const waiting = this.parked.waitingFor(credentialId)[Symbol.asyncIterator]();
      const lanes = Array.from({ length: AT_ONCE }, () => this.#wakeOneByOne(credentialId, waiting));
      const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    } catch (error) {
      this.logger.warn(
        { error, credentialId },
        'not all that waits for the credential goes on now; it looks by itself later',
      );
    }
  }

  async #wakeOneByOne(credentialId: string, waiting: AsyncIterator<string>): Promise<void> {
    while (!this.#stopping) {
      const next = await waiting.next();
      if (next.done === true) return;
      await this.journal.submit(next.value, { type: 'ResumeParked', credentialId });
    }
  }
}
