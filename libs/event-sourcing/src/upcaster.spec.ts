import { currentShapeOf, upcast, type Upcasters } from './upcaster.ts';

/** Made up: an amount was a number, then a number with its currency, then cents. */
const upcasters: Upcasters = {
  Paid: [
    (data) => ({ ...(data as { amount: number }), currency: 'EUR' }),
    (data) => {
      const { amount, currency } = data as { amount: number; currency: string };
      return { cents: amount * 100, currency };
    },
  ],
};

describe('an upcaster', () => {
  it.each([
    [{ type: 'Paid', data: { amount: 3 } }],
    [{ type: 'Paid', shape: 1, data: { amount: 3 } }],
    [{ type: 'Paid', shape: 2, data: { amount: 3, currency: 'EUR' } }],
  ])('brings %j to the current shape, step by step', (stored) => {
    expect(upcast(upcasters, stored)).toEqual({ type: 'Paid', data: { cents: 300, currency: 'EUR' } });
    expect(currentShapeOf(upcasters, 'Paid')).toBe(3);
  });

  it.each([
    [{ type: 'Paid', shape: 3, data: { cents: 300, currency: 'EUR' } }],
    [{ type: 'Paid', shape: 4, data: { of: 'a newer version' } }],
    [{ type: 'Noted', data: { text: 'x' } }],
    [{ type: 'constructor', data: {} }],
    [{ type: 'Paid' }],
    ['no event'],
    [null],
  ])('leaves %j as it is', (stored) => {
    expect(upcast(upcasters, stored)).toEqual(stored);
  });

  it('knows one shape of what was never changed', () => {
    expect(currentShapeOf(upcasters, 'Noted')).toBe(1);
  });
});
