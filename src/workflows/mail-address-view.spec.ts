import type { WorkflowDefinition } from '#libs/workflow-definition';
import { mailAddressViewsOf } from './mail-address-view.ts';

const definitionWith = (...nodes: WorkflowDefinition['nodes'][number][]): WorkflowDefinition => ({
  name: 'orders',
  nodes,
  connections: [],
  settings: { priority: 'normal' },
});
const createdAt = '2026-11-23T10:00:00.000Z';
const mail = { id: 'mail', type: 'trigger.email', config: {} };
const hook = { id: 'hook', type: 'trigger.webhook', config: {} };
const endpoints = [
  { webhookId: 'wh_1', nodeId: 'mail', token: 'abc', createdAt },
  { webhookId: 'wh_2', nodeId: 'hook', token: 'def', createdAt },
];
const viewing = { domain: 'in.example.com', nowMs: Date.UTC(2026, 10, 23, 12), active: undefined };

describe('the mail addresses of a workflow', () => {
  it('are those of its mail triggers, whether they are active or not', () => {
    const definition = definitionWith(mail, hook);
    const shown = { id: 'wh_1', nodeId: 'mail', address: 'abc@in.example.com', createdAt };
    expect(mailAddressViewsOf({ endpoints, definition }, viewing)).toEqual([{ ...shown, active: false }]);
    expect(mailAddressViewsOf({ endpoints, definition }, { ...viewing, active: definition })).toEqual([
      { ...shown, active: true },
    ]);
    expect(mailAddressViewsOf({ endpoints, definition: definitionWith(hook) }, viewing)).toEqual([]);
  });

  it('say until when an address of before works too', () => {
    const definition = definitionWith(mail);
    const until = '2026-11-23T13:00:00.000Z';
    const rotated = endpoints.map((endpoint) => ({ ...endpoint, earlier: [{ token: 'old', until }] }));
    expect(mailAddressViewsOf({ endpoints: rotated, definition }, viewing)).toMatchObject([
      { previousAddressUntil: until },
    ]);
    const [later] = mailAddressViewsOf({ endpoints: rotated, definition }, { ...viewing, nowMs: Date.parse(until) });
    expect(later).not.toHaveProperty('previousAddressUntil');
  });
});
