import type { Api, Execution } from './api.ts';
import type { Sink } from './sink.ts';
import { until } from './until.ts';

export interface Acceptance {
  readonly executionId: string;
  readonly orderId: string;
}

/**
 * Calls a webhook `total` times, `together` at once, and does `meanwhile` when half of them were answered. A call that
 * fails, or is answered otherwise than 202, was not accepted and does not count; its order is sent again, as senders do.
 */
export async function callThrough(
  send: (orderId: string) => Promise<{ status: number; body: unknown }>,
  { total, together, meanwhile }: { total: number; together: number; meanwhile: () => Promise<void> },
): Promise<Acceptance[]> {
  const accepted: Acceptance[] = [];
  let next = 0;
  let fault: Promise<void> | undefined;
  const slot = async (): Promise<void> => {
    while (next < total) {
      const orderId = `order-${next++}`;
      accepted.push({ orderId, executionId: await untilAccepted(() => send(orderId)) });
      if (accepted.length >= total / 2) fault ??= meanwhile();
    }
  };
  await Promise.all(Array.from({ length: together }, slot));
  await fault;
  return accepted;
}

function untilAccepted(send: () => Promise<{ status: number; body: unknown }>): Promise<string> {
  return until(
    'the call is accepted',
    async () => {
      const reply = await send().catch(() => undefined);
      return reply?.status === 202 ? (reply.body as { executionId: string }).executionId : undefined;
    },
    60_000,
  );
}

/** Every accepted call has exactly one finished execution, each of its nodes one result, and the sink saw its order. */
export async function expectAllFinishedOnce(api: Api, sink: Sink, accepted: readonly Acceptance[]): Promise<void> {
  const ids = accepted.map((one) => one.executionId);
  expect(new Set(ids).size).toBe(accepted.length);
  const finished = await until(
    'every accepted call has a finished execution',
    async () => {
      const all = await api.executions().catch((): Execution[] => []);
      const done = new Set(all.filter((one) => one.status === 'succeeded').map((one) => one.id));
      return ids.every((id) => done.has(id)) ? all : undefined;
    },
    60_000,
  );
  expect(new Set(finished.map((one) => one.id)).size).toBe(finished.length);
  const seen = new Set(sink.calls.map((call) => (JSON.parse(call.body) as { id: string }).id));
  for (const { orderId } of accepted) expect(seen).toContain(orderId);
  for (const { executionId } of accepted.filter((_, n) => n % 10 === 0)) await expectOneResultEach(api, executionId);
}

async function expectOneResultEach(api: Api, executionId: string): Promise<void> {
  const events = await api.events(executionId);
  const results = events.filter((event) => event.type === 'NodeSucceeded').map((event) => event.data.nodeId);
  expect(results).toEqual(['big', 'shape', 'notify']);
  expect(events.filter((event) => event.type === 'ExecutionSucceeded')).toHaveLength(1);
  expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
}
