import { NO_HOLDERS, turnOf, without, type Applicant } from './concurrency.ts';

const applicant = (executionId: string, limit = 2): Applicant => ({ executionId, gate: 0, limit, onLimit: 'queue' });

describe('turnOf', () => {
  it('lets the first enter', () => {
    expect(turnOf(NO_HOLDERS, applicant('a'))).toEqual({ kind: 'enters', after: { holders: ['a'] } });
  });

  it('lets as many enter as the limit says, and names the oldest to one more', () => {
    expect(turnOf({ holders: ['a'] }, applicant('b'))).toEqual({ kind: 'enters', after: { holders: ['a', 'b'] } });
    expect(turnOf({ holders: ['a', 'b'] }, applicant('c'))).toEqual({ kind: 'full', oldest: 'a' });
  });

  it('keeps to the limit of who asks, whatever let the others in', () => {
    const holders = ['a', 'b', 'c'];
    expect(turnOf({ holders }, applicant('d', 2))).toEqual({ kind: 'full', oldest: 'a' });
    expect(turnOf({ holders }, applicant('d', 4))).toMatchObject({ kind: 'enters' });
  });

  it('says the same to a holder that asks again, though it is full and others wait', () => {
    const holders = ['a', 'b'];
    expect(turnOf({ holders }, applicant('a'), { isBehindOthers: true })).toEqual({ kind: 'holds' });
  });

  it('gives nobody a place for which others wait', () => {
    expect(turnOf(NO_HOLDERS, applicant('a'), { isBehindOthers: true })).toEqual({ kind: 'behind' });
  });
});

describe('without', () => {
  it('takes one out, or nobody', () => {
    expect(without({ holders: ['a', 'b'] }, 'a')).toEqual({ holders: ['b'] });
    expect(without({ holders: ['a', 'b'] }, 'c')).toEqual({ holders: ['a', 'b'] });
  });
});
