import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InvariantError, MillraceError } from '#libs/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiRateLimit } from '../rate-limit/api-rate-limit.ts';
import { ACCESS_RULE, rememberAccess, type AccessRule } from './access.decorators.ts';
import { Authenticator, type Access } from './authenticator.ts';
import { isGranted } from './permissions.ts';

/** The only door to every route of Nest: what does not say who may come in lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly rateLimit: ApiRateLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (!rule)
      throw new InvariantError(`${context.getClass().name}.${context.getHandler().name} declares no permission`);
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    if (rule.kind === 'public') {
      this.rateLimit.countStranger(request, reply);
      return true;
    }
    // What needs a token is for its bearer alone; a route that may be kept says so itself.
    reply.header('cache-control', 'no-store');
    const access = await this.authenticate(request, reply);
    this.rateLimit.countCaller(request, reply, access);
    if (!isGranted(access.role, rule.permission))
      throw new MillraceError(
        'forbidden',
        'FORBIDDEN',
        `the role ${access.role} lacks the permission ${rule.permission}; ask an owner of the workspace for a role that has it`,
      );
    rememberAccess(request, access);
    return true;
  }

  private async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Access> {
    try {
      const refuse = (): void => this.rateLimit.refuseUsedUp(request, reply);
      return await this.authenticator.authenticate(bearerOf(request), refuse);
    } catch (error) {
      this.rateLimit.countStranger(request, reply);
      throw error;
    }
  }
}

function bearerOf(request: FastifyRequest): string {
  const token = tryParseBearer(request.headers.authorization);
  if (token === undefined)
    throw new MillraceError(
      'unauthenticated',
      'UNAUTHENTICATED',
      'send an access token or an API key as Authorization: Bearer <token>',
    );
  return token;
}

/** The token of an Authorization header. The scheme's name has no case (RFC 9110). */
export function tryParseBearer(header: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
}
