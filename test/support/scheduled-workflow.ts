import type { JsonObject } from '#libs/kernel';
import { proofView, type ProofView } from '../../src/schedules/proof-view.ts';
import { scheduleView, type ScheduleView } from '../../src/schedules/schedule-view.ts';
import type { Api, Execution, Reply } from './api.ts';
import { until } from './until.ts';

export type SlotView = ProofView['slots'][number];
export type ScheduleConfigs = Readonly<Record<string, JsonObject>>;

/** All slots of these are the same, and what becomes of those that nobody fires in time is not. */
export const EACH_MISFIRE = {
  all: { everyMs: 1000, misfire: 'runAll' },
  once: { cron: '* * * * * *', misfire: 'runOnce' },
  none: { everyMs: 1000, misfire: 'skip' },
};

const SET: JsonObject = { type: 'set', config: { values: { at: '{{ trigger.scheduledFor }}' } } };

/** Schedules by the ids of their nodes, and what each of their executions does. */
function scheduledGraph(configs: ScheduleConfigs, work: JsonObject): object {
  const ids = Object.keys(configs);
  const triggers = ids.map((id) => ({ id, type: 'trigger.schedule', config: configs[id] }));
  const connections = ids.map((from) => ({ from, to: 'work' }));
  return { name: 'Scheduled', nodes: [...triggers, { id: 'work', ...work }], connections };
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
  static async start(api: Api, configs: ScheduleConfigs, work: JsonObject = SET): Promise<ScheduledWorkflow> {
    const id = await api.create(scheduledGraph(configs, work));
    const workflow = new ScheduledWorkflow(api, id, Object.keys(configs));
    await workflow.turn('activate');
    await workflow.untilArmed();
    return workflow;
  }

  async turn(what: 'activate' | 'deactivate'): Promise<void> {
    expectStored(await this.api.send('POST', `/v1/workflows/${this.id}/${what}`));
  }

  /** Publishes a version, of the same schedules by other terms, and activates it. */
  async change(configs: ScheduleConfigs): Promise<void> {
    const path = `/v1/workflows/${this.id}`;
    const tag = (await this.api.send('GET', path)).headers.get('etag') ?? '';
    const change = { json: scheduledGraph(configs, SET), headers: { 'if-match': tag } };
    expectStored(await this.api.send('PUT', path, change));
    await this.turn('activate');
  }

  async steer(nodeId: string, what: 'pause' | 'resume'): Promise<void> {
    expect((await this.api.send('POST', `/v1/schedules/${this.#scheduleId(nodeId)}/${what}`)).status).toBe(200);
  }

  async untilArmed(): Promise<void> {
    const armed = await until('the schedules are armed', async () => {
      const views = await this.#schedulesArmed();
      return views.length === this.nodeIds.length ? views : undefined;
    });
    for (const { nodeId, id } of armed) this.#schedules.set(nodeId, id);
  }

  async proof(nodeId: string, span: { readonly from?: string; readonly to?: string } = {}): Promise<ProofView> {
    const from = new Date(Date.now() - DAY_MS).toISOString();
    const query = new URLSearchParams({ from, ...span }).toString();
    const reply = await this.api.send('GET', `/v1/schedules/${this.#scheduleId(nodeId)}/proof?${query}`);
    expect(reply).toMatchObject({ status: 200 });
    return proofView.parse(reply.body);
  }

  /** Waits until so many more slots of each schedule are fired. */
  async untilFired(more: number): Promise<void> {
    const before = await this.fired();
    for (const nodeId of this.nodeIds) {
      const wanted = (before[nodeId] ?? 0) + more;
      await until(`${wanted} slots of ${nodeId} are fired`, async () =>
        (await this.proof(nodeId, { to: IN_TWO_HOURS() })).counts.fired >= wanted ? true : undefined,
      );
    }
  }

  /** Waits until a slot of each schedule is fired that belongs to that version. */
  async untilVersionFires(version: number): Promise<void> {
    for (const nodeId of this.nodeIds) {
      await until(`a slot of ${nodeId} of version ${version} is fired`, async () => {
        const { slots } = await this.proof(nodeId);
        return slots.find(({ workflowVersion, outcome }) => workflowVersion === version && outcome === 'fired');
      });
    }
  }

  /** How many slots of each schedule are fired, those of hours to come included. */
  async fired(): Promise<Readonly<Record<string, number>>> {
    const counts = this.nodeIds.map(async (nodeId) => {
      const { counts } = await this.proof(nodeId, { to: IN_TWO_HOURS() });
      return [nodeId, counts.fired] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  /**
   * Deactivates the workflow and waits until all that was due has its outcome. Then each proof matches, and the executions
   * of the workflow are those that the proofs name and no others, each of its slot. Gives the slots of each schedule.
   */
  async proven(): Promise<ReadonlyMap<string, readonly SlotView[]>> {
    await this.turn('deactivate');
    await until('the schedules are disarmed', async () =>
      (await this.#schedulesArmed()).length === 0 ? true : undefined,
    );
    const proofs = new Map<string, readonly SlotView[]>();
    for (const nodeId of this.nodeIds) proofs.set(nodeId, await this.#settledSlots(nodeId));
    await this.#expectExecutionsOf(proofs);
    return proofs;
  }

  /** All of the workflow, as the list has them. */
  async executions(): Promise<readonly Execution[]> {
    return (await this.api.executions()).filter(({ workflowId }) => workflowId === this.id);
  }

  async #settledSlots(nodeId: string): Promise<readonly SlotView[]> {
    const proof = await until(`each slot of ${nodeId} has its outcome`, async () => {
      const found = await this.proof(nodeId, { to: IN_TWO_HOURS() });
      const isSettled = found.slots.every(({ outcome }) => outcome !== null && outcome !== 'pending');
      return isSettled ? found : undefined;
    });
    expect(proof).toMatchObject({ matches: true, problems: [] });
    const { expected, fired, skipped, coalesced, missed } = proof.counts;
    expect(fired + skipped + coalesced + missed).toBe(expected);
    return proof.slots;
  }

  async #expectExecutionsOf(proofs: ReadonlyMap<string, readonly SlotView[]>): Promise<void> {
    const expected = [...proofs].flatMap(([nodeId, slots]) => executionsWanted(nodeId, slots));
    const executions = await until('the executions are over', async () => {
      const all = await this.executions();
      const isSettled = all.length >= expected.length && all.every(({ finishedAt }) => finishedAt !== null);
      return isSettled ? all : undefined;
    });
    expect(executions.map(asWanted).toSorted()).toEqual(expected.toSorted());
  }

  /** Those of the version that is active. */
  async #schedulesArmed(): Promise<readonly ScheduleView[]> {
    const { body } = await this.api.send('GET', `/v1/schedules?workflowId=${this.id}`);
    return scheduleView.array().parse((body as { items: unknown }).items);
  }

  #scheduleId(nodeId: string): string {
    const id = this.#schedules.get(nodeId);
    if (id === undefined) throw new Error(`${nodeId} has no schedule`);
    return id;
  }
}

/** 202: not visible yet, as nobody is there who arms schedules, or is busy. */
function expectStored({ status }: Reply): void {
  expect([200, 202]).toContain(status);
}

/** A scheduler whose clock is ahead has decided slots that are to come for everybody else. */
const DAY_MS = 24 * 60 * 60 * 1000;
const IN_TWO_HOURS = (): string => new Date(Date.now() + 2 * 60 * 60 * 1000).toISOString();

/** One line for each slot that was fired; `missed` counts what nobody fired in time since the one before. */
function executionsWanted(nodeId: string, slots: readonly SlotView[]): readonly string[] {
  const lines: string[] = [];
  let missed = 0;
  for (const { outcome, executionId, slot, workflowVersion } of slots) {
    if (outcome === 'missed' || outcome === 'coalesced') missed += 1;
    if (outcome !== 'fired') continue;
    lines.push(`${executionId} of ${nodeId} ${slot}, version ${workflowVersion}, missed ${missed}`);
    missed = 0;
  }
  return lines;
}

function asWanted({ id, trigger, workflowVersion, ...execution }: Execution): string {
  const input = execution.input as { readonly scheduledFor?: string; readonly missed?: number };
  return `${id} of ${trigger.nodeId} ${input.scheduledFor}, version ${workflowVersion}, missed ${input.missed}`;
}
