import { createIdSource } from '../../../dist/src/platform/ids.js';
import { projectExecution } from '../../../dist/libs/read-models/src/execution-record.js';

/** What the executions of a workspace are like; the cases of `list-cases.mjs` ask for it. */
export const DAYS = 30;
/** Share of the executions of each workflow. Those of the first always succeed; the last ended ten days ago. */
export const WORKFLOW_SHARES = [0.35, 0.2, 0.15, 0.1, 0.05, 0.03, 0.0199, 0.0001, 0.1];
const RETIRED = WORKFLOW_SHARES.length - 1;
const RETIRED_BEFORE_DAY = 20;
export const TRIGGERS = ['trigger.webhook', 'trigger.schedule', 'trigger.manual'];
const TRIGGER_SHARES = [0.7, 0.25, 0.05];
const STATUS_SHARES = {
  succeeded: 0.9,
  failed: 0.075,
  cancelled: 0.01,
  timedOut: 0.01,
  waiting: 0.004,
  running: 0.001,
};
const CITIES = ['Vienna', 'Graz', 'Linz', 'Salzburg', 'Innsbruck', 'Klagenfurt', 'Villach', 'Wels'];
const CUSTOMERS = 50_000;

/** A sequence of numbers in [0, 1) that is the same in every run (mulberry32). */
export function createChance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Records of executions from the oldest to the newest, evenly over the days before `endMs`, of the workspaces in turn.
 * @param {{total: number, endMs: number, workspaces: {id: string, workflowIds: string[]}[]}} options
 */
export function* sampleExecutions({ total, endMs, workspaces }) {
  const chance = createChance(20_261_124);
  const clock = { now: 0, nowMs: () => clock.now };
  const ids = createIdSource(clock);
  const startMs = endMs - DAYS * 86_400_000;
  for (let number = 0; number < total; number += 1) {
    const progress = number / total;
    clock.now = Math.floor(startMs + progress * (endMs - startMs));
    const { id: workspaceId, workflowIds } = workspaces[number % workspaces.length];
    const sample = draw({ chance, day: progress * DAYS, number });
    yield recordOf({
      ...sample,
      id: ids.newId('execution'),
      workspaceId,
      workflowId: workflowIds[sample.workflow],
      startMs: clock.now,
    });
  }
}

function draw({ chance, day, number }) {
  const drawn = pick(WORKFLOW_SHARES, chance());
  const workflow = drawn === RETIRED && day >= RETIRED_BEFORE_DAY ? 0 : drawn;
  const status =
    workflow === 0 ? 'succeeded' : Object.keys(STATUS_SHARES)[pick(Object.values(STATUS_SHARES), chance())];
  const trigger = TRIGGERS[workflow === 0 ? 0 : pick(TRIGGER_SHARES, chance())];
  return {
    workflow,
    status,
    trigger,
    input: inputOf({ chance, number }),
    durationMs: Math.floor(chance() * 2_000) + 5,
  };
}

/** Words that all have, one in eight, one in a hundred, one in a thousand, one in fifty thousand, and one alone. */
function inputOf({ chance, number }) {
  const customer = Math.floor(chance() * CUSTOMERS);
  const note = chance() < 0.01 ? 'express delivery' : chance() < 0.001 ? 'fragile goods' : 'leave at the door';
  return {
    body: {
      orderId: `A-${number}`,
      amount: Math.floor(chance() * 100_000) / 100,
      currency: 'EUR',
      customer: { email: `customer${customer}@example.com`, city: CITIES[Math.floor(chance() * CITIES.length)] },
      items: [{ sku: `S-${Math.floor(chance() * 1_000)}`, quantity: 1 + Math.floor(chance() * 9) }],
      note,
    },
  };
}

/** As the projector folds it: the events of webhook → if → set → HTTP request. */
function recordOf({ id, workspaceId, workflowId, startMs, status, trigger, input, workflow, durationMs }) {
  const events = eventsOf({ workspaceId, workflowId, status, trigger, input, workflow });
  const at = (index) => new Date(startMs + Math.floor((index / events.length) * durationMs)).toISOString();
  const record = events.reduce(
    (before, event, index) => projectExecution(before, event, { executionId: id, version: index + 1, at: at(index) }),
    undefined,
  );
  // No event ends an execution so yet.
  const isOther = status === 'cancelled' || status === 'timedOut';
  return isOther ? { ...record, status, finishedAt: at(events.length) } : record;
}

function eventsOf({ workspaceId, workflowId, status, trigger, input, workflow }) {
  const of = (type, data) => ({ type, data });
  const { orderId } = input.body;
  const end = endNodeOf(workflow);
  const started = of('ExecutionStarted', {
    ...{ workspaceId, workflowId, workflowVersion: 1, input: { value: input }, priority: 'normal' },
    trigger: { type: trigger, nodeId: 'order' },
  });
  const succeeded = (nodeId, output, leavesBy = ['main']) =>
    of('NodeSucceeded', { nodeId, attempt: 1, output, leavesBy });
  const begun = [
    started,
    succeeded('big', { sameAs: 'order' }, ['true']),
    succeeded('shape', { value: { id: orderId, text: `Order ${orderId} is big` } }),
    of('NodeScheduled', { nodeId: end, attempt: 1, executor: 'http' }),
  ];
  const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: { ok: true } };
  const error = { code: 'HTTP_STATUS', message: `the server answered 503 to order ${orderId}` };
  if (status === 'succeeded')
    return [...begun, succeeded(end, { value: answer }), of('ExecutionSucceeded', { endNodes: [end] })];
  if (status === 'waiting')
    return [...begun, of('NodeRetryScheduled', { nodeId: end, attempt: 1, error, dueAt: '2099-01-01T00:00:00.000Z' })];
  if (status !== 'failed') return begun;
  const failed = of('NodeFailed', { nodeId: end, attempt: 1, error, handling: 'fail' });
  return [...begun, failed, of('ExecutionFailed', { error: { ...error, nodeId: end, attempt: 1 } })];
}

/** The node that posts has another name in each workflow. */
export function endNodeOf(workflow) {
  return `notify${workflow}`;
}

function pick(shares, chance) {
  let sum = 0;
  const index = shares.findIndex((share) => (sum += share) > chance);
  return index < 0 ? 0 : index;
}
