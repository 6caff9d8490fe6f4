import type { Gate, StartedExecution } from '#libs/execution-engine';
import type { Gates } from '#libs/execution-runtime';
import { InvariantError, type Clock } from '#libs/kernel';
import { ConcurrencyGate } from './concurrency-gate.ts';
import { DebounceGate } from './debounce-gate.ts';
import type { GatedExecutions, GateLines, GateValues } from './ports.ts';
import { ThrottleGate } from './throttle-gate.ts';
import { tokenOf } from './token-of.ts';
import { Turns } from './turns.ts';

export interface SharedGatesParts {
  readonly values: GateValues;
  readonly lines: GateLines;
  readonly executions: GatedExecutions;
  readonly clock: Clock;
}

/** The gates between executions and their beginning, the same for all workers of the installation. */
export class SharedGates implements Gates {
  readonly #turns = new Turns();
  readonly #concurrency: ConcurrencyGate;
  readonly #debounce: DebounceGate;
  readonly #throttle: ThrottleGate;

  constructor(parts: SharedGatesParts) {
    this.#concurrency = new ConcurrencyGate(parts);
    this.#debounce = new DebounceGate(parts);
    this.#throttle = new ThrottleGate(parts);
  }

  async admit(executionId: string, state: StartedExecution, gate: number): Promise<void> {
    if (hasAnswer(state, gate)) return;
    const rule = gateOf(state, gate);
    const token = tokenOf(rule);
    await this.#turns.take(token, () => {
      switch (rule.kind) {
        case 'concurrency': {
          const { limit, onLimit } = rule;
          return this.#concurrency.admit(token, { executionId, gate, limit, onLimit });
        }
        case 'debounce':
          return this.#debounce.admit({ token, gate, rule }, { executionId, createdAt: state.createdAt });
        case 'throttle':
          return this.#throttle.admit({ token, gate, rule }, executionId);
      }
    });
  }

  async leave(executionId: string, state: StartedExecution, gate: number): Promise<void> {
    const rule = gateOf(state, gate);
    if (rule.kind !== 'concurrency') return;
    const token = tokenOf(rule);
    await this.#turns.take(token, () => this.#concurrency.leave(token, executionId));
  }
}

/** It passed, or knows when it will. One that waits for others is asked about again: the answer may have been lost. */
function hasAnswer({ admission }: StartedExecution, gate: number): boolean {
  if (!admission) return true;
  return admission.passed > gate || (admission.passed === gate && admission.held?.until !== undefined);
}

function gateOf({ admission }: StartedExecution, gate: number): Gate {
  const found = admission?.gates[gate];
  if (!found) throw new InvariantError(`the execution has no gate ${gate}`);
  return found;
}
