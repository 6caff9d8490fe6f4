import type { ExecutionJournal } from './journal.ts';
import { isTerminal } from '#libs/execution-engine';

/** A parent that was over before it could record that it waits has nobody else to cancel its child. */
export async function settleChild(journal: ExecutionJournal, parentId: string, childId: string): Promise<void> {
  if (!isTerminal(await journal.fresh(parentId))) return;
  const reason = { code: 'PARENT_ENDED', message: `${parentId}, which waited for it, is over` };
  await journal.submit(childId, { type: 'CancelExecution', reason });
}
