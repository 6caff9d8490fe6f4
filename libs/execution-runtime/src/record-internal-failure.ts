import { indexesOf, nodeStateOf, type AttemptFailure } from '#libs/execution-engine';
import { parseAttemptTask, type AttemptTask } from '#libs/work-queue-jetstream';
import { FailingWork, type FailedWork, type FailingWorkParts } from './failing-work.ts';
import type { ExecutionJournal } from './journal.ts';

const FAILURE: AttemptFailure = {
  code: 'INTERNAL',
  message: 'the attempt could not be made for a reason of ours; it is in the log',
  // It was tried again as often as that may help.
  retryable: false,
};

/** What becomes of failed work where attempts are of executions. */
export function createFailingWork(
  journal: ExecutionJournal,
  parts: Omit<FailingWorkParts, 'recordFailure'>,
): FailingWork {
  return new FailingWork({ ...parts, recordFailure: (work) => recordInternalFailure(journal, work) });
}

/** Records an attempt that can't be made as failed. False when the work is no attempt; rejects when it can't be recorded. */
export async function recordInternalFailure(journal: ExecutionJournal, work: FailedWork): Promise<boolean> {
  const task = tryParseAttempt(work.payload);
  if (!task || !work.queue.startsWith('run.')) return false;
  const { executionId, nodeId, attempt, batch } = task;
  if (batch === undefined) {
    await journal.submit(executionId, { type: 'RecordFailure', nodeId, attempt, failure: FAILURE });
    return true;
  }
  const state = await journal.fresh(executionId);
  const node = state.status === 'none' ? undefined : nodeStateOf(state, nodeId);
  if (node?.status !== 'looping') return true;
  const indexes = indexesOf(node.loop, batch, node.loop.open[batch]);
  const outcomes = indexes.map((index) => ({ index, kind: 'failed', failure: FAILURE }) as const);
  await journal.submit(executionId, { type: 'RecordBatch', nodeId, batch, attempt, outcomes });
  return true;
}

function tryParseAttempt(payload: unknown): AttemptTask | undefined {
  try {
    return parseAttemptTask(payload);
  } catch {
    return undefined;
  }
}
