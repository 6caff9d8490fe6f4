import type { Gate, StartedExecution } from '#libs/execution-engine';
import { debounce, storedNewest, type Arrival } from '#libs/execution-gates';
import { toInstant, type Clock } from '#libs/kernel';
import { changeValue } from './change-value.ts';
import type { GatedExecutions, GateValues } from './ports.ts';

/** What is known of a key stays this much longer than anybody is held because of it. */
const KEPT_AFTER_MS = 60_000;

export interface DebounceGateParts {
  readonly values: GateValues;
  readonly executions: GatedExecutions;
  readonly clock: Clock;
}

export interface Debouncing {
  readonly token: string;
  readonly gate: number;
  readonly rule: Extract<Gate, { readonly kind: 'debounce' }>;
}

/**
 * Only the newest execution of a key begins, once none came for the delay. Who takes a place remembers whose place it
 * took until that one is cancelled, so that stopping in between loses nothing.
 */
export class DebounceGate {
  constructor(private readonly parts: DebounceGateParts) {}

  async admit(at: Debouncing, arrival: Arrival): Promise<void> {
    const { executionId } = arrival;
    const { delayMs, key } = at.rule;
    const { values, executions, clock } = this.parts;
    const answer = await changeValue(values, { token: at.token, schema: storedNewest }, async (found) => {
      const result = debounce(found, arrival, { delayMs, nowMs: clock.nowMs() });
      if (result.kind === 'superseded' || result.newest === found) return { result };
      if (found?.superseded !== undefined) await this.#cancelIfHeld(found.superseded, key, found.executionId);
      return { result, value: result.newest, expiresAfterMs: delayMs + KEPT_AFTER_MS };
    });
    if (answer.kind === 'superseded') {
      await this.#cancelIfHeld(executionId, key, answer.by);
      return;
    }
    const { superseded } = answer.newest;
    if (superseded !== undefined) await this.#cancelIfHeld(superseded, key, executionId);
    await executions.submit(executionId, { type: 'HoldAtGate', gate: at.gate, until: toInstant(answer.atMs) });
  }

  async #cancelIfHeld(executionId: string, key: string, by: string): Promise<void> {
    const state = await this.parts.executions.fresh(executionId);
    if (state.status === 'none' || !isHeld(state, key)) return;
    const reason = { code: 'DEBOUNCED', message: `${by}, with the same key, came soon after it` };
    await this.parts.executions.submit(executionId, { type: 'CancelExecution', reason });
  }
}

function isHeld({ status, admission }: StartedExecution, key: string): boolean {
  const gate = admission?.gates[admission.passed];
  return status === 'queued' && gate?.kind === 'debounce' && gate.key === key;
}
