import { isTerminal } from '#libs/execution-engine';
import {
  NO_HOLDERS,
  storedHolders,
  turnOf,
  without,
  type Applicant,
  type Holders,
  type Turn,
} from '#libs/execution-gates';
import { changeValue, type Change } from './change-value.ts';
import type { GatedExecutions, GateLines, GateValues } from './ports.ts';

/** What is known of a key that nobody holds stays this long: longer than anybody takes between reading and writing. */
const EMPTY_KEPT_MS = 3_600_000;

export interface ConcurrencyGateParts {
  readonly values: GateValues;
  readonly lines: GateLines;
  readonly executions: GatedExecutions;
}

type Entry = Exclude<Turn, { readonly kind: 'enters' }> | { readonly kind: 'over' };

/**
 * At most `limit` executions of a key hold a place at once; the others wait in line or are turned away.
 *
 * No place is lost: an execution becomes a holder only if it was not over after the value was read, and leaving always
 * writes the value, also when there was nothing to take out of it. So whoever is made a holder is so before its `leave`,
 * which every end of an execution asks for, and a place taken on behalf of one that is over is refused by its revision.
 *
 * No wake-up is lost: who joins a line, and who leaves, looks at the line afterwards. The first in line is made a holder,
 * then told, then taken out of the line; whoever looks next goes on where somebody stopped in between.
 */
export class ConcurrencyGate {
  constructor(private readonly parts: ConcurrencyGateParts) {}

  async admit(token: string, applicant: Applicant): Promise<void> {
    const { onLimit } = applicant;
    const isBehindOthers = onLimit !== 'skip' && (await this.parts.lines.first(token)) !== undefined;
    const entry = await this.#enter(token, applicant, isBehindOthers);
    if (entry.kind === 'over') return;
    if (entry.kind === 'holds') await this.#pass(applicant);
    else if (onLimit === 'skip') await this.#turnAway(applicant);
    else await this.#wait(token, applicant);
  }

  async leave(token: string, executionId: string): Promise<void> {
    const held = await this.#change(token, async (holders) => {
      const after = without(holders, executionId);
      return { ...valueOf(after), result: after.holders.length < holders.holders.length };
    });
    if (!held) await this.parts.lines.drop(token, executionId);
    await this.#callNext(token);
  }

  async #wait(token: string, applicant: Applicant): Promise<void> {
    await this.parts.lines.join(token, applicant);
    const passed = await this.#callNext(token);
    if (passed.has(applicant.executionId)) return;
    const { executionId, gate } = applicant;
    await this.parts.executions.submit(executionId, { type: 'HoldAtGate', gate });
  }

  /** Lets those pass who are first in line while there is room; gives who did. */
  async #callNext(token: string): Promise<ReadonlySet<string>> {
    const passed = new Set<string>();
    for (;;) {
      const first = await this.parts.lines.first(token);
      if (!first) return passed;
      const entry = await this.#enter(token, first, false);
      if (entry.kind === 'full' && first.onLimit === 'cancelOldest') await this.#supersede(entry.oldest, first);
      if (entry.kind === 'full' || entry.kind === 'behind') return passed;
      if (entry.kind === 'holds') {
        await this.#pass(first);
        passed.add(first.executionId);
      }
      await this.parts.lines.drop(token, first.executionId);
    }
  }

  async #enter(token: string, applicant: Applicant, isBehindOthers: boolean): Promise<Entry> {
    return this.#change<Entry>(token, async (found) => {
      const [holders, turn] = await this.#turnOf(found, applicant, isBehindOthers);
      const changed = holders === found ? {} : valueOf(holders);
      if (turn.kind !== 'enters') return { ...changed, result: turn };
      if (await this.#isOver(applicant.executionId)) return { ...changed, result: { kind: 'over' } };
      return { ...valueOf(turn.after), result: { kind: 'holds' } };
    });
  }

  /** Where there is no room, an oldest holder that is over and has not left yet makes some. */
  async #turnOf(holders: Holders, applicant: Applicant, isBehindOthers: boolean): Promise<[Holders, Turn]> {
    const turn = turnOf(holders, applicant, { isBehindOthers });
    if (turn.kind !== 'full' || !(await this.#isOver(turn.oldest))) return [holders, turn];
    const rest = without(holders, turn.oldest);
    return [rest, turnOf(rest, applicant, { isBehindOthers })];
  }

  #change<Result>(token: string, decide: (holders: Holders) => Promise<Change<Holders, Result>>): Promise<Result> {
    return changeValue(this.parts.values, { token, schema: storedHolders }, (found) => decide(found ?? NO_HOLDERS));
  }

  async #pass({ executionId, gate }: Applicant): Promise<void> {
    await this.parts.executions.submit(executionId, { type: 'PassGate', gate });
  }

  async #turnAway({ executionId, limit }: Applicant): Promise<void> {
    const message = `${limit} ${limit === 1 ? 'execution' : 'executions'} with the same key were under way`;
    const reason = { code: 'CONCURRENCY_LIMIT', message };
    await this.parts.executions.submit(executionId, { type: 'CancelExecution', reason });
  }

  async #supersede(oldest: string, { executionId }: Applicant): Promise<void> {
    const reason = { code: 'CONCURRENCY_SUPERSEDED', message: `${executionId}, with the same key, took its place` };
    await this.parts.executions.submit(oldest, { type: 'CancelExecution', reason });
  }

  /** One whose history is gone is over as well. */
  async #isOver(executionId: string): Promise<boolean> {
    const state = await this.parts.executions.fresh(executionId);
    return state.status === 'none' || isTerminal(state);
  }
}

function valueOf(value: Holders): Pick<Change<Holders, never>, 'value' | 'expiresAfterMs'> {
  return value.holders.length === 0 ? { value, expiresAfterMs: EMPTY_KEPT_MS } : { value };
}
