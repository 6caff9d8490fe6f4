import { z } from 'zod';
import { followUpSchema, type PlanSource } from '#libs/execution-engine';
import { InMemoryPayloadStore, nodeTypesWith } from '#libs/execution-engine/testing';
import { MillraceError, type JsonObject, type JsonValue } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { ConcurrencyConflict } from '#libs/event-sourcing';
import { ANYWHERE, type Entrance } from '../../at-destination.ts';
import { AttemptRunner } from '../../attempt-runner.ts';
import type { ExecutionStarter } from '../../execution-starter.ts';
import { FollowUps } from '../../follow-ups.ts';
import { ExecutionJournal } from '../../journal.ts';
import { KnownStates } from '../../known-state.ts';
import { Payloads } from '../../payloads.ts';
import { startOf } from '../runtime.ts';
import type { ParkedCalls } from './parked-calls.ts';
import type { SimulatedGates } from './simulated-gates.ts';
import type { SimulatedLog } from './simulated-log.ts';

/** What processes share. */
export interface Surroundings {
  readonly log: SimulatedLog;
  readonly calls: ParkedCalls;
  readonly gates: SimulatedGates;
  readonly plans: PlanSource;
  readonly nowMs: () => number;
  readonly newName: () => string;
  readonly announceEnd: (executionId: string) => void;
  /** An error that nothing in the world explains. */
  readonly onFault: (error: unknown) => void;
}

const startTask = z.object({ executionId: z.string() });
const dueTimer = startTask.extend({ timerId: z.string() });
const attemptTask = startTask.extend({
  nodeId: z.string(),
  attempt: z.int(),
  batch: z.int().exactOptional(),
  putBacks: z.int().exactOptional(),
});

/** One task or due timer, as it lies in its queue. */
export interface QueuedTask {
  readonly queue: string;
  readonly payload: JsonObject;
}

/** Few, so that a process forgets what it needs again. */
const MAX_STATES = 4;

/** A worker with a memory of its own, made of the real parts. */
export class SimulatedProcess {
  isAlive = true;
  /** How far its clock is from that of the server. */
  skewMs = 0;
  readonly journal: ExecutionJournal;
  readonly states: KnownStates;
  readonly #runner: AttemptRunner;
  readonly #followUps: FollowUps;
  readonly #stop = new AbortController();

  constructor(private readonly around: Surroundings) {
    const { log, plans, newName: newCommitId, gates, announceEnd, onFault } = around;
    const store = log.seenBy(this);
    const clock = { nowMs: () => around.nowMs() + this.skewMs };
    const payloads = new Payloads(new InMemoryPayloadStore());
    this.states = new KnownStates(store, { maxStates: MAX_STATES });
    this.journal = new ExecutionJournal({ store, states: this.states, plans, payloads, clock, newCommitId });
    const shared = { journal: this.journal, plans, payloads, starter: this.#starter() };
    this.#runner = new AttemptRunner({
      ...shared,
      clock,
      nodeTypes: nodeTypesWith(() => this.#work()),
      credentials: { find: async () => ({ kind: 'absent' }), renew: async () => ({ kind: 'absent' }) },
      destinations: { enter: () => this.#enter() },
      parked: { remember: async () => undefined },
      resumeUrlOf: (executionId, nodeId) => `https://example.com/${executionId}/${nodeId}`,
      newDeliveryName: newCommitId,
      onFault,
    });
    this.#followUps = new FollowUps({
      ...shared,
      gates: gates.seenBy(this.journal, clock.nowMs),
      deadLetters: { setAside: async () => undefined, tellRedriven: async () => undefined },
      announceEnd,
    });
  }

  /** Does what the task asks for; a rejection means that it has to come again. */
  async do({ queue, payload }: QueuedTask): Promise<void> {
    if (queue === 'due') {
      const { executionId, timerId } = dueTimer.parse(payload);
      return this.journal.submit(executionId, { type: 'FireTimer', timerId });
    }
    if (queue.startsWith('start.')) {
      const { executionId } = startTask.parse(payload);
      return this.journal.submit(executionId, { type: 'BeginExecution' });
    }
    if (queue === 'run.follow-up') {
      const { executionId, ...step } = followUpSchema.parse(payload);
      return this.#followUps.run(executionId, step);
    }
    await this.#runner.run(attemptTask.parse(payload), this.#stop.signal);
  }

  /** Its attempts at the execution are told that it is over. */
  hearOfEnd(executionId: string): void {
    this.#runner.stop(executionId);
  }

  /** From here on nothing of it gets through to anybody. */
  die(): void {
    this.isAlive = false;
    this.#stop.abort(new Error('the process is dead'));
  }

  /** `badlyAfterAll` fails for good, `badly` may be tried again. */
  async #work(): Promise<JsonValue> {
    const outcome = await this.around.calls.park({ process: this, what: 'work', troubles: ['badly', 'badlyAfterAll'] });
    if (outcome === 'well') return { done: true };
    throw new NodeError('BROKEN', 'the work went badly', { retryable: outcome === 'badly' });
  }

  async #enter(): Promise<Entrance> {
    const outcome = await this.around.calls.park({ process: this, what: 'enter', troubles: ['badly'] });
    if (outcome === 'well') return ANYWHERE;
    return { kind: 'postponed', reason: { kind: 'circuit', key: 'somewhere' }, untilMs: this.around.nowMs() + 1_500 };
  }

  #starter(): ExecutionStarter {
    return {
      start: async ({ workflowId, input, origin, seed }) => {
        const executionId = `ex_${seed}`;
        const command = { ...startOf(input), workflowId, origin };
        await this.journal.start(executionId, command).catch((error: unknown) => {
          if (!(error instanceof ConcurrencyConflict)) throw error;
        });
        return { executionId };
      },
    };
  }
}

/** Whether the world explains that a task could not be done. */
export function isTrouble(error: unknown): boolean {
  return error instanceof MillraceError && (error.kind === 'unavailable' || error.kind === 'conflict');
}
