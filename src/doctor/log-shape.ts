import type { JetStreamManager } from '@nats-io/jetstream';
import { LOG_SPLIT, LOG_STREAM_COUNTS, type LogStreamCount } from '#libs/event-store-jetstream';
import { MillraceError } from '#libs/kernel';
import { START_STREAM } from '#libs/work-queue-jetstream';

/** What the log says of itself. */
export interface LogShape {
  readonly logStreams: LogStreamCount;
  readonly executions: number;
}

/** Throws when there is no whole log: never made, or restored in part. */
export async function readLogShape(manager: JetStreamManager): Promise<LogShape> {
  const splits = new Set<string | undefined>();
  let streams = 0;
  let executions = 0;
  for await (const { config, state } of manager.streams.list('executions.>')) {
    streams++;
    executions += state.num_subjects ?? 0;
    splits.add(config.metadata?.[LOG_SPLIT]);
  }
  const logStreams = LOG_STREAM_COUNTS.find((count) => splits.has(String(count)));
  if (logStreams === undefined)
    throw noLog('this NATS holds no log of Millrace: is NATS_URL that of the installation, and was it ever started?');
  if (streams !== logStreams)
    throw noLog(
      `the log has ${logStreams} streams and ${streams} of them are here: restore EXECUTIONS_* from one backup`,
    );
  await ensureQueuesCanBeRead(manager);
  return { logStreams, executions };
}

/** Processes bring streams to what their version wants, when they start. */
async function ensureQueuesCanBeRead(manager: JetStreamManager): Promise<void> {
  const { config } = await manager.streams.info(START_STREAM);
  if (!config.allow_direct)
    throw noLog('the queues are still those of an older version: start a process of this version first');
}

function noLog(message: string): MillraceError {
  return new MillraceError('conflict', 'LOG_NOT_FOUND', message);
}
