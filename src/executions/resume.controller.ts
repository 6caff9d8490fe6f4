import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { nodeStateOf, type StartedExecution } from '#libs/execution-engine';
import { ExecutionJournal, Payloads } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId, type JsonValue } from '#libs/kernel';
import { Public } from '../platform/access/access.decorators.ts';
import { NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ResumeLinks } from './resume-links.ts';
import { nodeIdParam, signalBody, steeredView, type SteeredView } from './steering.dto.ts';

/** Resumes a node that waits for a signal, for whoever was given its URL; no account is needed. */
@Controller('resume')
export class ResumeController {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly payloads: Payloads,
    private readonly links: ResumeLinks,
  ) {}

  @Post(':executionId/:nodeId/:signature')
  @HttpCode(202)
  @Public()
  @NotAudited('whoever has the URL is nobody that is known; the history has the signal')
  @Operation({
    summary: 'Resume a waiting node by its URL',
    description:
      'The URL stands in `waitingOn.resumeUrl` of the execution, and for nodes before it in `execution.resumeUrls.<nodeId>`. ' +
      'It works once, while the node waits.',
    answers: { 202: { description: 'The node goes on.', schema: steeredView } },
    refusals: { 404: ['RESUME_URL_NOT_FOUND'], 409: ['NOT_WAITING', 'RESUME_URL_USED'] },
  })
  async resume(
    @IdParam('execution', 'executionId') executionId: ExecutionId,
    @Param('nodeId', { schema: nodeIdParam }) nodeId: string,
    @Param('signature') signature: string,
    @Body({ schema: signalBody }) payload: JsonValue | undefined,
  ): Promise<SteeredView> {
    if (!this.links.verify(executionId, nodeId, signature)) throw notFound();
    const state = await this.journal.fresh(executionId);
    if (state.status === 'none') throw notFound();
    const name = signalAwaited(state, nodeId);
    const stored = await this.payloads.toPayload(executionId, payload ?? null);
    await this.journal.submit(executionId, { type: 'SendSignal', name, payload: stored, nodeId });
    const after = await this.journal.fresh(executionId);
    return { executionId, status: after.status === 'none' ? 'running' : after.status };
  }
}

function signalAwaited(state: StartedExecution, nodeId: string): string {
  const node = nodeStateOf(state, nodeId);
  if (node?.status === 'waiting' && node.on.kind === 'signal') return node.on.name;
  if (!node)
    throw new MillraceError('conflict', 'NOT_WAITING', 'the execution has not come to this node; try again later');
  throw new MillraceError(
    'conflict',
    'RESUME_URL_USED',
    'the node has gone on, or the execution is over; the URL worked once',
  );
}

function notFound(): MillraceError {
  return new MillraceError('notFound', 'RESUME_URL_NOT_FOUND', 'this is no resume URL of ours; use it as it was given');
}
