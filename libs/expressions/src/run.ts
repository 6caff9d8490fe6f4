import type { RE2JS } from 're2js';
import { EvaluationBudget } from './evaluation-budget.ts';
import { LimitFault } from './fault.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import type { Scope } from './types.ts';
import type { Value } from './value.ts';

const { maxTextLength, maxListLength, maxResultSize } = EXPRESSION_LIMITS;
const TEXT_PER_STEP_LOG2 = 5;

/** Is told of what a result is made of, and throws a LimitFault when it is too much. */
export interface Meter {
  grow(size: number): void;
}

/** One evaluation of one template: the scope, the loop variables, and what may still be spent. */
export class Run implements Meter {
  /** Loop variables by slot; the compiler hands the slots out. */
  readonly locals: Value[] = [];
  readonly #budget: EvaluationBudget;

  constructor(
    readonly scope: Scope,
    budget = new EvaluationBudget(),
  ) {
    this.#budget = budget;
  }

  spend(steps: number): void {
    this.#budget.spend(steps);
  }

  spendOnce(what: string, steps: number): void {
    this.#budget.spendOnce(what, steps);
  }

  /** To be called before a text of this length is read as a whole or built. */
  spendText(length: number): void {
    if (length > maxTextLength) throw new LimitFault(`a text is longer than ${maxTextLength} characters`);
    this.spend(1 + (length >> TEXT_PER_STEP_LOG2));
  }

  /** To be called before a list of this length is read as a whole or built. */
  spendList(length: number): void {
    if (length > maxListLength) throw new LimitFault(`a list has more than ${maxListLength} items`);
    this.spend(1 + length);
  }

  remember(pattern: string, compile: () => RE2JS): RE2JS {
    return this.#budget.remember(pattern, compile);
  }

  grow(size: number): void {
    this.#budget.grow(size);
  }
}

/** Measures a value that is made on the way to a result: it takes steps, but does not count to the result itself. */
export class Draft implements Meter {
  #size = 0;
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  grow(size: number): void {
    this.#size += size;
    if (this.#size > maxResultSize) this.#run.spendText(this.#size);
    this.#run.spend(1 + (size >> TEXT_PER_STEP_LOG2));
  }
}
