import { allHistories, unpackHistory } from '#libs/execution-archive';
import { ArchivedExecutions, type Database } from '#libs/read-models';
import type { ExecutionLog } from '../platform/nats/tokens.ts';

/** Histories that are in memory together. */
const AT_ONCE = 50;

/** Makes the rows of executions whose histories left the log, in the tables that the database leads to. */
export async function fillFromArchive(database: Database, log: ExecutionLog, signal: AbortSignal): Promise<void> {
  const executions = new ArchivedExecutions(database, (id) => log.layout.streamOf(id));
  for await (const histories of allHistories(database, AT_ONCE)) {
    signal.throwIfAborted();
    await executions.write(await Promise.all(histories.map((history) => unpackHistory(history, log.codec))));
  }
}
