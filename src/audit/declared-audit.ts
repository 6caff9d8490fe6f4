import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InvariantError } from '#libs/kernel';
import { ACCESS_RULE, type AccessRule } from '../platform/access/access.decorators.ts';
import { AUDIT_RULE, type AuditRule } from '../platform/audit/audit.decorators.ts';
import { DeclaredRoutes, type DeclaredRoute } from '../platform/routes/declared-routes.ts';

/** Refuses the start when a route that changes something, or shows something to auditors, does not say what the audit is told. */
@Injectable()
export class DeclaredAudit implements OnModuleInit {
  constructor(private readonly routes: DeclaredRoutes) {}

  onModuleInit(): void {
    const silent = this.routes
      .all()
      .filter((route) => !isFitting(route))
      .map(({ controller, handlerName }) => `${controller}.${handlerName}`);
    if (silent.length > 0)
      throw new InvariantError(
        `routes without a fitting @AuditedChange(), @AuditedRead(), @AuditedEnd() or @NotAudited(): ${silent.join(', ')}`,
      );
  }
}

function isFitting(route: DeclaredRoute): boolean {
  const declared = route.metadata<AuditRule>(AUDIT_RULE)?.kind;
  if (declared === 'nothing' || declared === kindFor(route)) return true;
  // A browser that a provider sends back comes by GET, and as nobody.
  return declared === 'noted' && permissionOf(route) === undefined;
}

function permissionOf(route: DeclaredRoute): string | undefined {
  const access = route.metadata<AccessRule>(ACCESS_RULE);
  return access?.kind === 'permission' ? access.permission : undefined;
}

/** What `executions:read` shows is payloads, and auditors have it. Whatever else only asks to read changes nothing. */
function kindFor(route: DeclaredRoute): AuditRule['kind'] | undefined {
  const permission = permissionOf(route);
  if (permission === 'executions:read') return 'read';
  if (route.method === 'GET') return undefined;
  if (permission === undefined) return 'noted';
  return permission.endsWith(':read') ? 'read' : 'change';
}
