import { MillraceError } from '#libs/kernel';
import type { Decider, DomainEvent } from './decider.ts';
import { deciderSpecification } from './testing/index.ts';

type Counted = DomainEvent<'Counted', { readonly by: number }>;

/** Counts up to the limit given, takes no notice of 0. */
const counter: Decider<number, number, Counted, number> = {
  decide: (by, total, limit) => {
    if (total + by > limit) throw new MillraceError('refused', 'TOO_MANY', `more than ${limit}`);
    return by === 0 ? [] : [{ type: 'Counted', data: { by } }];
  },
  evolve: (total, { data }) => total + data.by,
  initialState: () => 0,
};
const counted = (by: number): Counted => ({ type: 'Counted', data: { by } });

describe('a specification of a decider', () => {
  const { given, fold } = deciderSpecification(counter, 10);

  it('holds what is decided against what is expected', () => {
    given([counted(4)])
      .when(6)
      .then([counted(6)]);
    given([counted(4)])
      .when(0)
      .thenNothing();
    given([counted(4)])
      .when(7)
      .thenRefused('TOO_MANY');
    expect(given([]).when(3).events()).toEqual([counted(3)]);
    expect(fold([counted(4), counted(2)])).toBe(6);
  });

  it.each([
    [
      'another event',
      () =>
        given([])
          .when(1)
          .then([counted(2)]),
    ],
    ['an event instead of nothing', () => given([]).when(1).thenNothing()],
    [
      'nothing instead of an event',
      () =>
        given([])
          .when(0)
          .then([counted(0)]),
    ],
    ['an event instead of a refusal', () => given([]).when(1).thenRefused('TOO_MANY')],
    ['another refusal', () => given([]).when(11).thenRefused('TOO_FEW')],
    [
      'a refusal instead of an event',
      () =>
        given([])
          .when(11)
          .then([counted(11)]),
    ],
  ])('fails for %s', (_, specify) => {
    expect(specify).toThrow();
  });
});
