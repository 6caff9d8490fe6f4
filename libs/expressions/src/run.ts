import type { RE2JS } from 're2js';
import { LimitFault } from './fault.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import type { Scope } from './types.ts';
import type { Value } from './value.ts';

const { maxSteps, maxTextLength, maxListLength, maxResultSize } = EXPRESSION_LIMITS;
const TEXT_PER_STEP_LOG2 = 5;

/** Is told of what a result is made of, and throws a LimitFault when it is too much. */
export interface Meter {
  grow(size: number): void;
}

/** One evaluation of one template: the scope, the loop variables, and what may still be spent. */
export class Run implements Meter {
  /** Loop variables by slot; the compiler hands the slots out. */
  readonly locals: Value[] = [];
  #paid: Set<string> | undefined;
  #patterns: Map<string, RE2JS> | undefined;
  #stepsLeft: number = maxSteps;
  #resultLeft: number = maxResultSize;

  constructor(readonly scope: Scope) {}

  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0)
      throw new LimitFault(`takes more than ${maxSteps} steps`, 'work on fewer or smaller values');
  }

  /** For what is remembered: paid at the first time in each run, so that what a run costs depends on nothing before it. */
  spendOnce(what: string, steps: number): void {
    this.#paid ??= new Set();
    if (this.#paid.has(what)) return;
    this.#paid.add(what);
    this.spend(steps);
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

  /** The compiled pattern, made at the first call. */
  remember(pattern: string, compile: () => RE2JS): RE2JS {
    this.#patterns ??= new Map();
    const known = this.#patterns.get(pattern) ?? compile();
    this.#patterns.set(pattern, known);
    return known;
  }

  grow(size: number): void {
    this.#resultLeft -= size;
    if (this.#resultLeft < 0) throw new LimitFault(`the result is larger than ${maxResultSize} characters`);
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
