import { planOf } from '#libs/execution-engine/testing';
import type { Plan } from '#libs/workflow-definition';
import { PlanCache } from './plan-cache.ts';

const plan = planOf({ start: 'trigger.manual' });

/** A cache, and the versions that were loaded for it. */
function loading(load: () => Promise<Plan> = async () => plan) {
  const loads: string[] = [];
  const cache = new PlanCache((workflowId, version) => {
    loads.push(`${workflowId}@${version}`);
    return load();
  });
  return { cache, loads };
}

describe('a plan', () => {
  it('is made once, also for those who ask at the same time', async () => {
    const { cache, loads } = loading();
    expect(await Promise.all([cache.planOf('wf_1', 1), cache.planOf('wf_1', 1)])).toEqual([plan, plan]);
    await cache.planOf('wf_1', 1);
    expect(loads).toEqual(['wf_1@1']);
  });

  it('is another one for another version or workflow', async () => {
    const { cache, loads } = loading();
    await cache.planOf('wf_1', 1);
    await cache.planOf('wf_1', 2);
    await cache.planOf('wf_2', 1);
    expect(loads).toEqual(['wf_1@1', 'wf_1@2', 'wf_2@1']);
  });

  it('that could not be loaded is tried again by the next who asks', async () => {
    let isAway = true;
    const { cache, loads } = loading(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(plan)));
    await expect(cache.planOf('wf_1', 1)).rejects.toThrow('away');
    isAway = false;
    expect(await cache.planOf('wf_1', 1)).toBe(plan);
    expect(loads).toHaveLength(2);
  });

  it('is made again when many others were asked for since', async () => {
    const { cache, loads } = loading();
    for (let version = 1; version <= 501; version++) await cache.planOf('wf_1', version);
    await cache.planOf('wf_1', 501);
    expect(loads).toHaveLength(501);
    await cache.planOf('wf_1', 1);
    expect(loads).toHaveLength(502);
  });
});
