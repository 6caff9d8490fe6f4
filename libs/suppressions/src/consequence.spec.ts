import { consequenceOf, SOFT_BOUNCES, type Misfortune } from './consequence.ts';

describe('what follows for an address', () => {
  it.each<[Misfortune, string]>([
    ['hard', 'hardBounce'],
    ['complaint', 'complaint'],
    ['unsubscribed', 'unsubscribed'],
  ])('%s: no more mail, until somebody says otherwise', (misfortune, reason) => {
    expect(consequenceOf(misfortune)).toEqual({ kind: 'suppressed', reason });
  });

  it.each<Misfortune>(['policy', 'delayed'])('%s: nothing, however often', (misfortune) => {
    expect(consequenceOf(misfortune, 1000)).toEqual({ kind: 'none' });
  });

  it.each<Misfortune>(['soft', 'mailboxFull'])('%s: no mail for a while after several', (misfortune) => {
    expect(consequenceOf(misfortune, SOFT_BOUNCES.count - 1)).toEqual({ kind: 'counted' });
    expect(consequenceOf(misfortune, SOFT_BOUNCES.count)).toEqual({
      kind: 'suppressed',
      reason: 'softBounces',
      forMs: SOFT_BOUNCES.suppressedForMs,
    });
  });
});
