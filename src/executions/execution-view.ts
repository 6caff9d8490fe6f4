import { z } from 'zod';
import { EXECUTION_STATUSES } from '#libs/read-models';

const EXAMPLE_ID = 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const EXAMPLE_WORKFLOW_ID = 'wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t';

const NODE_STATUSES = [
  'scheduled',
  'running',
  'retrying',
  'waiting',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const;

const instant = z.iso.datetime();
const anyJson = z.unknown().meta({ description: 'Any JSON.' });

const fault = z
  .object({
    code: z.string().meta({ description: 'Stable; fit to decide by.', example: 'HTTP_STATUS' }),
    message: z.string().meta({ description: 'For people; may change.' }),
    details: z.unknown().meta({ description: 'Any JSON.' }).optional(),
  })
  .meta({
    id: 'Fault',
    description: 'Why a node failed.',
    examples: [{ code: 'HTTP_STATUS', message: 'the server answered 503' }],
  });

const executionFault = fault
  .extend({
    nodeId: z.string().meta({ description: 'Of the node that failed.' }),
    attempt: z.int().min(1).meta({ description: 'The last one, counted from 1.' }),
  })
  .meta({
    id: 'ExecutionFault',
    description: 'Why an execution failed.',
    examples: [{ code: 'HTTP_STATUS', message: 'the server answered 503', nodeId: 'notify', attempt: 5 }],
  });

export const nodeView = z
  .object({
    nodeId: z.string(),
    type: z.string().meta({ example: 'http.request' }),
    status: z.enum(NODE_STATUSES),
    attempts: z.int().min(0).meta({ description: 'Begun so far; 0 for a node that was skipped.' }),
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    output: anyJson,
    error: fault.nullable().meta({ description: 'Of the last attempt that failed.' }),
    loop: z
      .object({ items: z.int().min(1), failed: z.int().min(0) })
      .optional()
      .meta({ description: 'Of a `forEach`: its items, and how many of them failed for good so far.' }),
  })
  .meta({ id: 'ExecutionNode', description: 'A node that an execution has come to.' });
export type NodeView = z.output<typeof nodeView>;

const waitingOn = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('worker'),
      nodeId: z.string().optional().meta({ description: 'Absent when the execution has not begun.' }),
    }),
    z.object({ kind: z.literal('retry'), nodeId: z.string(), at: instant }),
    z.object({ kind: z.literal('timer'), nodeId: z.string(), at: instant }),
    z.object({
      kind: z.literal('signal'),
      nodeId: z.string(),
      name: z.string(),
      at: instant.nullable().meta({ description: 'Until when; null for as long as it takes.' }),
      resumeUrl: z.url().meta({
        description:
          'Sends the signal once, without an account: whoever has the URL may. A `POST` sends its JSON body.',
      }),
    }),
    z.object({ kind: z.literal('execution'), nodeId: z.string(), executionId: z.string() }),
    z.object({ kind: z.literal('person'), nodeId: z.string() }).meta({ description: 'An attempt is in doubt.' }),
    z
      .object({
        kind: z.enum(['circuit', 'rateLimit', 'bulkhead']),
        nodeId: z.string(),
        at: instant,
        destination: z.string().meta({
          description: 'As in the list of circuits, or with `rateLimit` perhaps as in the list of quotas.',
          example: 'api.example.com:443',
        }),
      })
      .meta({
        description:
          'An attempt was put back and is not used up: the circuit of its destination is open, the destination asked for ' +
          'a pause, a quota has nothing left, or too many attempts are there at once.',
      }),
    z
      .object({
        kind: z.literal('credential'),
        nodeId: z.string(),
        credentialId: z.string(),
        at: instant.meta({ description: 'When it is looked at again, if nobody connects it before.' }),
      })
      .meta({
        description:
          'The account of the credential has to be connected again, by `GET /v1/oauth/{provider}/authorize`; then it goes ' +
          'on by itself. No attempt is used up.',
      }),
    z.object({
      kind: z.literal('concurrency'),
      key: z.string(),
      place: z.int().min(1).nullable().meta({ description: 'In line, from 1; null where it was not looked up.' }),
    }),
    z.object({ kind: z.literal('debounce'), key: z.string(), at: instant.nullable() }),
    z.object({ kind: z.literal('throttle'), key: z.string(), at: instant.nullable() }),
  ])
  .meta({ id: 'WaitingOn', description: 'Why an execution that is not over does not move.' });
export type WaitingOn = z.output<typeof waitingOn>;

