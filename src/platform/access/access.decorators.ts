import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { InvariantError } from '#libs/kernel';
import type { FastifyRequest } from 'fastify';
import type { Access } from './authenticator.ts';
import type { Permission } from './permissions.ts';

export type AccessRule = { readonly kind: 'public' } | { readonly kind: 'permission'; readonly permission: Permission };

export const ACCESS_RULE = 'millrace:access-rule';

/** Every route carries exactly one of these two; without one the application does not start. */
export const Public = (): MethodDecorator => SetMetadata(ACCESS_RULE, { kind: 'public' } satisfies AccessRule);

export const RequirePermission = (permission: Permission): MethodDecorator =>
  SetMetadata(ACCESS_RULE, { kind: 'permission', permission } satisfies AccessRule);

/** Not a property of the request: nothing that a request carries may ever be taken for it. */
const accesses = new WeakMap<FastifyRequest, Access>();

export function rememberAccess(request: FastifyRequest, access: Access): void {
  accesses.set(request, access);
}

/** The caller that the guard let in; undefined on public routes. */
export function accessOf(request: FastifyRequest): Access | undefined {
  return accesses.get(request);
}

/** The caller, on routes that require a permission. */
export const CurrentAccess = createParamDecorator((_: unknown, context: ExecutionContext): Access => {
  const access = accessOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (!access) throw new InvariantError('CurrentAccess on a public route');
  return access;
});
