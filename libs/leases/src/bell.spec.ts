import { Bell } from './bell.ts';

describe('a bell', () => {
  it('wakes who waits', async () => {
    const bell = new Bell();
    const waiting = bell.rings();
    bell.ring();
    await waiting;
  });

  it('keeps one ring that nobody waited for, however often it rang', async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    await bell.rings();
    let isAwake = false;
    const waiting = bell.rings().then(() => (isAwake = true));
    await Promise.resolve();
    expect(isAwake).toBe(false);
    bell.ring();
    await waiting;
  });

  it('lets nobody wait for longer than wanted', async () => {
    await new Bell().rings(1);
  });
});
