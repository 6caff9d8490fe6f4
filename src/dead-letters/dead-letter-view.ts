import { z } from 'zod';
import type { JobProgress } from '#libs/bulk-jobs';
import type { JsonValue } from '#libs/kernel';
import { DEAD_LETTER_STATUSES, type DeadLetterRecord } from '#libs/read-models';
import type { RedriveJob } from './redrive-jobs.ts';

const EXAMPLE_ID = 'dl_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const EXAMPLE_EXECUTION_ID = 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const instant = z.iso.datetime();

/** A dead letter as `GET /v1/dead-letters/:id` answers it. */
export const deadLetterView = z
  .object({
    id: z.string().meta({ description: 'Starts with `dl_`.' }),
    kind: z.enum(['failed', 'poison']).meta({
      description:
        '`failed`: its execution failed. `poison`: it could not be worked on for a reason of ours, and its execution goes ' +
        'on once it is redriven.',
    }),
    executionId: z.string(),
    workflowId: z.string(),
    workflowVersion: z.int().min(0).meta({ description: 'That the execution had, and that a redriven one has too.' }),
    nodeId: z.string().nullable().meta({ description: 'At which it failed; null for poison that is about no node.' }),
    nodeType: z.string().nullable().meta({ example: 'http.request' }),
    reason: z.object({
      code: z.string().meta({ description: 'Stable; fit to decide by.', example: 'HTTP_STATUS' }),
      message: z.string().meta({ description: 'For people; may change.' }),
      details: z.unknown().meta({ description: 'Any JSON.' }).optional(),
    }),
    attempts: z.int().min(0).meta({ description: 'At the node; for poison how often it was handed to a worker.' }),
    payload: z.unknown().meta({
      description:
        "What the node was to work on: its config with all expressions evaluated; credentials stay ids. For poison, the worker's task. " +
        'Null in lists, for nodes that the engine computes by itself, and where the expressions are what failed.',
    }),
    createdAt: instant.meta({ description: 'When it was set aside.' }),
    status: z.enum(DEAD_LETTER_STATUSES),
    redrivenAs: z.string().nullable().meta({ description: 'The execution in which its work goes on.' }),
    history: z.string().meta({ description: 'Path of the events of the execution that it is of.' }),
  })
  .meta({
    id: 'DeadLetter',
    description: 'Work that was set aside after its last attempt.',
    examples: [
      {
        id: EXAMPLE_ID,
        kind: 'failed',
        executionId: EXAMPLE_EXECUTION_ID,
        workflowId: 'wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t',
        workflowVersion: 1,
        nodeId: 'notify',
        nodeType: 'http.request',
        reason: { code: 'HTTP_STATUS', message: 'the server answered 503', details: { status: 503 } },
        attempts: 5,
        payload: { method: 'POST', url: 'https://example.com/big', json: { id: 'A-17' } },
        createdAt: '2026-11-23T10:00:00.000Z',
        status: 'open',
        redrivenAs: null,
        history: `/v1/executions/${EXAMPLE_EXECUTION_ID}/events`,
      },
    ],
  });
export type DeadLetterView = z.output<typeof deadLetterView>;

export function deadLetterViewOf(record: DeadLetterRecord, payload: JsonValue = null): DeadLetterView {
  const { id, kind, executionId, workflowId, workflowVersion, nodeId, nodeType, attempts, createdAt } = record;
  const { code, message, details } = record.error;
  return {
    id,
    kind,
    executionId,
    workflowId,
    workflowVersion,
    nodeId,
    nodeType,
    reason: { code, message, ...(details === undefined ? {} : { details }) },
    attempts,
    payload,
    createdAt,
    status: record.status,
    redrivenAs: record.redrivenAs,
    history: `/v1/executions/${executionId}/events`,
  };
}

/** A job that redrives many, as `GET /v1/dead-letters/redrives/:jobId` answers it. */
export const redriveJobView = z
  .object({
    id: z.string().meta({ description: 'Starts with `rdr_`.' }),
    status: z.enum(['running', 'finished']),
    total: z.int().min(0).meta({ description: 'Dead letters that it redrives: those open when it was asked for.' }),
    isCut: z.boolean().meta({ description: 'There were more than one job takes; ask again for the rest.' }),
    redriven: z.int().min(0),
    refused: z.int().min(0).meta({ description: 'Discarded meanwhile, or of a workflow that is deleted.' }),
    perSecond: z.int().min(1),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({
    id: 'RedriveJob',
    description: 'Many dead letters that the server redrives, oldest first, at a bounded rate.',
    examples: [
      {
        id: 'rdr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        status: 'running',
        total: 250,
        isCut: false,
        redriven: 40,
        refused: 0,
        perSecond: 20,
        createdAt: '2026-11-23T10:00:00.000Z',
        finishedAt: null,
      },
    ],
  });
export type RedriveJobView = z.output<typeof redriveJobView>;

export function redriveJobViewOf(job: RedriveJob, { done, refused, finishedAt }: JobProgress): RedriveJobView {
  const { id, targets, isCut, perSecond, at } = job;
  return {
    id,
    status: finishedAt === null ? 'running' : 'finished',
    total: targets.length,
    isCut,
    redriven: done,
    refused,
    perSecond,
    createdAt: at,
    finishedAt,
  };
}
