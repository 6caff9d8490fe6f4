import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { liveSubjectOf } from '#libs/event-store-jetstream';
import { Api, type EventItem, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { allOf, eventsIn, type ServerSentEvent } from '../support/server-sent-events.ts';
import { until } from '../support/until.ts';

describe("an execution's stream of events", () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  it('gives the history so far, then what happens, and ends with the execution', async () => {
    const id = await waitingExecution(api);
    const answer = await stream(id, { of: api });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsIn(answer);
    const first = (await events.next()).value as ServerSentEvent;
    expect(first).toMatchObject({ id: '1', event: 'ExecutionStarted' });
    await approve(api, id);
    const streamed = [first, ...(await allOf(events))];
    expect(streamed).toEqual(asStreamed(await api.events(id)));
    expect(streamed.at(-1)).toMatchObject({ event: 'ExecutionSucceeded' });
  });

  it('goes on after the event that a caller has, and says when there is nothing after it', async () => {
    const id = await waitingExecution(api);
    const before = await api.events(id);
    const answer = await stream(id, { of: api, after: String(before.length) });
    await approve(api, id);
    const after = await allOf(eventsIn(answer));
    const history = await api.events(id);
    expect(after).toEqual(asStreamed(history).slice(before.length));
    const again = await stream(id, { of: api, after: String(history.length - 1) });
    expect(await allOf(eventsIn(again))).toEqual(asStreamed(history).slice(-1));
    expect((await stream(id, { of: api, after: String(history.length) })).status).toBe(204);
  });

  it('answers at once where there is nothing new, and says so', async () => {
    const id = await waitingExecution(api);
    const answer = await stream(id, { of: api, after: String((await api.events(id)).length) });
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('retry: 1000\n\n: nothing new\n\n');
    await reader?.cancel();
  });

  it('makes good from the log what it did not hear', async () => {
    await using own = await startMillrace();
    const elsewhere = await Api.register(own.url);
    const id = await waitingExecution(elsewhere);
    const events = eventsIn(await stream(id, { of: elsewhere }));
    await events.next();
    const nats = await connect({ servers: own.nats.url });
    const manager = await jetstreamManager(nats);
    for await (const { config } of manager.streams.list('executions.*.*'))
      await manager.streams.update(config.name, { republish: { src: 'executions.none', dest: 'live.none' } });
    await approve(elsewhere, id);
    await elsewhere.ended(id);
    // Heard in place of what was missed: it does not follow on what the caller has.
    const late = { id: 'late', aggregateId: id, firstVersion: 99, at: '2026-11-28T10:00:00.000Z' };
    nats.publish(liveSubjectOf(id), `${JSON.stringify(late)}\n[{"type":"ExecutionCancelRequested","data":{}}]`);
    const rest = await allOf(events);
    expect(rest).toEqual(asStreamed(await elsewhere.events(id)).slice(1));
    await nats.close();
  });

  it('is refused like the execution itself', async () => {
    const id = await waitingExecution(api);
    expect((await stream(id, { of: api, after: 'x' })).status).toBe(400);
    expect((await stream('ex_nobody', { of: api })).status).toBe(404);
    const stranger = await Api.register(millrace.url);
    expect((await stream(id, { of: stranger })).status).toBe(404);
  });

  it('ends with the process, to be taken up at another', async () => {
    const own = await startMillrace();
    const elsewhere = await Api.register(own.url);
    const events = eventsIn(await stream(await waitingExecution(elsewhere), { of: elsewhere }));
    await events.next();
    await own[Symbol.asyncDispose]();
    expect((await allOf(events)).at(-1)).toMatchObject({ event: 'NodeWaiting' });
  });
});

/** It waits for the signal `approved`. */
async function waitingExecution(api: Api): Promise<string> {
  const wait = { type: 'wait.signal', config: { name: 'approved' } };
  const shape = { type: 'set', config: { values: { seen: '{{ nodes.wait.output }}' } } };
  const workflowId = await api.create(manualGraph({ wait, shape }, ['start>wait', 'wait>shape']));
  const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: 1 } });
  const { executionId } = body as { executionId: string };
  await until('it waits', async () => {
    const { status } = (await api.send('GET', `/v1/executions/${executionId}`)).body as Execution;
    return status === 'waiting' ? true : undefined;
  });
  return executionId;
}

function stream(id: string, { of, after }: { readonly of: Api; readonly after?: string }): Promise<Response> {
  const headers = { ...of.authorization, ...(after === undefined ? {} : { 'last-event-id': after }) };
  return fetch(`${of.base}/v1/executions/${id}/stream`, { headers });
}

async function approve(api: Api, id: string): Promise<void> {
  const { status } = await api.send('POST', `/v1/executions/${id}/signals/approved`, { json: { by: 'Ada' } });
  expect(status).toBe(202);
}

function asStreamed(events: readonly EventItem[]): ServerSentEvent[] {
  return events.map((event) => ({ id: String(event.version), event: event.type, data: JSON.stringify(event) }));
}
