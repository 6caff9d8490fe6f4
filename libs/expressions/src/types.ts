import type { JsonValue } from '#libs/kernel';
import type { EvaluationBudget } from './evaluation-budget.ts';

/** What an expression sees: the root names and their values. A null-prototype or plain object; names are fixed by the contract. */
export interface Scope {
  readonly trigger: JsonValue;
  readonly nodes: Readonly<Record<string, { readonly output: JsonValue }>>;
  readonly execution: {
    readonly id: string;
    readonly startedAt: string;
    /** By the id of a node that waits for a signal, where whoever has it resumes the node; only where an attempt is made. */
    readonly resumeUrls?: Readonly<Record<string, string>>;
  };
  readonly workflow: { readonly id: string; readonly version: number; readonly name: string };
  readonly vars: Readonly<Record<string, JsonValue>>;
  readonly item?: JsonValue;
  readonly index?: number;
}

/** A problem found while compiling: `offset` counts UTF-16 units from the start of the string that holds the expression. */
export interface ExpressionProblem {
  /** Path of that string inside the compiled value, e.g. `cases[0].condition`; empty when the value is the string. */
  readonly path: string;
  readonly expression: string;
  readonly offset: number;
  readonly message: string;
}

/**
 * Names of the workspace variables that are read, as `vars.<name>` or `vars["<name>"]`; sorted, without repeats. `all` when
 * a name is computed, or `vars` is used as a whole.
 */
export type VariableReferences = readonly string[] | 'all';

/** A JSON value whose strings may hold `{{ expressions }}`, parsed once. */
export interface CompiledTemplate {
  /** False when no string in it holds an expression: then `evaluate` gives the value as it was written. */
  readonly dynamic: boolean;
  /** Ids of the nodes whose output it reads, as `nodes.<id>` or `nodes["<id>"]`; sorted, without repeats. */
  readonly nodeReferences: readonly string[];
  readonly variableReferences: VariableReferences;
  /**
   * The value with every expression replaced by its result. Throws ExpressionError. Evaluations that are given one budget
   * share it; without one, each has its own.
   */
  evaluate(scope: Scope, budget?: EvaluationBudget): JsonValue;
}

export type CompileResult =
  | { readonly kind: 'compiled'; readonly template: CompiledTemplate }
  | { readonly kind: 'refused'; readonly problems: readonly ExpressionProblem[] };
