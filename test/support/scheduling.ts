import { schedulerView, type SchedulerView } from '../../src/schedules/scheduler-view.ts';
import { call, type Api } from './api.ts';
import { ScaledMillrace } from './scaled-millrace.ts';
import { until } from './until.ts';

const REST = { MILLRACE_ROLES: 'api,worker,projector' };
const SCHEDULER = { MILLRACE_ROLES: 'scheduler' };

/** All but the scheduling in `rest`, and one scheduler. */
export function startWithScheduler(env: Readonly<Record<string, string>> = {}) {
  return ScaledMillrace.startParts({ rest: REST, scheduler: { ...env, ...SCHEDULER } });
}

/** All but the scheduling in `rest`, a scheduler that leads, as it was there first, and one that stands by. */
export function startWithTwoSchedulers({ first = {} }: { readonly first?: Readonly<Record<string, string>> } = {}) {
  return ScaledMillrace.startParts({ rest: REST, first: { ...first, ...SCHEDULER }, second: SCHEDULER });
}

/** Wall time is what passes: for faults that last, while no log shows anything. */
export async function untilPassed(ms: number): Promise<void> {
  const end = performance.now() + ms;
  await until(`${ms} ms are over`, async () => (performance.now() >= end ? true : undefined), 2 * ms);
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

export async function untilNobodyLeads(api: Api): Promise<void> {
  await until('nobody leads the scheduling', async () => ((await leaderAt(api)) === null ? true : undefined));
}

/** Slots that this process has fired since it was started. */
export async function firedBy(url: string): Promise<number> {
  const { text } = await call(url, 'GET', '/metrics');
  return Number(/^millrace_schedule_slots_total\{outcome="fired"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

/** By how many seconds this process found its clock ahead of that of NATS. */
export async function clockAheadOf(url: string): Promise<number> {
  const { text } = await call(url, 'GET', '/metrics');
  return Number(/^millrace_scheduler_clock_ahead_seconds (\S+)/m.exec(text)?.[1]);
}
