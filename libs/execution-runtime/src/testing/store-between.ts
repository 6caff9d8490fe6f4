import type { Commit, EventStore, StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';

type Store = EventStore<ExecutionEvent>;

/** A store that lets a spec stand between a journal and its log: each call goes through unless it is replaced. */
export class StoreBetween implements Store {
  append: Store['append'];
  readLast: Store['readLast'];
  readHistory: Store['readHistory'];

  constructor(readonly log: Store) {
    this.append = (commit, expectedSequence) => log.append(commit, expectedSequence);
    this.readLast = (id, options) => log.readLast(id, options);
    this.readHistory = (id, options) => log.readHistory(id, options);
  }
}

export type ExecutionCommit = Commit<ExecutionEvent>;
export type StoredExecutionCommit = StoredCommit<ExecutionEvent>;

export async function commitsOf(log: Store, executionId = 'ex_1'): Promise<StoredExecutionCommit[]> {
  const commits: StoredExecutionCommit[] = [];
  for await (const commit of log.readHistory(executionId)) commits.push(commit);
  return commits;
}

export async function eventsOf(log: Store, executionId = 'ex_1'): Promise<ExecutionEvent[]> {
  return (await commitsOf(log, executionId)).flatMap((commit) => commit.events);
}
