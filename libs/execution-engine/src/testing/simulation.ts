import type { TaskMessage } from '#libs/event-sourcing';
import { epochMsOf, toInstant } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import type { ExecutionCommand } from '../commands.ts';
import { decide } from '../decide.ts';
import { tasksOf, timersOf } from '../effects.ts';
import type { Transition } from '../transition.ts';
import type { ExecutionEvent } from '../events.ts';
import { evolve, initialState } from '../evolve.ts';
import type { ExecutionState } from '../state.ts';
import { contextOf, NOW } from './specification.ts';

export interface SimulatedCommit {
  readonly at: string;
  readonly events: readonly ExecutionEvent[];
  /** The state that the commit led to. */
  readonly after: ExecutionState;
}

export interface Task {
  readonly nodeId: string;
  readonly attempt: number;
  readonly putBacks?: number;
}

/**
 * An execution without the world around it. What is to be done is known from the tasks and timers of its commits alone,
 * as a worker knows it; every commit is a second later than the one before.
 */
export class Simulation {
  readonly commits: SimulatedCommit[] = [];
  /** Tasks handed out and not yet reported on. */
  readonly tasks: Task[] = [];
  /** Timers armed and not yet fired. */
  readonly timers = new Set<string>();
  state: ExecutionState = initialState();

  constructor(private readonly plan: Plan) {}

  get history(): readonly ExecutionEvent[] {
    return this.commits.flatMap((commit) => commit.events);
  }

  /** What followed from the command; nothing is recorded when nothing did. */
  submit(command: ExecutionCommand): readonly ExecutionEvent[] {
    const at = toInstant(epochMsOf(NOW) + this.commits.length * 1000);
    const events = decide(command, this.state, contextOf(this.plan, { at }));
    if (events.length === 0) return events;
    const before = this.state;
    this.state = events.reduce((state, event) => evolve(state, event, at), before);
    this.commits.push({ at, events, after: this.state });
    this.#follow({ executionId: 'ex_1', before, events, after: this.state, at, plan: this.plan });
    return events;
  }

  #follow(transition: Transition): void {
    const run = tasksOf(transition).filter(({ payload }) => 'nodeId' in payload);
    this.tasks.push(...run.map(({ payload }) => payload as TaskMessage['payload'] & Task));
    for (const timer of timersOf(transition)) {
      if (timer.kind === 'arm') this.timers.add(timer.id);
      else this.timers.delete(timer.id);
    }
  }
}
