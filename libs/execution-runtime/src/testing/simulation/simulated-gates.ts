import { isTerminal, type Gate, type StartedExecution } from '#libs/execution-engine';
import { toInstant } from '#libs/kernel';
import type { Gates } from '../../follow-ups.ts';
import type { ExecutionJournal } from '../../journal.ts';

interface Holder {
  readonly executionId: string;
  /** Whether its execution is known to have been told. */
  isTold: boolean;
}

interface Places {
  holders: Holder[];
  /** Who came first is first. */
  line: string[];
}

type Concurrency = Extract<Gate, { kind: 'concurrency' }>;
type Answer = 'pass' | 'hold' | { readonly until: number } | { readonly refuse: string; readonly executionId?: string };

/** What gates know of all executions. A model: its own steps are never torn, those between it and the log are. */
export class SimulatedGates {
  readonly #places = new Map<string, Places>();
  /** By key, the executions that a throttle lets begin, and when. */
  readonly #begins = new Map<string, Map<string, number>>();
  /** By key, the newest execution of a debounce, and when it came. */
  readonly #newest = new Map<string, { readonly executionId: string; readonly at: number }>();

  /** Executions that have a place, in line or beyond. */
  get present(): readonly string[] {
    return [...this.#places.values()].flatMap(({ holders, line }) => [
      ...holders.map(({ executionId }) => executionId),
      ...line,
    ]);
  }

  seenBy(journal: ExecutionJournal, nowMs: () => number): Gates {
    return {
      admit: async (executionId, state, gate) => {
        await this.#admit({ executionId, state, gate, journal, now: nowMs() });
        // It may have ended while it was asking: then nobody else gives back what it got.
        if (isTerminal(await journal.fresh(executionId))) await this.#leave(executionId, state, { gate, journal });
      },
      leave: (executionId, state, gate) => this.#leave(executionId, state, { gate, journal }),
    };
  }

  async #admit(asked: {
    executionId: string;
    state: StartedExecution;
    gate: number;
    journal: ExecutionJournal;
    now: number;
  }): Promise<void> {
    const { executionId, state, gate: number, journal, now } = asked;
    const gate = state.admission?.gates[number];
    if (!gate) return;
    for (const answer of this.#answers(executionId, gate, now)) {
      if (answer === 'pass') await journal.submit(executionId, { type: 'PassGate', gate: number });
      else if (answer === 'hold') await journal.submit(executionId, { type: 'HoldAtGate', gate: number });
      else if ('until' in answer) {
        const until = toInstant(answer.until);
        await journal.submit(executionId, { type: 'HoldAtGate', gate: number, until });
      } else {
        const reason = { code: answer.refuse, message: 'the gate turned it away' };
        await journal.submit(answer.executionId ?? executionId, { type: 'CancelExecution', reason });
      }
    }
  }

  #answers(executionId: string, gate: Gate, now: number): readonly Answer[] {
    switch (gate.kind) {
      case 'debounce':
        return this.#debounced(executionId, gate, now);
      case 'throttle':
        return [{ until: this.#throttled(executionId, gate, now) }];
      case 'concurrency':
        return this.#limited(executionId, gate);
    }
  }

  #debounced(
    executionId: string,
    { key, delayMs }: Extract<Gate, { kind: 'debounce' }>,
    now: number,
  ): readonly Answer[] {
    const newest = this.#newest.get(key);
    if (newest?.executionId === executionId) return [{ until: newest.at + delayMs }];
    if (newest && newest.executionId > executionId) return [{ refuse: 'DEBOUNCED' }];
    this.#newest.set(key, { executionId, at: now });
    const older = newest ? [{ refuse: 'DEBOUNCED', executionId: newest.executionId }] : [];
    return [{ until: now + delayMs }, ...(newest && newest.at + delayMs > now ? older : [])];
  }

  #throttled(executionId: string, { key, limit, perMs }: Extract<Gate, { kind: 'throttle' }>, now: number): number {
    const begins = this.#begins.get(key) ?? new Map<string, number>();
    this.#begins.set(key, begins);
    const own = begins.get(executionId);
    if (own !== undefined) return own;
    const before = [...begins.values()].at(-limit);
    const at = Math.max(now, begins.size < limit ? now : (before ?? 0) + perMs);
    begins.set(executionId, at);
    return at;
  }

  #limited(executionId: string, gate: Concurrency): readonly Answer[] {
    const { holders, line } = this.#placesAt(gate);
    if (holders.some((holder) => holder.executionId === executionId)) return ['pass'];
    if (line.includes(executionId)) return ['hold'];
    if (holders.length < gate.limit) {
      holders.push({ executionId, isTold: true });
      return ['pass'];
    }
    if (gate.onLimit === 'skip') return [{ refuse: 'CONCURRENCY_LIMIT' }];
    line.push(executionId);
    const [oldest] = holders;
    if (gate.onLimit === 'queue' || !oldest) return ['hold'];
    return ['hold', { refuse: 'CONCURRENCY_SUPERSEDED', executionId: oldest.executionId }];
  }

  #placesAt({ key }: Concurrency): Places {
    const places = this.#places.get(key) ?? { holders: [], line: [] };
    this.#places.set(key, places);
    return places;
  }

  async #leave(
    executionId: string,
    { admission }: StartedExecution,
    { gate: number, journal }: { gate: number; journal: ExecutionJournal },
  ): Promise<void> {
    const gate = admission?.gates[number];
    if (gate?.kind !== 'concurrency') return;
    const places = this.#placesAt(gate);
    places.holders = places.holders.filter((holder) => holder.executionId !== executionId);
    places.line = places.line.filter((one) => one !== executionId);
    const next = places.line.splice(0, gate.limit - places.holders.length);
    places.holders.push(...next.map((one) => ({ executionId: one, isTold: false })));
    for (const holder of places.holders.filter(({ isTold }) => !isTold)) {
      await journal.submit(holder.executionId, { type: 'PassGate', gate: number });
      holder.isTold = true;
    }
  }
}
