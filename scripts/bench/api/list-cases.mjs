import { endNodeOf, WORKFLOW_SHARES } from './sample-executions.mjs';

const RARE = WORKFLOW_SHARES.length - 2;
const RETIRED = WORKFLOW_SHARES.length - 1;
const DAY_MS = 86_400_000;

/**
 * What lists are asked for: each filter alone, where it meets much and where it meets little, and filters together, also
 * those of which each meets much and both never the same.
 * @param {{workflowIds: string[], now: number}} seeded
 */
export function listCases({ workflowIds, now }) {
  const day = (daysAgo) => new Date(now - daysAgo * DAY_MS).toISOString();
  const [always, second] = workflowIds;
  return [
    {},
    { workflowId: always },
    { workflowId: workflowIds[RARE] },
    { status: 'succeeded' },
    { status: 'failed' },
    { status: 'running' },
    { status: 'queued' },
    { trigger: 'trigger.webhook' },
    { trigger: 'trigger.manual' },
    { from: day(20) },
    { to: day(15) },
    { from: day(14), to: day(12) },
    { q: 'EUR' }, // all
    { q: 'Vienna' }, // one in eight
    { q: 'express' }, // one in a hundred
    { q: 'fragile' }, // one in a thousand
    { q: 'customer1234@example.com' }, // one in fifty thousand
    { q: 'A-4242' }, // one
    { q: 'nowhere' }, // none
    { q: 'Vienna express' },
    { q: 'Vienna Graz' }, // much and much, never together
    { nodeId: 'shape' }, // all
    { nodeId: endNodeOf(1) },
    { nodeId: endNodeOf(RARE) },
    { nodeId: endNodeOf(RETIRED) }, // none in the last ten days
    { workflowId: second, status: 'failed' },
    { workflowId: always, status: 'failed' }, // never
    { workflowId: always, trigger: 'trigger.manual' }, // never
    { status: 'failed', trigger: 'trigger.manual' },
    { workflowId: second, status: 'failed', trigger: 'trigger.schedule' },
    { q: 'Vienna', status: 'failed' },
    { q: 'express', workflowId: second, from: day(25) },
    { q: 'HTTP_STATUS', status: 'succeeded' }, // never
    { q: 'HTTP_STATUS', workflowId: always }, // never
    { nodeId: endNodeOf(0), status: 'failed' }, // never
    {
      workflowId: second,
      status: 'succeeded',
      trigger: 'trigger.webhook',
      from: day(29),
      to: day(1),
      nodeId: endNodeOf(1),
      q: 'Vienna express',
    },
  ];
}

/** Why an item should not be in the list; undefined when it should. */
export function mismatchOf(item, filters) {
  const wrong = Object.entries(filters).find(([name, asked]) => !MATCHES[name](item, asked));
  return wrong && `${item.id} does not match ${wrong[0]}=${wrong[1]}`;
}

const MATCHES = {
  workflowId: (item, asked) => item.workflowId === asked,
  status: (item, asked) => item.status === asked,
  trigger: (item, asked) => item.trigger.type === asked,
  from: (item, asked) => item.createdAt >= asked,
  to: (item, asked) => item.createdAt < asked,
  nodeId: (item, asked) => item.nodes.some(({ nodeId, status }) => nodeId === asked && status !== 'skipped'),
  q: (item, asked) => {
    const text = JSON.stringify([item.input, item.output, item.error]).toLowerCase();
    return asked.split(' ').every((word) => text.includes(word.toLowerCase()));
  },
};
