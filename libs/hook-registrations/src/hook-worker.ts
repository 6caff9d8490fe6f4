import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { WorkConsumer, type AfterFailure, type DesiredConsumer } from '#libs/jetstream';
import { toInstant, type Clock } from '#libs/kernel';
import { afterStep, begun, type DoableStep } from './after-step.ts';
import { doStep, type HookServiceParts } from './do-step.ts';
import type { HookEntry, HookPlace } from './hook-entry.ts';
import { WORK_LASTS_MS } from './hook-rules.ts';
import type { HookStore, StoredHookEntry } from './hook-store.ts';
import { nextStep } from './plan.ts';

/**
 * Of the bucket's stream: an entry is a message that comes until there is nothing to be done for it, and each write of it
 * takes the place of the message before. What waits for its instant is pending, so the bound is far away.
 */
export const HOOK_WORK_CONSUMER: DesiredConsumer = {
  durable_name: 'hooks',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: 30_000_000_000,
  max_ack_pending: 100_000,
};

const SLOTS = 16;
/** Services of one workspace that do not answer leave room for those of others. */
const SLOTS_OF_WORKSPACE = 4;
const ROOM_AGAIN_MS = 1_000;
/** Whoever is at an entry writes it when they are done; this is for those who died. */
const BUSY_AGAIN_MS = 5_000;
/** When an entry can't be read or written. */
const FAULT_AGAIN_MS = 5_000;

export interface HookWorkerParts {
  readonly store: HookStore;
  readonly service: HookServiceParts;
  readonly clock: Clock;
  /** Another one each time. */
  readonly newName: () => string;
  readonly onError: (error: unknown) => void;
  readonly ensureConsumer: () => Promise<void>;
}

/** There is nothing to be done yet; no fault. */
class NotYet extends Error {
  override readonly name = 'NotYet';
  constructor(readonly againAfterMs: number) {
    super('not yet');
  }
}

/** Brings services to what the entries say: of an entry one step at a time, whichever worker takes it. */
export class HookWorker implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #busyOfWorkspace = new Map<string, number>();
  readonly #consumer: WorkConsumer;

  constructor(private readonly parts: HookWorkerParts) {
    const { store, onError, ensureConsumer } = parts;
    this.#consumer = new WorkConsumer(store.connection, {
      stream: store.bucket.stream,
      consumer: HOOK_WORK_CONSUMER.durable_name,
      slots: SLOTS,
      ackWaitMs: (HOOK_WORK_CONSUMER.ack_wait ?? 0) / 1e6,
      work: (message) => this.#take(message),
      onError: (error) => {
        if (!(error instanceof NotYet)) onError(error);
      },
      afterFailure: (error) => Promise.resolve(againAfter(error)),
      onGone: ensureConsumer,
    });
  }

  /** What is under way is told to end, and is anybody's then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#consumer.suspend();
    this.#stop.abort(new Error('the process ends'));
    await this.#consumer.drain();
    await this.#consumer[Symbol.asyncDispose]();
  }

  async #take({ subject }: Msg): Promise<void> {
    const { store, clock } = this.parts;
    const stored = await store.read(placeIn(subject));
    if (!stored) return;
    const nowMs = clock.nowMs();
    const step = nextStep(stored.entry, nowMs);
    if (step.kind === 'nothing') return;
    if (step.kind === 'busy') throw new NotYet(BUSY_AGAIN_MS);
    if (step.kind === 'wait') throw new NotYet(step.untilMs - nowMs);
    using _room = this.#roomOf(stored.entry);
    await this.#do(stored, step);
  }

  async #do({ entry, revision }: StoredHookEntry, step: DoableStep): Promise<void> {
    const { store, service, clock, newName } = this.parts;
    const by = newName();
    const mine = begun(entry, step, { by, until: toInstant(clock.nowMs() + WORK_LASTS_MS) });
    // Whoever was first has left another message.
    if (!(await store.write(mine, revision))) return;
    const outcome = await doStep(service, entry, step, this.#stop.signal);
    await store.change(entry, (now) => now && afterStep(now, { by, step, outcome }, clock.nowMs()));
  }

  #roomOf({ workspaceId }: HookEntry): Disposable {
    const busy = this.#busyOfWorkspace.get(workspaceId) ?? 0;
    if (busy >= SLOTS_OF_WORKSPACE) throw new NotYet(ROOM_AGAIN_MS);
    this.#busyOfWorkspace.set(workspaceId, busy + 1);
    return { [Symbol.dispose]: () => this.#leave(workspaceId) };
  }

  #leave(workspaceId: string): void {
    const left = (this.#busyOfWorkspace.get(workspaceId) ?? 1) - 1;
    if (left === 0) this.#busyOfWorkspace.delete(workspaceId);
    else this.#busyOfWorkspace.set(workspaceId, left);
  }
}

function againAfter(error: unknown): AfterFailure {
  return { againAfterMs: error instanceof NotYet ? error.againAfterMs : FAULT_AGAIN_MS };
}

function placeIn(subject: string): HookPlace {
  const [workflowId = '', webhookId = ''] = subject.split('.').slice(-2);
  return { workflowId, webhookId };
}
