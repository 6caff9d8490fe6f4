/**
 * The core of an aggregate: three pure functions.
 * Shape after emmett's Decider; `Context` carries what a decision needs and must not fetch (the time, a plan).
 */
export interface Decider<State, Command, Event, Context> {
  /** The facts that follow from the wish; none when it changes nothing. Throws a MillraceError to refuse. */
  decide(command: Command, state: State, context: Context): readonly Event[];
  evolve(state: State, event: Event, at: string): State;
  initialState(): State;
}

/** A fact: what happened, in the past tense, with its data. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}
