import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { lastVersionOf, type StoredCommit } from '#libs/event-sourcing';
import type { CommitCodec } from '#libs/event-store-jetstream';
import { payloadsOf, type ExecutionEvent } from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';

type History = readonly StoredCommit<ExecutionEvent>[];

const compress = promisify<Buffer, Buffer>(gzip);
const expand = promisify<Buffer, Buffer>(gunzip);

/** A history as the archive holds it. */
export interface ArchivedHistory {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly finishedAt: string;
  readonly events: number;
  /** Of its text, before it was compressed. */
  readonly bytes: number;
  /** Compressed by gzip: for each commit three lines, its sequence in the log and the two that the log had. */
  readonly history: Buffer;
  /** Keys in the object store that it refers to. */
  readonly objects: readonly string[];
}

/** Snapshots are left out: a history that is over is folded from its beginning. */
export async function packHistory(
  { workspaceId, finishedAt }: { readonly workspaceId: string; readonly finishedAt: string },
  commits: History,
  codec: CommitCodec<ExecutionEvent>,
): Promise<ArchivedHistory> {
  const last = commits.at(-1);
  if (!last) throw new InvariantError('a history without commits is not archived');
  const text = commits.map(({ sequence, snapshot: _, ...commit }) => `${sequence}\n${codec.encode(commit)}`).join('\n');
  const bytes = Buffer.from(text);
  return {
    executionId: last.aggregateId,
    workspaceId,
    finishedAt,
    events: lastVersionOf(last),
    bytes: bytes.length,
    history: await compress(bytes),
    objects: objectsIn(commits),
  };
}

/** Keys in the object store that the events refer to. */
export function objectsIn(commits: History): readonly string[] {
  const payloads = commits.flatMap(({ events }) => events.flatMap(payloadsOf));
  return [...new Set(payloads.flatMap((payload) => ('stored' in payload ? [payload.stored.object] : [])))];
}

const LINES_OF_A_COMMIT = 3;

/** Throws InvariantError when it is not a history that this version reads. */
export async function unpackHistory(
  history: Buffer,
  codec: CommitCodec<ExecutionEvent>,
): Promise<StoredCommit<ExecutionEvent>[]> {
  const lines = (await expand(history)).toString().split('\n');
  const commits: StoredCommit<ExecutionEvent>[] = [];
  for (let line = 0; line < lines.length; line += LINES_OF_A_COMMIT) {
    const [sequence, envelope, events] = lines.slice(line, line + LINES_OF_A_COMMIT);
    commits.push(codec.decodeEvents(Buffer.from(`${envelope ?? ''}\n${events ?? ''}`), Number(sequence)));
  }
  return commits;
}
