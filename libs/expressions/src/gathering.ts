import type { JsonValue } from '#libs/kernel';
import { EXPRESSION_LIMITS } from './limits.ts';
import type { Run } from './run.ts';
import type { ExpressionProblem, VariableReferences } from './types.ts';

/** A part of a template that is computed. */
export type Part = (run: Run) => JsonValue;

/** Which workspace variables are read. */
export class VariableGathering {
  readonly #names = new Set<string>();
  #all = false;

  add(name: string): void {
    this.#names.add(name);
  }

  addAll(): void {
    this.#all = true;
  }

  get references(): VariableReferences {
    return this.#all ? 'all' : [...this.#names].sort();
  }
}

/** What comes together while a template is compiled. */
export class Gathering {
  readonly #problems: ExpressionProblem[] = [];
  readonly nodeReferences = new Set<string>();
  readonly variables = new VariableGathering();
  #expressionsLeft: number = EXPRESSION_LIMITS.maxExpressions;
  #patternsLeft: number = EXPRESSION_LIMITS.maxPatterns;

  get problems(): readonly ExpressionProblem[] {
    return this.#problems;
  }

  /** Every problem is told, up to a number that nobody reads through. */
  refuse(problem: ExpressionProblem): void {
    if (this.#problems.length < EXPRESSION_LIMITS.maxProblems) this.#problems.push(problem);
  }

  /** Whether nothing further is told: then nothing further is compiled. */
  get isFull(): boolean {
    return this.#problems.length >= EXPRESSION_LIMITS.maxProblems;
  }

  /** False when the template holds as many expressions as it may. */
  takeExpression(): boolean {
    return this.#expressionsLeft-- > 0;
  }

  /** False when the template holds as many regular expressions as it may. */
  takePattern(): boolean {
    return this.#patternsLeft-- > 0;
  }
}
