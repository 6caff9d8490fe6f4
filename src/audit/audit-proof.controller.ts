import { Controller, Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { proofQuery, type ProofQuery } from './audit.dto.ts';
import { auditExport, auditProof } from './proof-view.ts';
import { ProveAudit } from './prove-audit.ts';

@Controller('v1/audit/proof')
export class AuditProofController {
  constructor(private readonly proving: ProveAudit) {}

  @Get()
  @RequirePermission('audit:read')
  @Operation({
    summary: 'Prove the audit',
    description:
      'What `npm run audit:verify` checks without us: the whole log as lines of JSON, or with `index`, `from` or `executionId` a ' +
      'proof of one entry, of how the log began, or of how the history of an execution was when it ended. Checkpoints are signed with Ed25519; trees are those of RFC 9162.',
    answers: {
      200: {
        description: 'The proof asked for, or the export.',
        schema: auditProof,
        otherForms: { 'application/x-ndjson': auditExport },
      },
    },
    refusals: {
      404: ['AUDIT_LOG_EMPTY', 'AUDIT_ENTRY_NOT_FOUND', 'EXECUTION_NOT_ANCHORED'],
      503: ['READ_MODEL_BEHIND'],
    },
  })
  async prove(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: proofQuery }) { index, from, executionId }: ProofQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (index !== undefined) await reply.send(await this.proving.inclusion(workspaceId, index));
    else if (from !== undefined) await reply.send(await this.proving.consistency(workspaceId, from));
    else if (executionId !== undefined) await reply.send(await this.proving.anchor(workspaceId, executionId));
    else await this.#export(workspaceId, reply);
  }

  async #export(workspaceId: string, reply: FastifyReply): Promise<void> {
    const lines = await this.proving.export(workspaceId);
    reply.type('application/x-ndjson').header('content-disposition', 'attachment; filename="audit.ndjson"');
    await reply.send(Readable.from(lines));
  }
}
