import { jest } from '@jest/globals';
import { createLogger } from '../logging/logger.ts';
import { HealthRegistry } from './health-registry.ts';

describe('readiness', () => {
  let log: string[];
  let health: HealthRegistry;
  beforeEach(() => {
    log = [];
    const destination = { write: (line: string): void => void log.push(line) };
    health = new HealthRegistry(createLogger({ level: 'info', pretty: false, destination }));
  });

  it('names each dependency and what it tells of itself', async () => {
    health.register({ name: 'postgres', check: async () => ({}) });
    health.register({ name: 'nats', check: async () => ({ durability: 'on disk' }) });
    expect(await health.readiness()).toEqual({
      status: 'ready',
      dependencies: { postgres: { status: 'up' }, nats: { status: 'up', durability: 'on disk' } },
    });
  });

  it('is not there when one is away, whose reason is for the log alone', async () => {
    health.register({ name: 'postgres', check: () => Promise.reject(new Error('no route to db-7.internal')) });
    health.register({ name: 'nats', check: async () => ({}) });
    expect(await health.readiness()).toEqual({
      status: 'unavailable',
      dependencies: { postgres: { status: 'down', reason: 'the check failed' }, nats: { status: 'up' } },
    });
    expect(log.join('')).toContain('db-7.internal');
  });

  it('waits two seconds for an answer', async () => {
    jest.useFakeTimers();
    try {
      health.register({ name: 'nats', check: () => new Promise(() => undefined) });
      const asked = health.readiness();
      await jest.advanceTimersByTimeAsync(2_000);
      expect(await asked).toMatchObject({
        status: 'unavailable',
        dependencies: { nats: { status: 'down', reason: 'no answer within 2000 ms' } },
      });
    } finally {
      jest.useRealTimers();
    }
  });

  it('asks once for all who ask at the same time, and again for the next', async () => {
    let asked = 0;
    health.register({ name: 'nats', check: async () => ({ asked: ++asked }) });
    await Promise.all([health.readiness(), health.readiness(), health.readiness()]);
    expect(asked).toBe(1);
    await health.readiness();
    expect(asked).toBe(2);
  });
});