/** An execution as `GET /v1/executions/:id` answers it. */
export const executionView = z
  .object({
    id: z.string().meta({ description: 'Starts with `ex_`.' }),
    workflowId: z.string(),
    workflowVersion: z.int().min(1).meta({ description: 'That it started with and keeps to its end.' }),
    status: z.enum(EXECUTION_STATUSES),
    trigger: z.object({ type: z.string().meta({ example: 'trigger.webhook' }), nodeId: z.string() }),
    input: z.unknown().meta({ description: "The trigger's output." }),
    output: z.unknown().meta({
      description:
        'The body of the respond node that ran; without one, the output of the end node. Of several an object by node id. Null unless it succeeded.',
    }),
    error: executionFault.nullable(),
    nodes: z.array(nodeView).meta({ description: "In the definition's order." }),
    createdAt: instant,
    startedAt: instant.nullable(),
    finishedAt: instant.nullable(),
    durationMs: z.int().min(0).nullable().meta({ description: 'From its start to its end.' }),
    mode: z.enum(['live', 'dry']).meta({ description: '`dry` runs no side effect of an action.' }),
    cancelReason: fault
      .nullable()
      .meta({ description: 'Why the engine cancelled it; null when it did not, or somebody asked for that.' }),
    parentExecutionId: z.string().nullable().meta({ description: 'The execution that started it.' }),
    forkedFrom: z.string().nullable().meta({ description: 'The execution whose results it goes on with.' }),
    redeliveryOf: z
      .string()
      .nullable()
      .meta({ description: 'The execution whose call was sent again, or fed to this workflow.' }),
    dataErased: z
      .boolean()
      .meta({ description: 'Its data was erased; payloads are shown as `{erased: {sha256, bytes}}`.' }),
    waitingOn: waitingOn.nullable(),
  })
  .meta({
    id: 'Execution',
    description: 'One run of one workflow version.',
    examples: [
      {
        id: EXAMPLE_ID,
        workflowId: EXAMPLE_WORKFLOW_ID,
        workflowVersion: 1,
        status: 'succeeded',
        trigger: { type: 'trigger.manual', nodeId: 'order' },
        input: { body: { orderId: 'A-17', amount: 250 } },
        output: { id: 'A-17', text: 'Order A-17 is big' },
        error: null,
        nodes: [
          {
            nodeId: 'order',
            type: 'trigger.manual',
            status: 'succeeded',
            attempts: 1,
            startedAt: '2026-11-23T10:00:00.000Z',
            finishedAt: '2026-11-23T10:00:00.000Z',
            output: { body: { orderId: 'A-17', amount: 250 } },
            error: null,
          },
          {
            nodeId: 'shape',
            type: 'set',
            status: 'succeeded',
            attempts: 1,
            startedAt: '2026-11-23T10:00:00.004Z',
            finishedAt: '2026-11-23T10:00:00.004Z',
            output: { id: 'A-17', text: 'Order A-17 is big' },
            error: null,
          },
        ],
        createdAt: '2026-11-23T10:00:00.000Z',
        startedAt: '2026-11-23T10:00:00.004Z',
        finishedAt: '2026-11-23T10:00:00.004Z',
        durationMs: 0,
        mode: 'live',
        cancelReason: null,
        parentExecutionId: null,
        forkedFrom: null,
        redeliveryOf: null,
        dataErased: false,
        waitingOn: null,
      },
    ],
  });
export type ExecutionView = z.output<typeof executionView>;

/** One event as `GET /v1/executions/:id/events` answers it. */
export const eventView = z
  .object({
    version: z.int().min(1).meta({ description: 'Place in the history: from 1, without gaps.' }),
    type: z.string().meta({ description: 'More types may come.', example: 'NodeSucceeded' }),
    at: instant,
    data: z
      .record(z.string(), z.unknown())
      .meta({ description: 'By type; payloads are shown as the values they stand for.' }),
    actor: z
      .object({ type: z.enum(['user', 'apiKey']), id: z.string() })
      .optional()
      .meta({ description: 'Who caused it, when it was a person or a key.' }),
  })
  .meta({
    id: 'ExecutionEvent',
    description: 'A fact of an execution; it never changes.',
    examples: [
      {
        version: 3,
        type: 'NodeSucceeded',
        at: '2026-11-23T10:00:00.004Z',
        data: { nodeId: 'shape', attempt: 1, output: { id: 'A-17' }, leavesBy: ['main'] },
      },
    ],
  });
export type EventView = z.output<typeof eventView>;

/** What a start is answered. */
export const startedView = z.object({ executionId: z.string() }).meta({
  id: 'StartedExecution',
  description: 'The id is readable at once at the address in `Location`.',
  examples: [{ executionId: EXAMPLE_ID }],
});
export type StartedView = z.output<typeof startedView>;

/** The whole history for who reads it line by line; OpenAPI 3.1 has no words for what a line holds. */
export const eventLines = z.string().meta({
  description: 'An `ExecutionEvent` as JSON in each line.',
  examples: ['{"version":1,"type":"ExecutionStarted","at":"2026-11-23T10:00:00.000Z","data":{}}\n'],
});

/** Server-sent events as the HTML standard has them. */
export const eventStream = z.string().meta({
  description: 'An event for each event of the execution.',
  examples: [
    'id: 1\nevent: ExecutionStarted\ndata: {"version":1,"type":"ExecutionStarted","at":"2026-11-23T10:00:00.000Z","data":{}}\n\n',
  ],
});
