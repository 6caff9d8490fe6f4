import { Injectable } from '@nestjs/common';
import { askedAgain, HookStore } from '#libs/hook-registrations';
import type { WorkflowId } from '#libs/kernel';

/** Has what failed tried again now, by whichever worker hears of it first. */
@Injectable()
export class RetryHooks {
  constructor(private readonly store: HookStore) {}

  async retry(workflowId: WorkflowId): Promise<void> {
    for (const entry of await this.store.ofWorkflow(workflowId))
      await this.store.change(entry, (now) => now && askedAgain(now));
  }
}
