import type { RE2JS } from 're2js';
import { LimitFault } from './fault.ts';
import { EXPRESSION_LIMITS } from './limits.ts';

const { maxSteps, maxResultSize } = EXPRESSION_LIMITS;

/** What may be spent by one evaluation, or by several that belong together, such as those for the items of one node. */
export class EvaluationBudget {
  #paid: Set<string> | undefined;
  #patterns: Map<string, RE2JS> | undefined;
  #stepsLeft: number = maxSteps;
  #resultLeft: number = maxResultSize;

  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0)
      throw new LimitFault(`takes more than ${maxSteps} steps`, 'work on fewer or smaller values');
  }

  /** For what is remembered: paid at the first time in each budget, so that what is spent depends on nothing before it. */
  spendOnce(what: string, steps: number): void {
    this.#paid ??= new Set();
    if (this.#paid.has(what)) return;
    this.#paid.add(what);
    this.spend(steps);
  }

  /** The compiled pattern, made at the first call. */
  remember(pattern: string, compile: () => RE2JS): RE2JS {
    this.#patterns ??= new Map();
    const known = this.#patterns.get(pattern) ?? compile();
    this.#patterns.set(pattern, known);
    return known;
  }

  /** Of what the evaluations give. */
  grow(size: number): void {
    this.#resultLeft -= size;
    if (this.#resultLeft < 0) throw new LimitFault(`the result is larger than ${maxResultSize} characters`);
  }
}
