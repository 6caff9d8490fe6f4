import type { Decider, DomainEvent } from '../decider.ts';

/** given(events).when(command).then(events), after emmett's deciderSpecification; every event is dated `at`. */
export function deciderSpecification<State, Command, Event extends DomainEvent, Context>(
  decider: Decider<State, Command, Event, Context>,
  context: Context,
  at = '2026-11-23T10:00:00.000Z',
) {
  const fold = (events: readonly Event[]): State =>
    events.reduce((state, event) => decider.evolve(state, event, at), decider.initialState());
  return {
    fold,
    given: (history: readonly Event[]) => ({
      when: (command: Command) => ({
        then: (expected: readonly Event[]) => {
          expect(decider.decide(command, fold(history), context)).toEqual(expected);
        },
        thenNothing: () => {
          expect(decider.decide(command, fold(history), context)).toEqual([]);
        },
        thenRefused: (code: string) => {
          expect(refusalOf(() => decider.decide(command, fold(history), context))).toMatchObject({ code });
        },
        events: () => decider.decide(command, fold(history), context),
      }),
    }),
  };
}

function refusalOf(decide: () => unknown): unknown {
  try {
    decide();
  } catch (refusal) {
    return refusal;
  }
  throw new Error('the command was not refused');
}
