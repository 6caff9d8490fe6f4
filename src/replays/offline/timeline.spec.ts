import { eventSamples } from '#libs/execution-engine/testing';
import { executionEventSchema, type ExecutionEvent } from '#libs/execution-engine';
import { timelineOf } from './timeline.ts';

const at = '2026-11-23T10:00:00.000Z';
const told = (event: ExecutionEvent) => timelineOf([{ firstVersion: 1, at, events: [event] }])[0];

describe('the timeline', () => {
  it('tells where an answer drifted, in a line', () => {
    const drift = [
      { path: 'id', expected: 'number', found: 'string' },
      { path: 'labels[0].name', expected: 'string', found: 'missing' },
    ];
    expect(told({ type: 'ResponseDrifted', data: { nodeId: 'call', attempt: 2, drift } })).toMatchObject({
      nodeId: 'call',
      attempt: 2,
      told: 'id: string, not number; labels[0].name: missing, not string',
    });
  });

  it.each(eventSamples().map(({ name, stored }) => [name, executionEventSchema.parse(stored)] as const))(
    'has a short line for %s',
    (_, event) => {
      expect(told(event)?.type).toBe(event.type);
      expect(told(event)?.told.length).toBeLessThanOrEqual(80);
    },
  );
});
