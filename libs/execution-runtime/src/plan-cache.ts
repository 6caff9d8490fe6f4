import { LRUCache } from 'lru-cache';
import type { PlanSource } from '#libs/execution-engine';
import type { Plan } from '#libs/workflow-definition';

const MAX_PLANS = 500;

/** Plans by workflow version. A version never changes, so a plan once made is right for ever; only memory bounds it. */
export class PlanCache implements PlanSource {
  readonly #plans = new LRUCache<string, Promise<Plan>>({ max: MAX_PLANS });

  constructor(private readonly load: (workflowId: string, version: number) => Promise<Plan>) {}

  planOf(workflowId: string, version: number): Promise<Plan> {
    const key = `${workflowId}@${version}`;
    const present = this.#plans.get(key);
    if (present) return present;
    const plan = this.load(workflowId, version);
    this.#plans.set(key, plan);
    // A failed load must not stay: the next one who asks tries again.
    plan.catch(() => this.#plans.delete(key));
    return plan;
  }
}
