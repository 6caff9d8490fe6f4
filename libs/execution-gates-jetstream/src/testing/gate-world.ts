import type { EventStore } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { followUpSchema, isTerminalEvent, type ExecutionEvent } from '#libs/execution-engine';
import { nodeTypes, success } from '#libs/execution-engine/testing';
import { FollowUps, type ExecutionJournal } from '#libs/execution-runtime';
import { runtimeOn, startOf, StoreBetween, type Runtime } from '#libs/execution-runtime/testing';
import type { JsonObject } from '#libs/kernel';
import { parseDefinition, planWorkflow, type Plan } from '#libs/workflow-definition';
import type { GatedExecutions, GateLines, GateValues } from '../ports.ts';
import { SharedGates } from '../shared-gates.ts';

/** A manual trigger with what is said of it, one action `work`, and settings. */
export function gatedPlan({ trigger = {}, settings = {} }: { trigger?: JsonObject; settings?: JsonObject }): Plan {
  const definition = {
    name: 'Gated',
    nodes: [
      { id: 'start', type: 'trigger.manual', ...trigger },
      { id: 'work', type: 'noop' },
    ],
    connections: [{ from: 'start', to: 'work' }],
    settings,
  };
  const parsed = parseDefinition(definition, nodeTypes);
  if (parsed.kind === 'refused') throw new Error(`not a workflow: ${JSON.stringify(parsed.problems)}`);
  return planWorkflow({ workflowId: 'wf_drawn', version: 1, definition: parsed.definition, nodeTypes });
}

/** What somebody has to do; done by any worker, maybe more than once. */
export type GateTask =
  | { readonly kind: 'begin' | 'finish' | 'cancel'; readonly executionId: string }
  | { readonly kind: 'followUp'; readonly executionId: string; readonly payload: JsonObject };

/** Called before each step that a gate takes outside of itself, with the port's method; a rejection ends the work there. */
export type BeforeStep = (method: string) => Promise<void>;

export interface GateWorker {
  readonly journal: ExecutionJournal;
  readonly clock: Runtime['clock'];
  readonly run: (task: GateTask, beforeStep?: BeforeStep) => Promise<void>;
}

export interface GatePorts {
  readonly values: GateValues;
  readonly lines: GateLines;
}

/** Executions of one plan, all that follows from their commits, and workers that share nothing but the log and the gates. */
export class GateWorld {
  readonly tasks: GateTask[] = [];
  /** Every event of every execution, in the order of the log. */
  readonly events: { readonly executionId: string; readonly event: ExecutionEvent }[] = [];
  /** Executions that began and are not over. */
  readonly underWay = new Set<string>();
  /** Told of each commit. */
  onCommit: () => void = () => undefined;
  readonly #store: EventStore<ExecutionEvent>;

  constructor(
    private readonly plan: Plan,
    private readonly ports: GatePorts,
  ) {
    const between = new StoreBetween(new InMemoryEventStore<ExecutionEvent>());
    between.append = async (commit, expectedSequence) => {
      const sequence = await between.log.append(commit, expectedSequence);
      for (const event of commit.events) this.#heard(commit.aggregateId, event);
      for (const { queue, payload } of commit.tasks ?? []) {
        if (queue === 'run.follow-up') this.tasks.push({ kind: 'followUp', executionId: commit.aggregateId, payload });
      }
      this.onCommit();
      return sequence;
    };
    this.#store = between;
  }

  async start(worker: GateWorker, executionId: string, key: string): Promise<void> {
    await worker.journal.start(executionId, startOf({ body: { key } }));
    this.tasks.push({ kind: 'begin', executionId });
  }

  newWorker(): GateWorker {
    const runtime = runtimeOn(this.#store, this.plan);
    return {
      journal: runtime.journal,
      clock: runtime.clock,
      run: (task, beforeStep = () => Promise.resolve()) => this.#run(runtime, task, beforeStep),
    };
  }

  /** Types of one execution's events. */
  typesOf(executionId: string): string[] {
    return this.events.filter((one) => one.executionId === executionId).map(({ event }) => event.type);
  }

  /** Works until nothing is left; finishes executions only when nothing else is to be done. */
  async settle(worker: GateWorker, options: { readonly finish?: boolean } = {}): Promise<void> {
    for (;;) {
      const index = this.tasks.findIndex(({ kind }) => kind !== 'finish');
      const task = index >= 0 ? this.tasks.splice(index, 1)[0] : options.finish ? this.tasks.shift() : undefined;
      if (!task) return;
      await worker.run(task);
    }
  }

  async #run(runtime: Runtime, task: GateTask, beforeStep: BeforeStep): Promise<void> {
    const { journal } = runtime;
    switch (task.kind) {
      case 'begin':
        return journal.submit(task.executionId, { type: 'BeginExecution' });
      case 'finish':
        return journal.submit(task.executionId, success('work'));
      case 'cancel':
        return journal.submit(task.executionId, { type: 'CancelExecution' });
      case 'followUp': {
        const { executionId, ...step } = followUpSchema.parse(task.payload);
        return this.#followUpsOf(runtime, beforeStep).run(executionId, step);
      }
    }
  }

  /** New for each task: what a worker remembers must not matter. */
  #followUpsOf({ journal, payloads, starter, clock }: Runtime, beforeStep: BeforeStep): FollowUps {
    const { values, lines } = this.ports;
    const executions = stepped<GatedExecutions>(journal, beforeStep);
    const gates = new SharedGates({
      values: stepped(values, beforeStep),
      lines: stepped(lines, beforeStep),
      executions,
      clock,
    });
    return new FollowUps({
      journal,
      plans: { planOf: async () => this.plan },
      payloads,
      starter,
      gates,
      deadLetters: { setAside: () => Promise.resolve(), tellRedriven: () => Promise.resolve() },
      announceEnd: () => undefined,
    });
  }

  #heard(executionId: string, event: ExecutionEvent): void {
    this.events.push({ executionId, event });
    if (event.type === 'NodeScheduled') {
      this.underWay.add(executionId);
      this.tasks.push({ kind: 'finish', executionId });
    }
    if (isTerminalEvent(event.type)) this.underWay.delete(executionId);
  }
}

/** Every method waits for `beforeStep` first. */
function stepped<Port extends object>(port: Port, beforeStep: BeforeStep): Port {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]): Promise<unknown> => {
        await beforeStep(String(name));
        return (await Reflect.apply(method, target, given)) as unknown;
      };
    },
  });
}
