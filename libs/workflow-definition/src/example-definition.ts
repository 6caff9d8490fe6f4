import type { WorkflowDefinition } from './definition.ts';

/** Shown to readers of the API's description: tells somebody of orders that are big. */
export const EXAMPLE_DEFINITION: WorkflowDefinition = {
  name: 'Big orders',
  nodes: [
    { id: 'order', type: 'trigger.webhook', config: { method: 'POST' } },
    { id: 'big', type: 'if', config: { condition: '{{ trigger.body.amount > 100 }}' } },
    {
      id: 'notify',
      type: 'http.request',
      config: { method: 'POST', url: 'https://example.com/big', json: { id: '{{ trigger.body.orderId }}' } },
      retry: { maxAttempts: 5, backoff: 'exponential', initialMs: 1_000, maxMs: 60_000, jitter: true },
      timeoutMs: 10_000,
      onError: 'fail',
    },
  ],
  connections: [
    { from: 'order', to: 'big', output: 'main' },
    { from: 'big', to: 'notify', output: 'true' },
  ],
  settings: { timeoutMs: 3_600_000, priority: 'normal' },
};
