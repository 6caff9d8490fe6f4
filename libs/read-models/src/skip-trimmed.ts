import { readNextFromLeader, type JetStreamConnection } from '#libs/jetstream';
import { findCheckpoints, skipTo, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';

/** Brings checkpoints of a rebuild level with the live ones where their streams hold nothing more of what lies between. */
export async function skipTrimmed(
  connection: JetStreamConnection,
  live: readonly Checkpoint[],
  rebuild: Database,
): Promise<void> {
  const streams = live.map(({ stream }) => stream);
  const reached = new Map((await findCheckpoints(rebuild, streams)).map((one) => [one.stream, one]));
  for (const checkpoint of live) {
    const from = reached.get(checkpoint.stream);
    if (!from || from.sequence >= checkpoint.sequence) continue;
    const asked = { subject: '>', fromSequence: from.sequence + 1 };
    const next = await readNextFromLeader(connection, checkpoint.stream, asked);
    if (!next || next.sequence > checkpoint.sequence) await skipTo(rebuild, { from, to: checkpoint });
  }
}
