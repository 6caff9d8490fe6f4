import { jest } from '@jest/globals';
import { EventStreams, type OpenStream } from './event-streams.ts';

describe('streams of events that are open', () => {
  it('are as many as one process keeps; who comes then is told to come later', () => {
    const streams = new EventStreams();
    const open: OpenStream[] = Array.from({ length: 10_000 }, () => streams.open());
    expect(refusalOf(() => streams.open())).toMatchObject({
      ...{ kind: 'unavailable', code: 'TOO_MANY_STREAMS', retryAfterMs: 5_000 },
    });
    open[17]?.[Symbol.dispose]();
    using again = streams.open();
    expect(again.signal.aborted).toBe(false);
    for (const stream of open) stream[Symbol.dispose]();
  });

  it('end after a quarter of an hour, and with the process', () => {
    jest.useFakeTimers();
    try {
      const streams = new EventStreams();
      using old = streams.open();
      jest.advanceTimersByTime(15 * 60_000 - 1);
      expect(old.signal.aborted).toBe(false);
      jest.advanceTimersByTime(1);
      expect(old.signal.aborted).toBe(true);
      using young = streams.open();
      streams.onModuleDestroy();
      expect(young.signal.aborted).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });
});

function refusalOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (refusal) {
    return refusal;
  }
}
