import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { AuditLog, type AuditFact } from '#libs/audit-log';
import { assertNever, InvariantError } from '#libs/kernel';
import { accessOf } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AUDIT_RULE, type AuditAction, type AuditRule } from '../platform/audit/audit.decorators.ts';
import { noting, type Notes } from '../platform/audit/change-notes.ts';
import { Logger } from '../platform/logging/logger.ts';
import { callFactOf, endFactOf, type Outcome } from './audited-request.ts';

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly action: AuditAction;
  readonly carryOut: (notes: Notes) => Promise<unknown>;
}

/**
 * Around every handler, after the guard: nothing is changed, and nothing shown to an auditor, before the log has an entry
 * that says so. While the log is away both are refused with 503.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly log: AuditLog,
    private readonly logger: Logger,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const rule = this.reflector.get<AuditRule | undefined>(AUDIT_RULE, context.getHandler());
    if (!rule || rule.kind === 'nothing') return next.handle();
    const http = context.switchToHttp();
    const call = {
      request: http.getRequest<FastifyRequest>(),
      reply: http.getResponse<FastifyReply>(),
      action: rule.action,
      carryOut: (notes: Notes) => noting(notes, () => lastValueFrom(next.handle(), { defaultValue: undefined })),
    };
    switch (rule.kind) {
      case 'change':
        return of(await this.#change(call));
      case 'read':
        return of(await this.#read(call));
      case 'noted':
        return of(await this.#note(call));
      default:
        return assertNever(rule);
    }
  }

  async #change({ request, reply, action, carryOut }: Call): Promise<unknown> {
    const { workspaceId, actor } = callerOf(request);
    const { index } = await this.log.append(workspaceId, callFactOf(request, { kind: 'begun', action, actor }));
    const notes: Notes = { change: {}, actor: undefined };
    const end = (outcome: Outcome): Promise<void> =>
      this.#afterwards(request, workspaceId, endFactOf(index, outcome, notes.change));
    try {
      const value = await carryOut(notes);
      await end({ reply });
      return value;
    } catch (thrown) {
      await end({ thrown });
      throw thrown;
    }
  }

  /** Whoever else reads is shown what is theirs; an auditor looks into what is others'. */
  async #read({ request, action, carryOut }: Call): Promise<unknown> {
    const { workspaceId, actor, role } = callerOf(request);
    if (role === 'auditor') await this.log.append(workspaceId, callFactOf(request, { kind: 'read', action, actor }));
    return carryOut({ change: {}, actor: undefined });
  }

  async #note({ request, action, carryOut }: Call): Promise<unknown> {
    const notes: Notes = { change: {}, actor: undefined };
    const value = await carryOut(notes);
    if (!notes.actor) return value;
    const { workspaceId, actor } = notes.actor;
    const fact = callFactOf(request, { kind: 'noted', action, actor });
    const noted = { ...fact, target: notes.change.target ?? fact.target };
    await this.#afterwards(request, workspaceId, noted);
    return value;
  }

  /** What is done is done, and its caller is told: an entry that has no end says that nobody knows how it went. */
  async #afterwards(request: FastifyRequest, workspaceId: string, fact: AuditFact): Promise<void> {
    try {
      await this.log.append(workspaceId, fact);
    } catch (error) {
      this.logger.error({ error, requestId: request.id, fact }, 'the audit could not be told how a call ended');
    }
  }
}

function callerOf(request: FastifyRequest): Access {
  const access = accessOf(request);
  if (!access) throw new InvariantError('a public route is audited by its end, if at all');
  return access;
}
