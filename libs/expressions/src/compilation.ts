import type { ASTNode, ASTOperator } from '@marcbachmann/cel-js';
import type { VariableGathering } from './gathering.ts';
import type { Run } from './run.ts';
import type { Value } from './value.ts';

/** A compiled part of an expression. */
export type Evaluate = (run: Run) => Value;
export type NodeOf<Operator extends ASTOperator> = Extract<ASTNode, { op: Operator }>;

/** What is being gathered while one expression is compiled. */
export interface Compilation {
  readonly text: string;
  /** Offsets count from the start of `text`. */
  readonly problems: { readonly offset: number; readonly message: string }[];
  readonly nodeReferences: Set<string>;
  readonly variables: VariableGathering;
  /** Nodes compiled so far. The share of a loop's body is what a round of it costs. */
  weight: number;
  /** Takes one from what a template may hold of regular expressions; false when there is none left. */
  takePattern(): boolean;
  compile(node: ASTNode, place: Place): Evaluate;
}

/** Where in its expression a node stands. */
export interface Place {
  readonly compilation: Compilation;
  /** Loop variables in scope; the index is the slot. */
  readonly locals: readonly string[];
  /** Loops around it. */
  readonly loops: number;
  /** Nodes around it. */
  readonly depth: number;
}

export function compileAt(node: ASTNode, place: Place): Evaluate {
  return place.compilation.compile(node, place);
}

const NEVER_RUN: Evaluate = () => null;

/** Records a problem; what it gives stands in for the part that cannot be compiled, and never runs. */
export function refuse(place: Place, node: { readonly pos: number }, message: string): Evaluate {
  place.compilation.problems.push({ offset: node.pos, message });
  return NEVER_RUN;
}

/** Which nodes an expression reads must be known before it runs, to check that they come first. */
export const NODES_NEED_AN_ID =
  'a node is named by its id as written, as in nodes.order.output or nodes["order"].output; ids cannot be computed';
