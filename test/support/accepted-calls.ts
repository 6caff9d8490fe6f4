import { z } from 'zod';
import type { Api, EventItem, Execution } from './api.ts';
import { call } from './api.ts';
import type { Sink } from './sink.ts';
import { until } from './until.ts';

export interface Acceptance {
  readonly executionId: string;
  readonly orderId: string;
}

export interface CallPlan {
  /** What the orders' ids begin with; default `order`. */
  readonly prefix?: string;
  readonly total: number;
  /** Calls that are under way at once. */
  readonly together: number;
  /** What happens when half of them were accepted; the others go on meanwhile. */
  readonly meanwhile: () => Promise<void>;
}

const acceptedBody = z.object({ executionId: z.string() });
const notifiedBody = z.object({ id: z.string() });
const ACCEPTED_WITHIN_MS = 60_000;
const FINISHED_WITHIN_MS = 60_000;
const READ_TOGETHER = 16;
/** An attempt may be handed out, or put back while its destination has no room, as often as it takes. */
const PREPARATIONS: ReadonlySet<string> = new Set(['NodeScheduled', 'NodePostponed']);

/**
 * Sends `total` orders to a webhook and does `meanwhile` in the middle. A call that breaks, or is answered otherwise than
 * 202, was not accepted and does not count; its order is sent again, as senders do.
 */
export async function callThrough(hookUrl: string, plan: CallPlan): Promise<Acceptance[]> {
  const { prefix = 'order', total, together, meanwhile } = plan;
  const accepted: Acceptance[] = [];
  let fault: Promise<void> | undefined;
  await inSlots(
    together,
    Array.from({ length: total }, (_, n) => `${prefix}-${n}`),
    async (orderId) => {
      accepted.push({ orderId, executionId: await untilAccepted(hookUrl, orderId) });
      if (accepted.length >= total / 2) fault ??= meanwhile();
    },
  );
  await fault;
  return accepted;
}

function untilAccepted(hookUrl: string, orderId: string): Promise<string> {
  const { origin, pathname } = new URL(hookUrl);
  return until(
    `${orderId} is accepted`,
    async () => {
      const reply = await call(origin, 'POST', pathname, { json: { orderId, amount: 250 } }).catch(() => undefined);
      return reply?.status === 202 ? acceptedBody.parse(reply.body).executionId : undefined;
    },
    ACCEPTED_WITHIN_MS,
  );
}

/**
 * Every accepted call has exactly one finished execution, whose history says so once and once for each node, and the
 * sink saw its order. What was stored without that its sender could be told has finished as well.
 */
export async function expectAllFinishedOnce(api: Api, sink: Sink, accepted: readonly Acceptance[]): Promise<void> {
  const ids = new Set(accepted.map((one) => one.executionId));
  expect(ids.size).toBe(accepted.length);
  const all = await until('every execution is over', () => allWhenOver(api, ids), FINISHED_WITHIN_MS);
  expect(all.filter((one) => one.status !== 'succeeded')).toEqual([]);
  expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
  const orders = new Map(accepted.map((one) => [one.executionId, one.orderId]));
  for (const { id, input } of all) {
    if (orders.has(id)) expect(input.body).toMatchObject({ orderId: orders.get(id) });
  }
  const seen = new Set(sink.calls.map(({ body }) => notifiedBody.parse(JSON.parse(body)).id));
  expect(accepted.filter(({ orderId }) => !seen.has(orderId))).toEqual([]);
  await inSlots(READ_TOGETHER, [...ids], async (id) => expectOneResultEach(await api.events(id)));
}

/** All executions, once all that were accepted are among them and none is under way. */
async function allWhenOver(api: Api, accepted: ReadonlySet<string>): Promise<Execution[] | undefined> {
  const all = await api.executions().catch((): Execution[] => []);
  const over = all.filter((one) => one.status === 'succeeded' || one.status === 'failed');
  const known = over.filter((one) => accepted.has(one.id));
  return over.length === all.length && known.length >= accepted.size ? all : undefined;
}

function expectOneResultEach(events: readonly EventItem[]): void {
  expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
  const told = events.filter(({ type }) => !PREPARATIONS.has(type)).map(({ type, data }) => [type, data.nodeId]);
  expect(told).toEqual([
    ['ExecutionStarted', undefined],
    ['NodeSucceeded', 'big'],
    ['NodeSucceeded', 'shape'],
    ['NodeSucceeded', 'notify'],
    ['ExecutionSucceeded', undefined],
  ]);
}

async function inSlots<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
