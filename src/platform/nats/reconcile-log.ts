import type { JetStreamManager } from '@nats-io/jetstream';
import { auditLayout } from '#libs/audit-log';
import { jobConsumer, jobStream } from '#libs/bulk-jobs';
import { deadLetterStream, REDRIVES } from '#libs/dead-letters';
import { FOLLOW_UP_EXECUTOR } from '#libs/execution-engine';
import { executionLog, LOG_SPLIT, scheduleLog, workflowLog, type LogStreamCount } from '#libs/event-store-jetstream';
import { gateLineStream } from '#libs/execution-gates-jetstream';
import { reconcileConsumer, reconcileStream, type Reconciled } from '#libs/jetstream';
import { MillraceError } from '#libs/kernel';
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
import { ARMING_CONSUMER } from '../../scheduler/arming-consumer.ts';
import { ROUTES_CONSUMER } from '../../webhooks/routes-consumer.ts';

export interface LogShape {
  readonly logStreams: LogStreamCount;
  readonly replicas: number;
  readonly deliveriesKeptMs: number;
  /** Executor classes that need a queue. */
  readonly executors: readonly string[];
}

/** Brings every stream and consumer of the installation to what this version wants; refuses what can't be applied. */
export async function reconcileLog(manager: JetStreamManager, shape: LogShape): Promise<readonly Reconciled[]> {
  const { logStreams, replicas, deliveriesKeptMs, executors } = shape;
  await ensureSameSplit(manager, logStreams);
  const log = executionLog(logStreams, replicas);
  const schedules = scheduleLog(logStreams, replicas);
  const streams = [
    ...log.streams,
    ...workflowLog(replicas).streams,
    ...schedules.streams,
    ...taskStreams(logStreams, replicas),
    startStream(replicas),
    timerStream(replicas),
    gateLineStream(replicas),
    deadLetterStream(replicas),
    jobStream(REDRIVES, replicas),
    jobStream(BULK, replicas),
    deliveryStream(replicas, deliveriesKeptMs),
    ...auditLayout(replicas).streams,
  ];
  const done: Reconciled[] = [];
  for (const stream of streams) done.push(await reconcileStream(manager, stream));
  for (const { name } of log.streams) done.push(await reconcileConsumer(manager, name, DISPATCHER));
  for (const { name } of schedules.streams) done.push(await reconcileConsumer(manager, name, SLOT_CONSUMER));
  for (const name of taskStreamNames(logStreams)) {
    for (const consumer of [FOLLOW_UP_EXECUTOR, ...executors].map(executorConsumer))
      done.push(await reconcileConsumer(manager, name, consumer));
  }
  for (const place of START_PLACES) done.push(await reconcileConsumer(manager, START_STREAM, starterConsumer(place)));
  done.push(await reconcileConsumer(manager, TIMER_STREAM, TIMER_CONSUMER));
  for (const jobs of [REDRIVES, BULK]) done.push(await reconcileConsumer(manager, jobs.stream, jobConsumer(jobs)));
  for (const consumer of [ROUTES_CONSUMER, ARMING_CONSUMER])
    done.push(await reconcileConsumer(manager, 'WORKFLOWS', consumer));
  return done;
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
