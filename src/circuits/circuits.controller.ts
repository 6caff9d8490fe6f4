import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { circuitView, listCircuitsQuery, type CircuitView, type ListCircuitsQuery } from './circuits.dto.ts';
import { ReadCircuits } from './read-circuits.ts';
import { ResetCircuit } from './reset-circuit.ts';

@Controller('v1/circuits')
export class CircuitsController {
  constructor(
    private readonly reading: ReadCircuits,
    private readonly resetting: ResetCircuit,
  ) {}

  @Get()
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'List the circuits',
    description:
      'Destinations of this workspace whose calls failed lately, or that asked for a pause. When of at least 10 calls ' +
      'within 30 s half failed (no connection, time-out, 5xx, 429), the circuit opens: attempts wait without being used ' +
      'up, for 5 s at first and twice as long after each probe that failed, up to 5 minutes. Healthy destinations are not listed.',
    answers: { 200: { description: 'A page, by key.', schema: pageSchema(circuitView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listCircuitsQuery }) query: ListCircuitsQuery,
  ): Page<CircuitView> {
    return this.reading.list(workspaceId, query);
  }

  @Post(':key/reset')
  @HttpCode(204)
  @RequirePermission('executions:start')
  @AuditedChange('circuit.reset')
  @Operation({
    summary: 'Reset a circuit',
    description:
      'Closes it and forgets failures and pauses; attempts that come from now on pass. Those that wait already come at ' +
      'their instant.',
    answers: { 204: { description: 'Nothing holds attempts back.' } },
    refusals: { 404: ['CIRCUIT_NOT_FOUND'], 503: ['CIRCUIT_CONTENDED'] },
  })
  reset(@CurrentAccess() { workspaceId }: Access, @Param('key') key: string): Promise<void> {
    return this.resetting.reset(workspaceId, key);
  }
}
