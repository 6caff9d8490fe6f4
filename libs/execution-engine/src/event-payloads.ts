import type { ExecutionEvent, ExecutionStarted, Kept, KeptLoop, KeptResult } from './events.ts';
import type { NodeLoopStarted } from './node-events.ts';
import type { OwnPayload } from './payload.ts';

type Change = (payload: OwnPayload) => OwnPayload;

/** The event with each value that it carries, or refers to in the payload store, as `change` gives it. */
export function mapPayloads(event: ExecutionEvent, change: Change): ExecutionEvent {
  switch (event.type) {
    case 'ExecutionStarted':
      return mapStart(event, change);
    case 'ResultsKept':
      return { type: event.type, data: mapKept(event.data, change) };
    case 'NodeSucceeded': {
      const { output } = event.data;
      return 'sameAs' in output ? event : { type: event.type, data: { ...event.data, output: change(output) } };
    }
    case 'SignalReceived':
      return { type: event.type, data: { ...event.data, payload: change(event.data.payload) } };
    case 'NodeLoopStarted':
      return { type: event.type, data: mapLoopStart(event.data, change) };
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

function mapStart({ type, data }: ExecutionStarted, change: Change): ExecutionStarted {
  const { input, files, pins, ...rest } = data;
  return {
    type,
    data: {
      ...rest,
      input: change(input),
      ...(files ? { files: mapped(files, change) } : {}),
      ...(pins ? { pins: mapped(pins, change) } : {}),
    },
  };
}

function mapLoopStart({ resumes, ...data }: NodeLoopStarted['data'], change: Change): NodeLoopStarted['data'] {
  const started = { ...data, items: change(data.items) };
  return resumes ? { ...started, resumes: { ...resumes, results: resumes.results.map(change) } } : started;
}

function mapKept({ nodes, loops, signals }: Kept, change: Change): Kept {
  return {
    nodes: mapped(nodes, (result) => mapResult(result, change)),
    ...(loops ? { loops: mapped(loops, (loop) => mapLoop(loop, change)) } : {}),
    ...(signals ? { signals: signals.map(({ name, payload }) => ({ name, payload: change(payload) })) } : {}),
  };
}

function mapLoop(loop: KeptLoop, change: Change): KeptLoop {
  return { ...loop, items: change(loop.items), results: loop.results.map(change) };
}

function mapResult(result: KeptResult, change: Change): KeptResult {
  return result.status === 'skipped' ? result : { ...result, output: change(result.output) };
}

function mapped<Value>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
