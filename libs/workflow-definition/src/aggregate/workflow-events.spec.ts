import { readdirSync, readFileSync } from 'node:fs';
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

/** One event of each released shape as logs hold it, by file name; files are added and never edited. */
const folder = new URL('../testing/event-samples/', import.meta.url);
const samples = readdirSync(folder)
  .sort()
  .map((file): [string, unknown] => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
  ]);

describe('stored samples of workflow events', () => {
  it.each(samples)('%s parses to what was written', (_, stored) => {
    expect(workflowEventSchema.parse(stored)).toStrictEqual(stored);
  });

  it('are there for every type of event', () => {
    expect([...new Set(samples.map(([name]) => name.split('-')[0]))].sort()).toEqual(Object.keys(EVENT_TYPES).sort());
  });
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
