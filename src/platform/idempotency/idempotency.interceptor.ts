import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, of, type Observable } from 'rxjs';
import type { IdSource } from '#libs/kernel';
import { ID_SOURCE } from '../tokens.ts';
import { rememberCreationIds, seededIds } from './creation-ids.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { Fingerprints } from './fingerprints.ts';
import { IdempotentRuns } from './idempotent-runs.ts';
import { keyedRequestOf } from './keyed-request.ts';

/**
 * Around the handlers with `@Idempotent()`, after the guards and before the body is looked at. Without an
 * `Idempotency-Key` it does nothing but give fresh ids.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly runs: IdempotentRuns,
    private readonly fingerprints: Fingerprints,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    if (header === undefined) {
      rememberCreationIds(request, this.ids);
      return next.handle();
    }
    // Node joins a header that came twice, so this is one string.
    const keyed = keyedRequestOf(request, parseIdempotencyKey(String(header)), this.fingerprints);
    const reply = http.getResponse<FastifyReply>();
    const value = await this.runs.once(keyed, reply, ({ seed, createdMs }) => {
      rememberCreationIds(request, seededIds(seed, createdMs));
      return lastValueFrom(next.handle(), { defaultValue: undefined });
    });
    return of(value);
  }
}
