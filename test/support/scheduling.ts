import type { JsonObject } from '#libs/kernel';
import { proofView, type ProofView } from '../../src/schedules/proof-view.ts';
import { scheduleView, type ScheduleView } from '../../src/schedules/schedule-view.ts';
import { schedulerView, type SchedulerView } from '../../src/schedules/scheduler-view.ts';
import { call, type Api, type Execution } from './api.ts';
import { ScaledMillrace } from './scaled-millrace.ts';
import { until } from './until.ts';

export type SlotView = ProofView['slots'][number];
export type Outcome = NonNullable<SlotView['outcome']>;

const REST = { MILLRACE_ROLES: 'api,worker,projector' };
const SCHEDULER = { MILLRACE_ROLES: 'scheduler' };

/** All but the scheduling in `rest`, and one scheduler. */
export function startWithScheduler(env: Readonly<Record<string, string>> = {}) {
  return ScaledMillrace.startParts({ rest: REST, scheduler: { ...env, ...SCHEDULER } });
}

/** All but the scheduling in `rest`, a scheduler that leads, as it was there first, and one that stands by. */
export function startWithTwoSchedulers() {
  return ScaledMillrace.startParts({ rest: REST, first: SCHEDULER, second: SCHEDULER });
}

/** A workflow with schedules by the ids of their nodes, and what each of their executions does. */
export function scheduledGraph(
  configs: Readonly<Record<string, JsonObject>>,
  work: JsonObject = { type: 'set', config: { values: { at: '{{ trigger.scheduledFor }}' } } },
): object {
  const ids = Object.keys(configs);
  const triggers = ids.map((id) => ({ id, type: 'trigger.schedule', config: configs[id] }));
  const connections = ids.map((from) => ({ from, to: 'work' }));
  return { name: 'Scheduled', nodes: [...triggers, { id: 'work', ...work }], connections };
}

export interface SlotCounts {
  readonly fired: number;
  readonly skipped: number;
  readonly coalesced: number;
  readonly missed: number;
}

/** A workflow with schedules, as the API shows it and nothing else. */
export class ScheduledWorkflow {
  readonly #schedules = new Map<string, string>();

  private constructor(
    private readonly api: Api,
    readonly id: string,
    readonly nodeIds: readonly string[],
  ) {}

  /** Activates it; comes back when its schedules are armed. */
  static async start(api: Api, configs: Readonly<Record<string, JsonObject>>, work?: JsonObject) {
    const id = await api.create(scheduledGraph(configs, work));
    const workflow = new ScheduledWorkflow(api, id, Object.keys(configs));
    await workflow.turn('activate');
    await workflow.untilArmed();
    return workflow;
  }

  async turn(what: 'activate' | 'deactivate'): Promise<void> {
    expect((await this.api.send('POST', `/v1/workflows/${this.id}/${what}`)).status).toBe(200);
  }

  /** Publishes a version and activates it. */
  async change(configs: Readonly<Record<string, JsonObject>>): Promise<void> {
    const path = `/v1/workflows/${this.id}`;
    expect((await this.api.send('PUT', path, { json: scheduledGraph(configs) })).status).toBe(200);
    await this.turn('activate');
  }

  async steer(nodeId: string, what: 'pause' | 'resume'): Promise<void> {
    expect((await this.api.send('POST', `/v1/schedules/${this.scheduleId(nodeId)}/${what}`)).status).toBe(200);
  }

  async untilArmed(): Promise<void> {
    const armed = await until('the schedules are armed', async () => {
      const views = await this.schedules();
      return views.length === this.nodeIds.length ? views : undefined;
    });
    for (const { nodeId, id } of armed) this.#schedules.set(nodeId, id);
  }

  /** Those that are armed. */
  async schedules(): Promise<readonly ScheduleView[]> {
    const { body } = await this.api.send('GET', `/v1/schedules?workflowId=${this.id}`);
    return scheduleView.array().parse((body as { items: unknown }).items);
  }

  async proof(nodeId: string, span: { readonly from?: string; readonly to?: string } = {}): Promise<ProofView> {
    const query = new URLSearchParams(span).toString();
    const reply = await this.api.send('GET', `/v1/schedules/${this.scheduleId(nodeId)}/proof?${query}`);
    expect(reply).toMatchObject({ status: 200 });
    return proofView.parse(reply.body);
  }

