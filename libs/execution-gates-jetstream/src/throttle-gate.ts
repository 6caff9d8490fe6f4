import type { Gate } from '#libs/execution-engine';
import { NO_GRANTS, storedGrants, throttle } from '#libs/execution-gates';
import { toInstant, type Clock } from '#libs/kernel';
import { changeValue } from './change-value.ts';
import type { GatedExecutions, GateValues } from './ports.ts';

/** What is known of a key stays this much longer than it counts: for who asks again, and for clocks that differ. */
const KEPT_AFTER_MS = 60_000;

export interface ThrottleGateParts {
  readonly values: GateValues;
  readonly executions: GatedExecutions;
  readonly clock: Clock;
}

export interface Throttling {
  readonly token: string;
  readonly gate: number;
  readonly rule: Extract<Gate, { readonly kind: 'throttle' }>;
}

/** At most `limit` executions of a key begin in any `perMs`; each is told at once when its turn is. */
export class ThrottleGate {
  constructor(private readonly parts: ThrottleGateParts) {}

  async admit({ token, gate, rule }: Throttling, executionId: string): Promise<void> {
    const { values, executions, clock } = this.parts;
    const nowMs = clock.nowMs();
    const atMs = await changeValue(values, { token, schema: storedGrants }, async (found = NO_GRANTS) => {
      const { atMs: result, grants } = throttle(found, executionId, { ...rule, nowMs });
      if (grants === found) return { result };
      return { result, value: grants, expiresAfterMs: Math.max(0, result - nowMs) + rule.perMs + KEPT_AFTER_MS };
    });
    if (atMs <= nowMs) await executions.submit(executionId, { type: 'PassGate', gate });
    else await executions.submit(executionId, { type: 'HoldAtGate', gate, until: toInstant(atMs) });
  }
}
