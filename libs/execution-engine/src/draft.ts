import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent } from './events.ts';
import { evolveOwn } from './evolve.ts';
import { OwnNodes } from './own-nodes.ts';
import { addOutput, scopeOf, type GrowingScope } from './scope.ts';
import type { NodeState, StartedExecution } from './state.ts';

/**
 * A decision in the making: the facts that follow so far, and the state that they lead to. Several commands may add to
 * one draft; each sees what those before it led to.
 */
export class Draft {
  readonly events: ExecutionEvent[] = [];
  #state: StartedExecution;
  readonly #own = new OwnNodes<NodeState>();
  /** Made when first needed and kept level with the state: making it anew for each node costs a look at all of them. */
  #scope: GrowingScope | undefined;

  constructor(
    state: StartedExecution,
    readonly context: DecisionContext,
  ) {
    this.#state = state;
  }

  get state(): StartedExecution {
    return this.#state;
  }

  /** What expressions see; it grows with the draft. */
  get scope(): GrowingScope {
    return (this.#scope ??= scopeOf(this.context.executionId, this.#state, this.context));
  }

  record(...events: readonly ExecutionEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      this.#state = evolveOwn(this.#state, event, { at: this.context.at, own: this.#own }) as StartedExecution;
      if (this.#scope && 'nodeId' in event.data) addOutput(this.#scope, event.data.nodeId, this.#state, this.context);
    }
  }
}
