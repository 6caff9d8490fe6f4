import { frozenSamples } from '#libs/event-sourcing/testing';
import { workflowEventSchema, type WorkflowEvent } from './workflow-events.ts';

/** Fails to compile when an event type is added, so that its sample is not forgotten. */
const EVENT_TYPES: Readonly<Record<WorkflowEvent['type'], true>> = {
  WorkflowCreated: true,
  WorkflowVersionPublished: true,
  WorkflowActivated: true,
  WorkflowDeactivated: true,
  WebhookRotated: true,
  WorkflowArchived: true,
};

frozenSamples('workflow events', {
  folder: new URL('../testing/event-samples/', import.meta.url),
  types: Object.keys(EVENT_TYPES),
  parse: (stored) => workflowEventSchema.parse(stored),
});

describe('a workflow event from the log', () => {
  it('loses fields that a newer writer added, but none of a definition', () => {
    const definition = { name: 'x', someday: { more: true } };
    const data = { version: 1, definition, newEndpoints: [], because: 'x' };
    expect(workflowEventSchema.parse({ type: 'WorkflowVersionPublished', data })).toStrictEqual({
      type: 'WorkflowVersionPublished',
      data: { version: 1, definition, newEndpoints: [] },
    });
  });

  it.each([
    ['an unknown type', { type: 'WorkflowVanished', data: {} }],
    ['version 0', { type: 'WorkflowActivated', data: { version: 0 } }],
    ['no definition', { type: 'WorkflowVersionPublished', data: { version: 1, newEndpoints: [] } }],
    ['no data', { type: 'WorkflowDeactivated' }],
  ])('is refused with %s', (_, stored) => {
    expect(workflowEventSchema.safeParse(stored).success).toBe(false);
  });
});