  /** Waits until so many more slots of each schedule are fired. */
  async untilFired(more: number, withinMs?: number): Promise<void> {
    for (const [nodeId, before] of await this.#fired()) {
      const what = `${more} more slots of ${nodeId} are fired`;
      await until(what, async () => ((await this.#firedOf(nodeId)) >= before + more ? true : undefined), withinMs);
    }
  }

  /**
   * Deactivates the workflow and waits until all that was due has its outcome. Then each proof matches, and the executions
   * of the workflow are those that the proofs name and no others, each of its slot. Gives the slots of each schedule.
   */
  async proven(to?: string): Promise<ReadonlyMap<string, readonly SlotView[]>> {
    await this.turn('deactivate');
    await until('the schedules are disarmed', async () => ((await this.schedules()).length === 0 ? true : undefined));
    const proofs = new Map<string, readonly SlotView[]>();
    for (const nodeId of this.nodeIds) proofs.set(nodeId, (await this.#settledProof(nodeId, to)).slots);
    await this.#expectExecutionsOf(proofs);
    return proofs;
  }

  async #settledProof(nodeId: string, to: string | undefined): Promise<ProofView> {
    const proof = await until(`each slot of ${nodeId} has its outcome`, async () => {
      const found = await this.proof(nodeId, to === undefined ? {} : { to });
      return found.counts.pending === 0 && found.slots.every(({ outcome }) => outcome !== null) ? found : undefined;
    });
    expect(proof).toMatchObject({ matches: true, problems: [] });
    const { expected, fired, skipped, coalesced, missed } = proof.counts;
    expect(fired + skipped + coalesced + missed).toBe(expected);
    return proof;
  }

  async #expectExecutionsOf(proofs: ReadonlyMap<string, readonly SlotView[]>): Promise<void> {
    const expected = [...proofs].flatMap(([nodeId, slots]) =>
      slots
        .filter(({ outcome }) => outcome === 'fired')
        .map(({ executionId, slot, workflowVersion }) => [executionId, nodeId, slot, workflowVersion] as const),
    );
    const told = (one: Execution) => [one.id, one.trigger.nodeId, scheduledFor(one), one.workflowVersion] as const;
    const executions = await until('the executions are over', async () => {
      const all = await this.executions();
      const isSettled = all.length >= expected.length && all.every(({ finishedAt }) => finishedAt !== null);
      return isSettled ? all : undefined;
    });
    const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(' ')).toSorted();
    expect(sorted(executions.map(told))).toEqual(sorted(expected));
  }

  async executions(): Promise<readonly Execution[]> {
    return (await this.api.executions()).filter(({ workflowId }) => workflowId === this.id);
  }

  scheduleId(nodeId: string): string {
    const id = this.#schedules.get(nodeId);
    if (id === undefined) throw new Error(`${nodeId} has no schedule`);
    return id;
  }

  async #fired(): Promise<ReadonlyMap<string, number>> {
    const counts = this.nodeIds.map(async (nodeId) => [nodeId, await this.#firedOf(nodeId)] as const);
    return new Map(await Promise.all(counts));
  }

  async #firedOf(nodeId: string): Promise<number> {
    return (await this.proof(nodeId)).counts.fired;
  }
}

export function scheduledFor({ input }: Execution): unknown {
  return (input as { readonly scheduledFor?: unknown }).scheduledFor;
}

export async function leaderAt(api: Api): Promise<SchedulerView['leader']> {
  return schedulerView.parse((await api.send('GET', '/v1/scheduler')).body).leader;
}

/** Waits until that process leads. */
export async function untilLeads(api: Api, pid: number, withinMs?: number) {
  return until(
    `${pid} leads the scheduling`,
    async () => {
      const leader = await leaderAt(api);
      return leader?.holder.split(':')[1] === String(pid) ? leader : undefined;
    },
    withinMs,
  );
}

/** Slots that this process has fired since it was started. */
export async function firedBy(url: string): Promise<number> {
  const { text } = await call(url, 'GET', '/metrics');
  return Number(/^millrace_schedule_slots_total\{outcome="fired"\} (\d+)/m.exec(text)?.[1] ?? 0);
}
