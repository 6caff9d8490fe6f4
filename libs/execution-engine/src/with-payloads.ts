import type { ExecutionEvent, ExecutionStarted, Kept, KeptLoop, KeptResult } from './events.ts';
import type { NodeLoopStarted } from './node-events.ts';
import type { OwnPayload, Payload } from './payload.ts';

type Change = (payload: OwnPayload) => OwnPayload;

/** The event with another payload in place of each that it has; all else as it is. */
export function withPayloads(event: ExecutionEvent, change: Change): ExecutionEvent {
  switch (event.type) {
    case 'ExecutionStarted':
      return { type: event.type, data: changedStart(event.data, change) };
    case 'ResultsKept':
      return { type: event.type, data: changedKept(event.data, change) };
    case 'NodeSucceeded':
      return { type: event.type, data: { ...event.data, output: changedOutput(event.data.output, change) } };
    case 'SignalReceived':
      return { type: event.type, data: { ...event.data, payload: change(event.data.payload) } };
    case 'NodeLoopStarted':
      return { type: event.type, data: changedLoopStart(event.data, change) };
    case 'NodeBatchEnded':
      return { type: event.type, data: { ...event.data, results: change(event.data.results) } };
    default:
      return event;
  }
}

/** The payloads of an event, in no order that means anything. */
export function payloadsOf(event: ExecutionEvent): readonly OwnPayload[] {
  const payloads: OwnPayload[] = [];
  withPayloads(event, (payload) => {
    payloads.push(payload);
    return payload;
  });
  return payloads;
}

function changedStart(data: ExecutionStarted['data'], change: Change): ExecutionStarted['data'] {
  const changed = { ...data, input: change(data.input) };
  return data.pins ? { ...changed, pins: mapped(data.pins, change) } : changed;
}

function changedLoopStart(data: NodeLoopStarted['data'], change: Change): NodeLoopStarted['data'] {
  const { resumes, ...rest } = data;
  const changed = { ...rest, items: change(data.items) };
  return resumes ? { ...changed, resumes: { ...resumes, results: resumes.results.map(change) } } : changed;
}

/** What only passes through a node stays the reference that it is: the value stands with the node that gave it. */
function changedOutput(output: Payload, change: Change): Payload {
  return 'sameAs' in output ? output : change(output);
}

function changedKept({ nodes, loops, signals }: Kept, change: Change): Kept {
  const changedResult = (result: KeptResult): KeptResult =>
    result.status === 'skipped' ? result : { ...result, output: change(result.output) };
  const changedLoop = (loop: KeptLoop): KeptLoop => ({
    ...loop,
    items: change(loop.items),
    results: loop.results.map(change),
  });
  return {
    nodes: mapped(nodes, changedResult),
    ...(loops ? { loops: mapped(loops, changedLoop) } : {}),
    ...(signals ? { signals: signals.map(({ name, payload }) => ({ name, payload: change(payload) })) } : {}),
  };
}

function mapped<Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
