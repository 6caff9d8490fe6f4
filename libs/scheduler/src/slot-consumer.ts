import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { readEnvelope } from '#libs/event-store-jetstream';
import { REDELIVER_AFTER_MS, WorkConsumer, type DesiredConsumer, type JetStreamConnection } from '#libs/jetstream';
import { InvariantError } from '#libs/kernel';
import { readSlotStart, type SlotStart } from '#libs/schedule';

const ACK_WAIT_MS = 10_000;
/** Commits of one stream that a process works on at once; there are four, unless the log is split otherwise. */
const SLOTS = 50;
/** What this version can't read may be for a newer one, which takes it some time; it is not lost meanwhile. */
const UNREADABLE_AGAIN_AFTER_MS = 10_000;

/** Starts what commits of schedules say; on each stream of them, shared by all schedulers. */
export const SLOT_CONSUMER: DesiredConsumer = {
  durable_name: 'slots',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ACK_WAIT_MS * 1e6,
  max_ack_pending: 1_000,
};

export interface SlotConsumerParts {
  readonly connection: JetStreamConnection;
  readonly stream: string;
  /** The same execution however often it is asked for. */
  readonly start: (start: SlotStart) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** A commit that is acknowledged has its executions in their log. */
export function createSlotConsumer({
  connection,
  stream,
  start,
  onError,
  ensureConsumer,
}: SlotConsumerParts): WorkConsumer {
  return new WorkConsumer(connection, {
    stream,
    consumer: SLOT_CONSUMER.durable_name,
    slots: SLOTS,
    ackWaitMs: ACK_WAIT_MS,
    work: async (message, { sequence }) => {
      const { tasks = [] } = readEnvelope(message.data, sequence);
      for (const task of tasks) {
        const slot = readSlotStart(task);
        if (!slot) throw new InvariantError(`message ${sequence} of ${stream} starts what this version can't read`);
        await start(slot);
      }
    },
    onError,
    afterFailure: async (error) => ({
      againAfterMs: error instanceof InvariantError ? UNREADABLE_AGAIN_AFTER_MS : REDELIVER_AFTER_MS,
    }),
    onGone: ensureConsumer,
  });
}
