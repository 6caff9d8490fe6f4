import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditFact } from '#libs/audit-log';
import type { Actor } from '#libs/event-sourcing';
import { accessOf } from '../platform/access/access.decorators.ts';
import type { AuditAction } from '../platform/audit/audit.decorators.ts';
import type { ChangeNote } from '../platform/audit/change-notes.ts';
import { problemOf } from '../platform/http/problem.ts';
import { boundedSummary, boundedText } from './summary.ts';

export type CallFact = Extract<AuditFact, { kind: 'begun' | 'read' | 'noted' }>;
export type EndFact = Extract<AuditFact, { kind: 'ended' }>;

/** That somebody calls a route, as far as the request itself tells. */
export function callFactOf(
  request: FastifyRequest,
  { kind, action, actor }: { kind: CallFact['kind']; action: AuditAction; actor: Actor },
): CallFact {
  const role = accessOf(request)?.role;
  return {
    kind,
    actor: { ...actor },
    ...(role === undefined ? {} : { role }),
    address: addressOf(request.ip),
    action,
    target: targetIn(request),
    requestId: request.id,
  };
}

/** A connection that is gone has none any more. */
function addressOf(ip: string | undefined): string | null {
  return ip ?? null;
}

/** How a call ended: with an answer, or with what was thrown. */
export type Outcome = { readonly reply: FastifyReply } | { readonly thrown: unknown };

export function endFactOf(of: number, outcome: Outcome, note: ChangeNote): EndFact {
  const { status, code } = 'thrown' in outcome ? refusalOf(outcome.thrown) : { status: outcome.reply.statusCode };
  const [before, after] = [boundedSummary(note.before), boundedSummary(note.after)];
  return {
    kind: 'ended',
    of,
    status,
    ...(code === undefined ? {} : { code }),
    target: note.target ?? ('reply' in outcome ? targetBehind(outcome.reply) : null),
    ...(before && { before }),
    ...(after && { after }),
  };
}

function refusalOf(thrown: unknown): { status: number; code: string } {
  const { status, body } = problemOf(thrown);
  return { status, code: body.code };
}

/** The first parameter of the path names what the call is about. */
function targetIn({ params }: FastifyRequest): string | null {
  const [first] = Object.values((params ?? {}) as Record<string, string>);
  return first === undefined ? null : boundedText(first);
}

/** What was made stands at the end of `Location`. */
function targetBehind(reply: FastifyReply): string | null {
  const location = reply.getHeader('location');
  if (typeof location !== 'string') return null;
  return boundedText(decodeURIComponent(location.slice(location.lastIndexOf('/') + 1)));
}
