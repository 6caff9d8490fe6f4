import { failureOf, type Fault } from '#libs/execution-engine';
import type { Scope } from '#libs/expressions';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { EngineWork } from '#libs/node-kit';
import type { Plan, PlannedEngineNode, PlannedExecutorNode, PlannedInner } from '#libs/workflow-definition';

/** What a node that needs the outside is given, or why that can't be told. */
export type Input =
  { readonly kind: 'value'; readonly value: JsonValue } | { readonly kind: 'fault'; readonly fault: Fault };

/** Of a longer loop the first items are compared. */
export const COMPARED_ITEMS = 1_000;

export function inputOf(node: PlannedExecutorNode | PlannedEngineNode, scope: Scope, plan: Plan): Input {
  const seen = withResumeUrls(scope, plan);
  return evaluated(() => (node.runs === 'executor' ? node.resolveConfig(seen) : inputOfEngineNode(node, seen)));
}

function inputOfEngineNode(node: PlannedEngineNode, scope: Scope): JsonValue {
  const work = node.begin(scope);
  return work.kind === 'loop' && node.inner ? { ...work, each: eachOf(work, node.inner, scope) } : { ...work };
}

/** What the node within a loop is given for each item; what it computes, when it only computes. */
function eachOf(work: Extract<EngineWork, { kind: 'loop' }>, inner: PlannedInner, scope: Scope): readonly JsonValue[] {
  return work.items.slice(0, COMPARED_ITEMS).map((item, index) => {
    const ofItem = { ...scope, item, index };
    const made = evaluated(() => (inner.runs === 'executor' ? inner.resolveConfig(ofItem) : inner.compute(ofItem)));
    return made.kind === 'value' ? made.value : { error: jsonOf(made.fault) };
  });
}

function evaluated(make: () => JsonValue): Input {
  try {
    return { kind: 'value', value: make() };
  } catch (error) {
    const { code, message, details } = failureOf(error);
    return { kind: 'fault', fault: details === undefined ? { code, message } : { code, message, details } };
  }
}

/** The true ones are secrets, so that what is compared and shown holds their place alone. */
function withResumeUrls(scope: Scope, plan: Plan): Scope {
  const waiting = [...plan.nodes.values()].filter(({ type }) => type === 'wait.signal');
  if (waiting.length === 0) return scope;
  const resumeUrls = Object.fromEntries(waiting.map(({ id }) => [id, `resume-url-of:${id}`]));
  return { ...scope, execution: { ...scope.execution, resumeUrls } };
}

export function valueOfInput(input: Input): JsonValue {
  return input.kind === 'value' ? input.value : { error: jsonOf(input.fault) };
}

function jsonOf(fault: Fault): JsonObject {
  return { ...fault };
}
