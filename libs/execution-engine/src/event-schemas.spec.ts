import { frozenSamples } from '#libs/event-sourcing/testing';
import type { JsonValue } from '#libs/kernel';
import { executionEventSchema } from './event-schemas.ts';
import { evolve, initialState } from './evolve.ts';
import type { ExecutionEvent } from './events.ts';
import type { ExecutionState } from './state.ts';
import { eventSamples, started, succeeded } from './testing/index.ts';

/** Fails to compile when an event type is added, so that its sample is not forgotten. */
const EVENT_TYPES: Readonly<Record<ExecutionEvent['type'], true>> = {
  ExecutionStarted: true,
  NodeScheduled: true,
  NodeSucceeded: true,
  NodeRetryScheduled: true,
  NodeFailed: true,
  NodeSkipped: true,
  ExecutionSucceeded: true,
  ExecutionFailed: true,
  AdmissionGranted: true,
  AdmissionHeld: true,
  AdmissionRequested: true,
  ExecutionBegan: true,
  ExecutionCancelRequested: true,
  ExecutionCancelled: true,
  ExecutionTimedOut: true,
  NodeBatchEnded: true,
  NodeBatchScheduled: true,
  NodeBatchWaiting: true,
  NodeLoopStarted: true,
  NodePostponed: true,
  NodeStarted: true,
  NodeWaiting: true,
  ResponseDrifted: true,
  ResultsKept: true,
  SignalDelivered: true,
  SignalReceived: true,
  TimerFired: true,
  TimerRearmed: true,
};

frozenSamples('execution events', {
  folder: new URL('./testing/samples/', import.meta.url),
  types: Object.keys(EVENT_TYPES),
  parse: (stored) => executionEventSchema.parse(stored),
});

describe('stored samples', () => {
  const samples = eventSamples();

  it('fold', () => {
    const begun = evolve(initialState(), started(), '2026-11-23T10:00:00.000Z');
    const at = '2026-11-23T10:00:01.000Z';
    const parsed = samples.map(({ stored }) => executionEventSchema.parse(stored));
    // What goes on with a loop or an admission comes after its beginning.
    const beginnings = parsed.filter(({ type }) => type === 'NodeLoopStarted' || type === 'AdmissionRequested');
    const under = beginnings.reduce<ExecutionState>((state, event) => evolve(state, event, at), begun);
    for (const event of parsed) {
      expect(evolve(under, event, at).status).not.toBe('none');
    }
  });
});

describe('an event from the log', () => {
  it('loses fields that a newer writer added', () => {
    const newer = { type: 'NodeSkipped', data: { nodeId: 'a', because: 'x' }, more: 1 };
    expect(executionEventSchema.parse(newer)).toStrictEqual({ type: 'NodeSkipped', data: { nodeId: 'a' } });
  });

  it.each<JsonValue>([null, 0, false, '', [], {}, { stored: { object: 'x' } }, { sameAs: 'start' }])(
    'keeps the output %j as a value, whatever it looks like',
    (value) => {
      const event = succeeded('a', value);
      expect(executionEventSchema.parse(JSON.parse(JSON.stringify(event)))).toStrictEqual(event);
    },
  );

  it('keeps keys of a value that objects have anyway', () => {
    const stored = JSON.parse(
      '{"type":"NodeSucceeded","data":{"nodeId":"a","attempt":1,"output":{"value":{"__proto__":{"x":1},"constructor":2}},"leavesBy":[]}}',
    ) as unknown;
    expect(JSON.stringify(executionEventSchema.parse(stored))).toBe(JSON.stringify(stored));
  });

  it.each([
    ['an unknown type', { type: 'NodeVanished', data: {} }],
    [
      'an output that is neither value nor reference',
      { type: 'NodeSucceeded', data: { nodeId: 'a', attempt: 1, output: {}, leavesBy: [] } },
    ],
    ['attempt 0', { type: 'NodeScheduled', data: { nodeId: 'a', attempt: 0, executor: 'http' } }],
    ['no data', { type: 'NodeSkipped' }],
    ['an input that refers to a node', { ...started(), data: { ...started().data, input: { sameAs: 'start' } } }],
  ])('is refused with %s', (_, stored) => {
    expect(executionEventSchema.safeParse(stored).success).toBe(false);
  });
});
