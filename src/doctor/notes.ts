import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { executionLog, workflowLog, type LogStreamCount } from '#libs/event-store-jetstream';
import { placeOfBucket, type JetStreamConnection } from '#libs/jetstream';
import { appliedSequence, countOpenDeadLetters, type Database } from '#libs/read-models';
import {
  queueOfConsumer,
  readPausedQueues,
  START_STREAM,
  taskStreamNames,
  TIMER_STREAM,
  WORKERS_BUCKET,
} from '#libs/work-queue-jetstream';
import type { Note } from './report.ts';

export interface NotesParts {
  readonly connection: JetStreamConnection;
  readonly manager: JetStreamManager;
  readonly logStreams: LogStreamCount;
  readonly database: Database | undefined;
}

/** What is read twice to be believed is read again after this. */
const AGAIN_AFTER_MS = 1_000;

/** What keeps executions waiting and keeps none for ever, and what else a person may have to look after. */
export async function readNotes(parts: NotesParts): Promise<readonly Note[]> {
  const paused = await readPausedQueues(parts.connection);
  const notes = await Promise.all([notesOnTakers(parts, new Set(paused.keys())), notesOnDatabase(parts)]);
  return [...[...paused].map(([name, { at, by }]) => notePaused(name, at, by)), ...notes.flat()];
}

function notePaused(name: string, at: string, by: string): Note {
  const text = `the queue ${name} is paused, since ${at} by ${by}: POST /v1/queues/${name}/resume goes on`;
  return { kind: 'queuePaused', text };
}

async function notesOnTakers(parts: NotesParts, paused: ReadonlySet<string>): Promise<readonly Note[]> {
  const first = await untaken(parts);
  if (first.size === 0) return [];
  // Between two requests of a worker there is a moment without one.
  await delay(AGAIN_AFTER_MS);
  const second = await untaken(parts);
  const names = [...second].filter(([name]) => first.has(name) && !paused.has(name));
  if (names.length === 0) return [];
  const waiting = names.map(([name, count]) => `${name} (${count} waiting)`).join(', ');
  const text = `no worker takes from ${waiting}: start a process with the role worker`;
  return [{ kind: 'nobodyTakes', text }];
}

/** Queues with work that nobody asks for and nobody has in hand, and how much that is. */
async function untaken({ manager, logStreams }: NotesParts): Promise<ReadonlyMap<string, number>> {
  const streams = [...logStreamNames(logStreams), ...taskStreamNames(logStreams), START_STREAM, TIMER_STREAM];
  const isAnybodyThere = (await manager.streams.info(placeOfBucket(WORKERS_BUCKET).stream)).state.messages > 0;
  const found = new Map<string, number>();
  for (const stream of streams) {
    for await (const consumer of manager.consumers.list(stream)) {
      const queue = queueOfConsumer(consumer.name);
      const count = leftIn(consumer, isAnybodyThere);
      if (count > 0) found.set(queue, (found.get(queue) ?? 0) + count);
    }
  }
  return found;
}

/** What a worker that died had in hand counts as in hand until another one asks. */
function leftIn(consumer: ConsumerInfo, isAnybodyThere: boolean): number {
  const { num_pending: waiting, num_waiting: asking, num_ack_pending: inHand } = consumer;
  if (asking > 0) return 0;
  if (!isAnybodyThere) return waiting + inHand;
  return inHand > 0 ? 0 : waiting;
}

async function notesOnDatabase(parts: NotesParts): Promise<readonly Note[]> {
  const { database } = parts;
  if (!database) return [databaseAway()];
  try {
    // One after the other: there is one connection.
    const behind = await notesOnReadModels(parts, database);
    const deadLetters = await countOpenDeadLetters(database);
    if (deadLetters === 0) return behind;
    const text = `${deadLetters} open dead letters: GET /v1/dead-letters lists those of a workspace`;
    return [...behind, { kind: 'deadLetters', text }];
  } catch {
    return [databaseAway()];
  }
}

function databaseAway(): Note {
  const text = 'Postgres does not answer, so the read models were not looked at; executions run without it';
  return { kind: 'databaseAway', text };
}

async function notesOnReadModels({ manager, logStreams }: NotesParts, database: Database): Promise<readonly Note[]> {
  const streams = [...logStreamNames(logStreams), ...workflowLog(1).streams.map(({ name }) => name)];
  const ends = await Promise.all(streams.map(async (name) => [name, await endOf(manager, name)] as const));
  const behind = async (): Promise<number> => {
    let count = 0;
    for (const [stream, end] of ends) count += Math.max(0, end - (await appliedSequence(database, stream)));
    return count;
  };
  if ((await behind()) === 0) return [];
  await delay(AGAIN_AFTER_MS);
  const count = await behind();
  const text = `the read models are ${count} commits behind the log: lists show old states, does a projector run?`;
  return count === 0 ? [] : [{ kind: 'readModelsBehind', text }];
}

async function endOf(manager: JetStreamManager, stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.last_seq;
}

function logStreamNames(logStreams: LogStreamCount): readonly string[] {
  return executionLog(logStreams, 1).streams.map(({ name }) => name);
}
