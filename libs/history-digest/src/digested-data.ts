import type { ExecutionEvent, KeptResult, OwnPayload } from '#libs/execution-engine';
import { commitmentOf, digestedPayload, type Commitment } from './commitment.ts';

/** The data of an event with a commitment in place of each payload; all else as it is. */
export function digestedDataOf(event: ExecutionEvent): unknown {
  switch (event.type) {
    case 'ExecutionStarted': {
      const { input, pins, ...rest } = event.data;
      return { ...rest, input: commitmentOf(input), ...(pins ? { pins: commitmentsOf(pins) } : {}) };
    }
    case 'ResultsKept':
      return { nodes: mapped(event.data.nodes, digestedResult) };
    case 'NodeSucceeded':
      return { ...event.data, output: digestedPayload(event.data.output) };
    case 'SignalReceived':
      return { ...event.data, payload: commitmentOf(event.data.payload) };
    case 'NodeLoopStarted':
      return { ...event.data, items: commitmentOf(event.data.items) };
    case 'NodeBatchEnded':
      return { ...event.data, results: commitmentOf(event.data.results) };
    default:
      return event.data;
  }
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
