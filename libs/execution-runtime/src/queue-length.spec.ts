import { QueueLength } from './queue-length.ts';

function lengthWith() {
  const around = { nowMs: 0, hasRoom: true };
  const length = new QueueLength({ nowMs: () => around.nowMs, hasRoom: () => around.hasRoom });
  return { length, around };
}

describe('what is known of the length of a queue', () => {
  it('is what the server said last, and what was put there since', () => {
    const { length } = lengthWith();
    expect(length.known).toBe(0);
    length.saw(7);
    length.added();
    expect(length.known).toBe(8);
    length.saw(0);
    expect(length.known).toBe(0);
  });

  it('is nothing when nothing came for a second though there was room for it', () => {
    const { length, around } = lengthWith();
    length.saw(7);
    around.nowMs = 999;
    expect(length.known).toBe(7);
    around.nowMs = 1_000;
    expect(length.known).toBe(0);
    length.added();
    expect(length.known).toBe(1);
  });

  it('stays as it is while there is no room for what waits', () => {
    const { length, around } = lengthWith();
    length.saw(7);
    around.hasRoom = false;
    around.nowMs = 60_000;
    expect(length.known).toBe(7);
  });
});
