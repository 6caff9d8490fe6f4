import { Controller, Get, Inject, Query } from '@nestjs/common';
import { z } from 'zod';
import { executionsInDoubt, type Database, type ExecutionRecord } from '#libs/read-models';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { NotAudited } from '../platform/audit/audit.decorators.ts';
import { pageOf, pageQuery, pageSchema, placeOf, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { DATABASE } from '../read-models/tokens.ts';

const inDoubtView = z
  .object({
    executionId: z.string(),
    workflowId: z.string(),
    workflowVersion: z.int().min(1),
    createdAt: z.iso.datetime(),
    nodes: z.array(
      z.object({
        nodeId: z.string(),
        attempt: z.int().min(1),
        since: z.iso.datetime(),
        error: z
          .object({ code: z.string(), message: z.string(), details: z.unknown().optional() })
          .nullable()
          .meta({ description: 'What the node saw last; null when its worker is gone.' }),
        settle: z.string().meta({ description: 'Where to say what came of it.' }),
      }),
    ),
  })
  .meta({
    id: 'ExecutionInDoubt',
    description: 'An execution with attempts of which nobody knows what came of them.',
    examples: [
      {
        executionId: 'ex_1',
        workflowId: 'wf_1',
        workflowVersion: 3,
        createdAt: '2026-11-23T10:00:00.000Z',
        nodes: [
          {
            nodeId: 'pay',
            attempt: 1,
            since: '2026-11-23T10:00:07.000Z',
            error: null,
            settle: '/v1/executions/ex_1/nodes/pay/settle',
          },
        ],
      },
    ],
  });
type InDoubtView = z.output<typeof inDoubtView>;

const listQuery = z.strictObject(pageQuery);

@Controller('v1/in-doubt')
export class InDoubtController {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Get()
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'List attempts in doubt',
    description:
      'Of nodes with `onInterrupted: "ask"`, whose worker died in the middle of an attempt, and of those that never heard ' +
      'whether the other side did what was asked, such as a mail server that took a message and broke off. By execution, newest first.',
    answers: { 200: { description: 'A page of executions.', schema: pageSchema(inDoubtView) } },
    refusals: { 400: ['INVALID_CURSOR'] },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listQuery }) { limit, cursor }: z.output<typeof listQuery>,
  ): Promise<Page<InDoubtView>> {
    const after = cursor === undefined ? {} : { after: placeOf(cursor) };
    const records = await executionsInDoubt(this.database, { workspaceId, limit: limit + 1, ...after });
    const { items, nextCursor } = pageOf(records, limit, (record) => record);
    return { items: items.map(viewOf), nextCursor };
  }
}

function viewOf({ id, workflowId, workflowVersion, createdAt, nodes }: ExecutionRecord): InDoubtView {
  return {
    executionId: id,
    workflowId,
    workflowVersion,
    createdAt,
    nodes: Object.entries(nodes).flatMap(([nodeId, { waits, attempts }]) =>
      waits?.on.kind === 'person'
        ? [
            {
              nodeId,
              attempt: attempts,
              since: waits.since,
              error: waits.on.error ?? null,
              settle: `/v1/executions/${id}/nodes/${nodeId}/settle`,
            },
          ]
        : [],
    ),
  };
}
