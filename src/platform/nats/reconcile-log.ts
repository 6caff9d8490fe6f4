import type { JetStreamManager } from '@nats-io/jetstream';
import { auditLayout } from '#libs/audit-log';
import { jobConsumer, jobStream } from '#libs/bulk-jobs';
import { deadLetterStream, REDRIVES } from '#libs/dead-letters';
import { FOLLOW_UP_EXECUTOR } from '#libs/execution-engine';
import { executionLog, LOG_SPLIT, scheduleLog, workflowLog, type LogStreamCount } from '#libs/event-store-jetstream';
import { gateLineStream } from '#libs/execution-gates-jetstream';
import { reconcileConsumer, reconcileStream, type DesiredConsumer, type Reconciled } from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
import { mailStream } from '#libs/mail-ledger';
import { SLOT_CONSUMER } from '#libs/scheduler';
import { deliveryStream } from '#libs/webhook-deliveries';
import {
  DISPATCHER,
  executorConsumer,
  START_PLACES,
  START_STREAM,
  starterConsumer,
  startStream,
  taskStreamNames,
  taskStreams,
  TIMER_CONSUMER,
  TIMER_STREAM,
  timerStream,
} from '#libs/work-queue-jetstream';
import { BULK } from '../../bulk/bulk-job.ts';
import { HOOKS_CONSUMER } from '../../hooks/hooks-consumer.ts';
import { ARMING_CONSUMER } from '../../scheduler/arming-consumer.ts';
import { ROUTES_CONSUMER } from '../../webhooks/routes-consumer.ts';

export interface LogShape {
  readonly logStreams: LogStreamCount;
  readonly replicas: number;
  readonly deliveriesKeptMs: number;
  readonly emailsKeptMs: number;
  /** Executor classes that need a queue. */
  readonly executors: readonly string[];
}

/** Brings every stream and consumer of the installation to what this version wants; refuses what can't be applied. */
export async function reconcileLog(manager: JetStreamManager, shape: LogShape): Promise<readonly Reconciled[]> {
  const { logStreams, replicas, deliveriesKeptMs, emailsKeptMs } = shape;
  await ensureSameSplit(manager, logStreams);
  const streams = [
    ...executionLog(logStreams, replicas).streams,
    ...workflowLog(replicas).streams,
    ...scheduleLog(logStreams, replicas).streams,
    ...taskStreams(logStreams, replicas),
    startStream(replicas),
    timerStream(replicas),
    gateLineStream(replicas),
    deadLetterStream(replicas),
    jobStream(REDRIVES, replicas),
    jobStream(BULK, replicas),
    deliveryStream(replicas, deliveriesKeptMs),
    mailStream(replicas, emailsKeptMs),
    ...auditLayout(replicas).streams,
  ];
  const done: Reconciled[] = [];
  for (const stream of streams) done.push(await reconcileStream(manager, stream));
  for (const [stream, consumer] of consumersOf(shape)) done.push(await reconcileConsumer(manager, stream, consumer));
  return done;
}

/** Every durable consumer, and the stream that it is on. */
function* consumersOf({
  logStreams,
  replicas,
  executors,
}: LogShape): Generator<readonly [stream: string, consumer: DesiredConsumer]> {
  for (const { name } of executionLog(logStreams, replicas).streams) yield [name, DISPATCHER];
  for (const { name } of scheduleLog(logStreams, replicas).streams) yield [name, SLOT_CONSUMER];
  for (const name of taskStreamNames(logStreams))
    for (const executor of [FOLLOW_UP_EXECUTOR, ...executors]) yield [name, executorConsumer(executor)];
  for (const place of START_PLACES) yield [START_STREAM, starterConsumer(place)];
  yield [TIMER_STREAM, TIMER_CONSUMER];
  for (const jobs of [REDRIVES, BULK]) yield [jobs.stream, jobConsumer(jobs)];
  yield ['WORKFLOWS', ROUTES_CONSUMER];
  yield ['WORKFLOWS', ARMING_CONSUMER];
  yield ['WORKFLOWS', HOOKS_CONSUMER];
}

/**
 * The split of the log is fixed once it exists: an execution's stream is computed from its id. Each stream says of how
 * many it is one, so that processes which start together, while some streams are still missing, agree.
 */
async function ensureSameSplit(manager: JetStreamManager, wanted: LogStreamCount): Promise<void> {
  for await (const { config } of manager.streams.list('executions.>')) {
    const present = config.metadata?.[LOG_SPLIT];
    if (present === undefined || present === String(wanted)) continue;
    throw new MillraceError(
      'conflict',
      'LOG_SPLIT_FIXED',
      `the log is split into ${present} streams and MILLRACE_LOG_STREAMS says ${wanted}; set it back to ${present}`,
    );
  }
}
