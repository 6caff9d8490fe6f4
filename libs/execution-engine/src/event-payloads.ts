import type { ExecutionEvent, ExecutionStarted, KeptResult } from './events.ts';
import type { OwnPayload } from './payload.ts';

/** The event with each value that it carries, or refers to in the payload store, as `change` gives it. */
export function mapPayloads(event: ExecutionEvent, change: (payload: OwnPayload) => OwnPayload): ExecutionEvent {
  switch (event.type) {
    case 'ExecutionStarted':
      return mapStart(event, change);
    case 'ResultsKept':
      return { type: event.type, data: { nodes: mapped(event.data.nodes, (result) => mapKept(result, change)) } };
    case 'NodeSucceeded': {
      const { output } = event.data;
      return 'sameAs' in output ? event : { type: event.type, data: { ...event.data, output: change(output) } };
    }
    case 'SignalReceived':
      return { type: event.type, data: { ...event.data, payload: change(event.data.payload) } };
    case 'NodeLoopStarted':
      return { type: event.type, data: { ...event.data, items: change(event.data.items) } };
    case 'NodeBatchEnded':
      return { type: event.type, data: { ...event.data, results: change(event.data.results) } };
    default:
      return event;
  }
}

/** All that `mapPayloads` would ask about. */
export function payloadsOf(event: ExecutionEvent): readonly OwnPayload[] {
  const payloads: OwnPayload[] = [];
  mapPayloads(event, (payload) => {
    payloads.push(payload);
    return payload;
  });
  return payloads;
}

function mapStart({ type, data }: ExecutionStarted, change: (payload: OwnPayload) => OwnPayload): ExecutionStarted {
  const { input, pins, ...rest } = data;
  return { type, data: { ...rest, input: change(input), ...(pins ? { pins: mapped(pins, change) } : {}) } };
}

function mapKept(result: KeptResult, change: (payload: OwnPayload) => OwnPayload): KeptResult {
  return result.status === 'skipped' ? result : { ...result, output: change(result.output) };
}

function mapped<Value>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
