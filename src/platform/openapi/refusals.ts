import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { IdKind } from '#libs/kernel';
import { ACCESS_RULE, type AccessRule } from '../access/access.decorators.ts';
import { MEMBER_ROLES, isGranted } from '../access/permissions.ts';
import { idKindOf, notFoundCode } from '../http/id-param.ts';
import { IDEMPOTENT } from '../idempotency/idempotent.ts';
import { isLimited } from '../rate-limit/api-rate-limit.ts';
import type { DeclaredRoute } from '../routes/declared-routes.ts';
import { OPERATION, type OperationInfo } from './operation.ts';

/** Codes of refusals by status. */
export type Refusals = Readonly<Record<number, readonly string[]>>;

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

const BODY: Refusals = {
  400: ['MALFORMED_JSON', 'INCOMPLETE_BODY', 'JSON_TOO_DEEP', 'INVALID_REQUEST'],
  413: ['BODY_TOO_LARGE'],
  415: ['UNSUPPORTED_MEDIA_TYPE'],
};
const INPUT: Refusals = { 400: ['INVALID_REQUEST'] };
const CURSOR: Refusals = { 400: ['INVALID_CURSOR'] };
const TOKEN: Refusals = { 401: ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'API_KEY_EXPIRED'] };
const ROLE: Refusals = { 403: ['FORBIDDEN'] };
const CREATION: Refusals = {
  400: ['INVALID_IDEMPOTENCY_KEY'],
  409: ['IDEMPOTENCY_ANSWER_NOT_KEPT', 'IDEMPOTENCY_KEY_IN_USE'],
  422: ['IDEMPOTENCY_KEY_REUSED'],
};
const ALWAYS: Refusals = {
  429: ['TOO_MANY_REQUESTS'],
  503: ['DATABASE_UNAVAILABLE', 'LOG_UNAVAILABLE', 'LOG_BUSY', 'SHUTTING_DOWN', 'TOO_BUSY'],
};

/** Everything that a route may refuse: what it says itself, and what it shares with all routes of its shape. */
export function refusalsOf(route: DeclaredRoute): Refusals {
  const own = route.metadata<OperationInfo>(OPERATION)?.refusals ?? {};
  return merged([...shapeRefusals(route), ...accessRefusals(route), own]);
}

function shapeRefusals(route: DeclaredRoute): Refusals[] {
  const takes = (kind: RouteParamtypes): boolean => route.arguments.some((argument) => argument.kind === kind);
  return [
    ...(WITH_BODY.has(route.method) ? [BODY] : []),
    ...(takes(RouteParamtypes.QUERY) ? [INPUT] : []),
    ...(takesCursor(route) ? [CURSOR] : []),
    ...(route.metadata(IDEMPOTENT) ? [CREATION] : []),
    ...idKindsOf(route).map((kind) => ({ 404: [notFoundCode(kind)] })),
    ...(isLimited(route.path) ? [ALWAYS] : []),
  ];
}

function accessRefusals(route: DeclaredRoute): Refusals[] {
  const rule = route.metadata<AccessRule>(ACCESS_RULE);
  if (rule?.kind !== 'permission') return [];
  const isForAll = MEMBER_ROLES.every((role) => isGranted(role, rule.permission));
  return isForAll ? [TOKEN] : [TOKEN, ROLE];
}

function idKindsOf(route: DeclaredRoute): IdKind[] {
  return route.arguments.flatMap(({ pipes }) => pipes.flatMap((pipe) => idKindOf(pipe) ?? []));
}

function takesCursor(route: DeclaredRoute): boolean {
  return route.arguments.some(
    ({ kind, schema }) => kind === RouteParamtypes.QUERY && namesOf(schema).includes('cursor'),
  );
}

function namesOf(schema: unknown): string[] {
  const shape = typeof schema === 'object' && schema !== null && 'shape' in schema ? schema.shape : undefined;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

function merged(all: readonly Refusals[]): Refusals {
  const codes = new Map<number, Set<string>>();
  for (const refusals of all) {
    for (const [status, added] of Object.entries(refusals)) {
      const known = codes.get(Number(status)) ?? new Set<string>();
      codes.set(Number(status), known);
      for (const code of added) known.add(code);
    }
  }
  return Object.fromEntries([...codes].map(([status, known]) => [status, [...known].toSorted()]));
}
