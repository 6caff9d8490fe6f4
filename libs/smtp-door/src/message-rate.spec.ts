import { MessageRate } from './message-rate.ts';

function at(perMinute: number, clients = 10) {
  const clock = {
    ms: 1_000_000,
    nowMs() {
      return this.ms;
    },
  };
  return { clock, rate: new MessageRate({ perMinute, clients, clock }) };
}

describe('the rate of a client', () => {
  it('is a minute at once, and comes back evenly', () => {
    const { clock, rate } = at(60);
    for (let taken = 0; taken < 60; taken++) expect(rate.take('a')).toBe(true);
    expect(rate.take('a')).toBe(false);
    expect(rate.take('b')).toBe(true);
    clock.ms += 999;
    expect(rate.take('a')).toBe(false);
    clock.ms += 1;
    expect(rate.take('a')).toBe(true);
    expect(rate.take('a')).toBe(false);
    clock.ms += 3_600_000;
    for (let taken = 0; taken < 60; taken++) expect(rate.take('a')).toBe(true);
    expect(rate.take('a')).toBe(false);
  });

  it('gives nothing for a clock that is set back, and goes on from there', () => {
    const { clock, rate } = at(60);
    for (let taken = 0; taken < 60; taken++) rate.take('a');
    clock.ms -= 500_000;
    expect(rate.take('a')).toBe(false);
    clock.ms += 1_000;
    expect(rate.take('a')).toBe(true);
  });

  it('is forgotten of who was heard of longest ago, and of nobody else', () => {
    const { rate } = at(1, 2);
    expect(['a', 'b', 'a'].map((client) => rate.take(client))).toEqual([true, true, false]);
    expect(rate.take('c')).toBe(true);
    expect(['a', 'b'].map((client) => rate.take(client))).toEqual([false, true]);
  });
});
