import type { JetStreamManager } from '@nats-io/jetstream';
import { logStreamOf, partitionOf, type LogStreamCount } from '#libs/event-store-jetstream';
import { readNextFromLeader, type JetStreamConnection } from '#libs/jetstream';
import { armedTimers, DISPATCHER, startsInQueues, workInPartition } from '#libs/work-queue-jetstream';
import type { HandedOut, HolderEvidence, MessageReason } from './evidence.ts';
import { WorkAtHand } from './work-at-hand.ts';

export interface LookParts {
  readonly connection: JetStreamConnection;
  readonly manager: JetStreamManager;
  readonly logStreams: LogStreamCount;
}

/** What there is for one partition of the log. */
interface Sight {
  readonly work: WorkAtHand;
  readonly handedOut: HandedOut;
}

/**
 * One look at what lives outside of histories: read when it is asked for, and then the same for as long as the look lasts.
 *
 * A state that is read before a look and again after it, unchanged, was the state all the time; so what it waits for must
 * be found. The order of reading follows the way of work, so that nothing passes by unseen: first how many commits were
 * handed out, as what they ask for is published before they are acknowledged; then timers, then the queues that they fire into.
 */
export class Look {
  readonly #sights = new Map<string, Promise<Sight>>();
  readonly #holders = new Map<string, Promise<readonly HolderEvidence[]>>();
  #starts: Promise<WorkAtHand> | undefined;

  /** `starts`: those of another look, for who may be wrong about them. */
  constructor(
    private readonly parts: LookParts,
    starts?: WorkAtHand,
  ) {
    if (starts) this.#starts = Promise.resolve(starts);
  }

  /** Which commits of the execution's stream are acknowledged. */
  async handedOut(executionId: string): Promise<HandedOut> {
    return (await this.#sightOf(partitionOf(executionId))).handedOut;
  }

  /** Whether what the reason needs is armed, in its queue, or in somebody's hands. */
  async has(executionId: string, reason: MessageReason): Promise<boolean> {
    const { work } = await this.#sightOf(partitionOf(executionId));
    if (reason.kind === 'timer') return work.hasTimer(executionId, reason.id);
    if (reason.task.queue.startsWith('start.')) return (await this.starts()).hasTask(reason.task);
    return work.hasTask(reason.task);
  }

  /** All executions that wait to be begun: the one queue that may be long. */
  starts(): Promise<WorkAtHand> {
    this.#starts ??= this.#readStarts();
    return this.#starts;
  }

  /** Of a concurrency key, for all who wait in its line: looked up once. */
  holders(key: string, find: () => Promise<readonly HolderEvidence[]>): Promise<readonly HolderEvidence[]> {
    const present = this.#holders.get(key);
    if (present) return present;
    const found = find();
    this.#holders.set(key, found);
    return found;
  }

  #sightOf(partition: string): Promise<Sight> {
    const present = this.#sights.get(partition);
    if (present) return present;
    const sight = this.#read(partition);
    this.#sights.set(partition, sight);
    return sight;
  }

  async #read(partition: string): Promise<Sight> {
    const { connection, logStreams } = this.parts;
    const work = new WorkAtHand();
    const stream = logStreamOf(partition, logStreams);
    const handedOut = await this.#handedOutOf(stream);
    for await (const { executionId, timerId } of armedTimers(connection, partition))
      work.addTimer(executionId, timerId);
    for await (const { queue, payload } of workInPartition(connection, partition, logStreams)) work.add(queue, payload);
    return { work, handedOut };
  }

  async #handedOutOf(stream: string): Promise<HandedOut> {
    const { connection, manager } = this.parts;
    const info = await manager.consumers.info(stream, DISPATCHER.durable_name);
    const { ack_floor: acknowledged, delivered } = info;
    // One that was handed out again counts twice: which one is the oldest is not believed then.
    const unacknowledged = info.num_ack_pending + info.num_redelivered;
    const floor = acknowledged.stream_seq;
    const oldest = await readNextFromLeader(connection, stream, { subject: '>', fromSequence: floor + 1 });
    return { floor, delivered: delivered.stream_seq, unacknowledged, oldestOpen: oldest?.sequence };
  }

  async #readStarts(): Promise<WorkAtHand> {
    const work = new WorkAtHand();
    for await (const { queue, payload } of startsInQueues(this.parts.connection)) work.add(queue, payload);
    return work;
  }
}
