import { compileTemplate } from '#libs/expressions';
import { InvariantError, MillraceError, type JsonObject, type JsonValue } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { addressesIn } from '../platform/addresses-in.ts';

/** What a route asks of a call, made ready once for as long as the table holds the route. */
export interface RouteRules {
  readonly isFrom: (ip: string) => boolean;
  /** What tells the call from others; undefined when the route does not ask, or the call has nothing of the kind. */
  readonly dedupeKeyOf: (output: JsonObject) => string | undefined;
}

const prepared = new WeakMap<Route, RouteRules>();

export function rulesOf(route: Route): RouteRules {
  const known = prepared.get(route);
  if (known) return known;
  const rules = {
    isFrom: route.allowIps ? addressesIn(route.allowIps) : () => true,
    dedupeKeyOf: prepareDedupe(route),
  };
  prepared.set(route, rules);
  return rules;
}

function prepareDedupe({ dedupe, workflowId, version }: Route): RouteRules['dedupeKeyOf'] {
  if (!dedupe) return () => undefined;
  const compiled = compileTemplate(dedupe.key);
  if (compiled.kind === 'refused') throw new InvariantError(`the key "${dedupe.key}" was accepted and does not parse`);
  const { template } = compiled;
  // There is no execution yet: the call is all that is seen.
  const around = { nodes: {}, vars: {}, execution: { id: '', startedAt: '' } };
  const workflow = { id: workflowId, version, name: '' };
  return (trigger) => keyIn(evaluated(() => template.evaluate({ trigger, workflow, ...around })));
}

function evaluated(evaluate: () => JsonValue): JsonValue {
  try {
    return evaluate();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const message = `what tells this call from others can't be found: ${cause.message}`;
    throw new MillraceError('refused', 'NO_DEDUPE_KEY', message, { cause });
  }
}

function keyIn(value: JsonValue): string | undefined {
  if (value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
