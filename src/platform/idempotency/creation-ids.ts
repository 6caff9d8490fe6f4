import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvariantError, type IdKind, type IdSource } from '#libs/kernel';
import { derivedId } from '../ids.ts';

/**
 * Ids of what one request makes. With an `Idempotency-Key` they are the same each time that the request is carried out:
 * when a process dies after it made something and before it could say so, the next run makes the same thing again, and
 * whoever stores it sees that it is there.
 */
export type CreationIds = Pick<IdSource, 'newId'>;

const creationIds = new WeakMap<FastifyRequest, CreationIds>();

export function rememberCreationIds(request: FastifyRequest, ids: CreationIds): void {
  creationIds.set(request, ids);
}

/** Of a request to a route with `@Idempotent()`. */
export function creationIdsOf(request: FastifyRequest): CreationIds {
  const ids = creationIds.get(request);
  if (!ids) throw new InvariantError('creation ids on a route that is not idempotent');
  return ids;
}

/** The same as a parameter of the handler. */
export const CreationIds = createParamDecorator((_: unknown, context: ExecutionContext): CreationIds => {
  return creationIdsOf(context.switchToHttp().getRequest<FastifyRequest>());
});

/** The first, second … id of a kind that is asked for is always the same for one seed. `createdMs`: when it was made. */
export function seededIds(seed: string, createdMs: number): CreationIds {
  const given = new Map<IdKind, number>();
  return {
    newId: (kind) => {
      const place = given.get(kind) ?? 0;
      given.set(kind, place + 1);
      const chance = createHash('sha256')
        .update(JSON.stringify([seed, kind, place]))
        .digest();
      return derivedId(kind, createdMs, chance);
    },
  };
}
