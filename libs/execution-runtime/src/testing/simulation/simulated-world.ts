import type { StoredCommit } from '#libs/event-sourcing';
import {
  evolve,
  initialState,
  type ExecutionCommand,
  type ExecutionEvent,
  type ExecutionState,
} from '#libs/execution-engine';
import { NOW, type WorkflowFamily } from '#libs/execution-engine/testing';
import { InvariantError } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { startOf } from '../runtime.ts';
import { Deliveries } from './deliveries.ts';
import { ParkedCalls } from './parked-calls.ts';
import { SimulatedGates } from './simulated-gates.ts';
import { SimulatedLog } from './simulated-log.ts';
import { isTrouble, SimulatedProcess, type Surroundings } from './simulated-process.ts';
import { SimulatedTimers, type ArmedTimer } from './simulated-timers.ts';

type StoredExecutionCommit = StoredCommit<ExecutionEvent>;

const PROCESSES = 3;
const PERSON = { type: 'user', id: 'us_1' } as const;

/**
 * Several workers, a log, queues, timers and gates, in one thread and with a clock that is set. Everything that happens
 * between them happens because somebody called a method here; between two of these calls, `settle` lets each worker come
 * as far as it gets.
 */
export class SimulatedWorld {
  nowMs = Date.parse(NOW);
  readonly calls = new ParkedCalls();
  readonly log = new SimulatedLog(this.calls, (commit) => this.#stored(commit));
  readonly gates = new SimulatedGates();
  readonly timers = new SimulatedTimers();
  readonly deliveries = new Deliveries((error) => this.faults.push(error));
  readonly processes: SimulatedProcess[] = [];
  /** Commits that no dispatcher has dealt with. */
  readonly undispatched: StoredExecutionCommit[] = [];
  /** The fold of each history, kept level with the log. */
  readonly states = new Map<string, ExecutionState>();
  /** Errors that nothing in the world explains. */
  readonly faults: unknown[] = [];
  #names = 0;
  #started = 0;

  constructor(readonly workflows: WorkflowFamily) {
    for (let index = 0; index < PROCESSES; index++) this.processes.push(new SimulatedProcess(this.#around()));
  }

  planFor(workflowId: string): Plan {
    const { parent, child } = this.workflows;
    const plan = [parent, child].find((one) => one.workflowId === workflowId);
    if (!plan) throw new InvariantError(`no workflow ${workflowId} in this world`);
    return plan;
  }

  /** Lets all promises that can settle do so. Nothing in the world waits for anything but parked calls. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  start(process: SimulatedProcess, mode?: 'dry'): void {
    const executionId = `ex_${++this.#started}`;
    const command = { ...startOf({ yes: true }), ...(mode ? { mode } : {}) };
    this.#expectTrouble(process.journal.start(executionId, command, PERSON));
  }

  /** Somebody outside wishes something. */
  wish(process: SimulatedProcess, executionId: string, command: ExecutionCommand): void {
    this.#expectTrouble(process.journal.submit(executionId, command, PERSON));
  }

  /** `parts` of what follows from the commit is handed out; all of it, and the commit is dealt with. */
  dispatch(commit: StoredExecutionCommit, parts = Infinity): void {
    const { aggregateId, tasks = [], timers = [] } = commit;
    for (const task of tasks.slice(0, parts)) this.deliveries.add(task);
    for (const timer of timers.slice(0, parts)) this.timers.apply(aggregateId, timer);
    const index = this.undispatched.indexOf(commit);
    if (parts === Infinity && index >= 0) this.undispatched.splice(index, 1);
  }

  fire(timer: ArmedTimer): void {
    this.timers.take(timer);
    const { executionId, timerId } = timer;
    this.deliveries.add({ queue: 'due', payload: { executionId, timerId } });
  }

  /** The process dies and another one takes its place. */
  kill(process: SimulatedProcess): void {
    process.die();
    this.deliveries.lose(process);
    for (const call of this.calls.waiting.filter((one) => one.process === process)) call.goOn('badly');
    const index = this.processes.indexOf(process);
    if (index >= 0) this.processes[index] = new SimulatedProcess(this.#around());
  }

  /** From here on all goes well: whoever waits goes on, clocks are right. */
  calm(): void {
    this.calls.areCalm = true;
    for (const process of this.processes) process.skewMs = 0;
    for (const call of [...this.calls.waiting]) call.goOn('well');
  }

  #stored(commit: StoredExecutionCommit): void {
    const before = this.states.get(commit.aggregateId) ?? initialState();
    this.states.set(
      commit.aggregateId,
      commit.events.reduce((state, event) => evolve(state, event, commit.at), before),
    );
    this.undispatched.push(commit);
  }

  #around(): Surroundings {
    return {
      log: this.log,
      calls: this.calls,
      gates: this.gates,
      plans: { planOf: async (workflowId) => this.planFor(workflowId) },
      nowMs: () => this.nowMs,
      newName: () => `name-${++this.#names}`,
      announceEnd: (executionId) => {
        for (const process of this.processes) process.hearOfEnd(executionId);
      },
      onFault: (error) => this.faults.push(error),
    };
  }

  #expectTrouble(promise: Promise<void>): void {
    promise.catch((error: unknown) => {
      if (!isTrouble(error)) this.faults.push(error);
    });
  }
}
