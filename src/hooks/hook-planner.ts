import { WorkConsumer } from '#libs/jetstream';
import { bringHooks, type BringHooksParts, type WorkflowHistories } from '#libs/hook-registrations';
import type { WorkflowLog } from '../platform/nats/tokens.ts';
import { CHANGES_REACH, readReachedWorkflow } from '../workflows/reached-workflow.ts';
import { HOOKS_CONSUMER } from './hooks-consumer.ts';

export interface HookPlannerParts {
  readonly bringing: BringHooksParts;
  readonly log: WorkflowLog;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

const SLOTS = 4;
const AGAIN_AFTER_MS = 2_000;

/** Keeps the bucket `hooks` at what workflows want. What is written comes from the whole history, as with routes. */
export function createHookPlanner({ bringing, log, onError, ensureConsumer }: HookPlannerParts): WorkConsumer {
  return new WorkConsumer(bringing.store.connection, {
    stream: log.layout.streamOf(''),
    consumer: HOOKS_CONSUMER.durable_name,
    slots: SLOTS,
    ackWaitMs: (HOOKS_CONSUMER.ack_wait ?? 0) / 1e6,
    work: async (message, { sequence }) => {
      const { aggregateId, events } = log.codec.decodeEvents(message.data, sequence);
      if (events.some(({ type }) => CHANGES_REACH[type])) await bringHooks(bringing, aggregateId);
    },
    onError,
    afterFailure: () => Promise.resolve({ againAfterMs: AGAIN_AFTER_MS }),
    onGone: ensureConsumer,
  });
}

export function hookHistories({ store }: WorkflowLog): WorkflowHistories {
  return {
    read: async (workflowId) => {
      const { active, ...reached } = await readReachedWorkflow(store, workflowId);
      return { ...reached, active: active?.definition };
    },
    lastSequence: async (workflowId) => (await store.readLast(workflowId, { fresh: true }))?.sequence ?? 0,
  };
}
