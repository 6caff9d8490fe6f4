import type { JsonObject } from '#libs/kernel';
import { checkedBy, refusedBy } from '../testing/run-nodes.ts';
import { scheduleTriggerConfigSchema } from './config.ts';
import { scheduleTrigger } from './trigger-schedule.ts';

describe('trigger.schedule', () => {
  it('has defaults for everything but when it is due', () => {
    expect(scheduleTriggerConfigSchema.parse({ cron: '@daily' })).toEqual({
      cron: '@daily',
      misfire: 'runOnce',
      overlap: 'allow',
      jitterMs: 0,
    });
  });

  it('accepts all that the contract names', () => {
    const config = {
      cron: '0 9 * * MON-FRI',
      timezone: 'Europe/Berlin',
      misfire: 'runAll',
      overlap: 'cancelPrevious',
      jitterMs: 86_400_000,
      payload: { report: '{{ as it is }}', of: [1, null] },
    };
    expect(refusedBy(scheduleTrigger, config)).toEqual([]);
    expect(checkedBy(scheduleTrigger, config)).toEqual([]);
    expect(scheduleTriggerConfigSchema.parse(config)).toEqual(config);
  });

  it.each<JsonObject>([
    { everyMs: 1_000 },
    { everyMs: 31_622_400_000 },
    { at: '2026-12-24T18:00:00+01:00' },
    { at: '2026-12-24T18:00', timezone: 'Europe/Berlin' },
    { cron: '*/30 * * * * *', payload: null },
  ])('accepts %j', (config) => {
    expect([...refusedBy(scheduleTrigger, config), ...checkedBy(scheduleTrigger, config)]).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ cron: 5 }, 'cron'],
    [{ cron: '* '.repeat(129) }, 'cron'],
    [{ everyMs: 999 }, 'everyMs'],
    [{ everyMs: 31_622_400_001 }, 'everyMs'],
    [{ everyMs: 1_500.5 }, 'everyMs'],
    [{ at: 7 }, 'at'],
    [{ cron: '@daily', timezone: null }, 'timezone'],
    [{ cron: '@daily', misfire: 'runTwice' }, 'misfire'],
    [{ cron: '@daily', overlap: 'wait' }, 'overlap'],
    [{ cron: '@daily', jitterMs: -1 }, 'jitterMs'],
    [{ cron: '@daily', jitterMs: 86_400_001 }, 'jitterMs'],
    [{ cron: '@daily', other: 1 }, ''],
  ])('refuses %j, and says so once', (config, path) => {
    expect(refusedBy(scheduleTrigger, config)).toEqual([path]);
    expect(checkedBy(scheduleTrigger, config)).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{}, 'cron: say when it is due, by one of cron, everyMs and at'],
    [{ cron: '@daily', everyMs: 5_000 }, "everyMs: can't stand beside cron: leave one of them out"],
    [{ cron: '0 0 30 2 *' }, 'cron: never fires: there is no such date'],
    [{ cron: '@daily', timezone: '+02:00' }, 'timezone: is an offset, which knows no summer time: '],
    [{ at: '2026-12-24' }, 'at: must be a time such as '],
    [{ cron: '@daily', payload: 'é'.repeat(32_768) }, 'payload: has 65538 bytes as JSON: at most 65536 go along'],
  ])('refuses what %j means', (config, problem) => {
    expect(refusedBy(scheduleTrigger, config)).toEqual([]);
    expect(checkedBy(scheduleTrigger, config)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [undefined, undefined],
    ['allow', undefined],
    ['skip', undefined],
    ['queue', { limit: 1, onLimit: 'queue' }],
    ['cancelPrevious', { limit: 1, onLimit: 'cancelOldest' }],
  ])('lets one execution at a time be under way where its overlap wants that: %s', (overlap, expected) => {
    const config = { cron: '@daily', ...(overlap === undefined ? {} : { overlap }) };
    expect(scheduleTrigger.runs === 'trigger' && scheduleTrigger.concurrencyOf?.(config)).toEqual(expected);
  });
});
