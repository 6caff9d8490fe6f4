import type { ExecutionEvent, Kept, KeptLoop, KeptResult, NodeLoopStarted, OwnPayload } from '#libs/execution-engine';
import { commitmentOf, digestedPayload, type Commitment } from './commitment.ts';

/** The data of an event with a commitment in place of each payload; all else as it is. */
export function digestedDataOf(event: ExecutionEvent): unknown {
  switch (event.type) {
    case 'ExecutionStarted': {
      const { input, pins, ...rest } = event.data;
      return { ...rest, input: commitmentOf(input), ...(pins ? { pins: commitmentsOf(pins) } : {}) };
    }
    case 'ResultsKept':
      return digestedKept(event.data);
    case 'NodeSucceeded':
      return { ...event.data, output: digestedPayload(event.data.output) };
    case 'SignalReceived':
      return { ...event.data, payload: commitmentOf(event.data.payload) };
    case 'NodeLoopStarted':
      return digestedLoopStart(event.data);
    case 'NodeBatchEnded':
      return { ...event.data, results: commitmentOf(event.data.results) };
    default:
      return event.data;
  }
}

function digestedLoopStart({ resumes, ...data }: NodeLoopStarted['data']): unknown {
  const started = { ...data, items: commitmentOf(data.items) };
  return resumes ? { ...started, resumes: { ...resumes, results: resumes.results.map(commitmentOf) } } : started;
}

function digestedKept({ nodes, loops, signals }: Kept): unknown {
  return {
    nodes: mapped(nodes, digestedResult),
    ...(loops ? { loops: mapped(loops, digestedLoop) } : {}),
    ...(signals ? { signals: signals.map(({ name, payload }) => ({ name, payload: commitmentOf(payload) })) } : {}),
  };
}

function digestedLoop(loop: KeptLoop): unknown {
  return { ...loop, items: commitmentOf(loop.items), results: loop.results.map(commitmentOf) };
}

function digestedResult(result: KeptResult): unknown {
  return result.status === 'skipped' ? result : { ...result, output: commitmentOf(result.output) };
}

function commitmentsOf(payloads: Readonly<Record<string, OwnPayload>>): Readonly<Record<string, Commitment>> {
  return mapped(payloads, commitmentOf);
}

function mapped<Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Readonly<Record<string, Result>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
